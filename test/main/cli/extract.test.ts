/** `heschl extract`: transformers' numbers through the real command; see test/reference/activations/README.md. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openModel, streamActivations } from '../../../src-main/activations/index.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { everyRow, folderOf, largestDifference, longAudio, readAudio, readTensors } from '../activations/reference.ts'
import { floatWav } from './floatWav.ts'
import { heschl as heschlIn, start } from './heschl.ts'

let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-extract-'))
  await writeFile(join(folder, 'speech.wav'), floatWav(await readAudio()))
  await writeFile(join(folder, 'long.wav'), floatWav(await longAudio(16_000 * 5 + 777)))
})
afterAll(() => rm(folder, { recursive: true }))

const whole = ({ shape, data }: { shape: readonly number[]; data: Float32Array }): Matrix32 => ({
  rows: shape[0],
  cols: shape[1],
  data,
})

/** Layers of which the reference keeps only every n-th frame. */
const keptRows: Readonly<Record<string, number>> = { conv0: 8, conv1: 4, conv2: 2 }
const error = (stdout: string) => (JSON.parse(stdout) as { error: { code: string; message: string } }).error

test('wav2vec 2.0’s quantizer: codes in the file, their perplexity in the report', async () => {
  const args = ['--audio', 'speech.wav', '--window', '10/5', '--out', 'codes.safetensors', '--json']
  const layers = 'quantizer.indices,quantizer.projected'
  const { code, stdout } = await heschl('extract', '--model', folderOf('quantizer-320'), '--layers', layers, ...args)
  expect(code).toBe(0)
  const codes = (await readTensors(join(folder, 'codes.safetensors'))).get('quantizer.indices')!
  expect(codes.data.every((value) => Number.isInteger(value) && value >= 0 && value < 320)).toBe(true)
  const [{ codePerplexity }] = (JSON.parse(stdout) as { files: { codePerplexity: number }[] }).files
  const expected = [0, 1].map((group) => {
    const column = codes.data.filter((_, i) => i % 2 === group)
    const shares = [...new Set(column)].map((value) => column.filter((x) => x === value).length / column.length)
    return Math.exp(-shares.reduce((sum, p) => sum + p * Math.log(p + 1e-7), 0))
  })
  expect(codePerplexity).toBeCloseTo(expected[0] + expected[1], 9)
})

test('Whisper: its encoder’s layers, in windows; a whole recording of more than 30 s is refused', async () => {
  const args = [
    '--audio',
    'speech.wav',
    '--layers',
    'all',
    '--window',
    '10/5',
    '--out',
    'whisper.safetensors',
    '--json',
  ]
  const { code, stdout } = await heschl('extract', '--model', folderOf('whisper-1'), ...args)
  expect(code).toBe(0)
  const { files } = JSON.parse(stdout) as { files: { layers: { name: string; shape: number[] }[] }[] }
  expect(files[0].layers.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['conv0', 60, 12],
    ...['conv1', 'embedding', 'transf0', 'transf1', 'transf1.norm'].map((name) => [name, 30, 12]),
  ])
  await writeFile(join(folder, 'minute.wav'), floatWav(await longAudio(16_000 * 31)))
  const whole = [
    '--audio',
    'minute.wav',
    '--layers',
    'conv0',
    '--window',
    'none',
    '--out',
    'none.safetensors',
    '--json',
  ]
  const refused = await heschl('extract', '--model', folderOf('whisper-1'), ...whole)
  expect(error(refused.stdout).code).toBe('OPTION_INVALID')
})

describe('agreement with transformers, largest difference below 1e-4 of each layer’s SD', () => {
  test.each([
    ['wav2vec2-1', 'none'],
    ['wav2vec2-stable-1', '10/5'],
  ])('%s, window %s', async (model, window) => {
    const out = `${model}.safetensors`
    const args = ['--audio', 'speech.wav', '--layers', 'all', '--window', window, '--out', out, '--json']
    const { code, stdout } = await heschl('extract', '--model', folderOf(model), ...args)
    expect(code).toBe(0)
    const found = await readTensors(join(folder, out))
    const expected = await readTensors(join(folderOf(model), 'reference.safetensors'))
    expect(new Set(found.keys())).toEqual(new Set(expected.keys()))
    for (const [layer, tensor] of found) {
      const rows = everyRow(whole(tensor), keptRows[layer] ?? 1)
      expect(largestDifference(rows, expected.get(layer)!.data), layer).toBeLessThan(1e-4)
    }
    const { files } = JSON.parse(stdout) as {
      files: { out: string; provider: string; layers: { name: string; shape: number[]; hopSeconds: number }[] }[]
    }
    expect(files).toMatchObject([{ out: join(folder, out), audioSeconds: 0.6, provider: 'cpu' }])
    expect(files[0].layers.map(({ name, shape }) => [name, shape])).toEqual(
      [...found].map(([name, { shape }]) => [name, shape]),
    )
    expect(files[0].layers.at(-1)!.hopSeconds).toBe(0.02)
  })
})

test('windows are written where they belong: the file is what the blocks are, one after the other', async () => {
  const checkpoint = folderOf('wav2vec2-1')
  const layers = ['conv0', 'transf1']
  const args = ['--layers', layers.join(), '--window', '1/0.5', '--out', 'long.safetensors']
  expect((await heschl('extract', '--model', checkpoint, '--audio', 'long.wav', ...args)).code).toBe(0)
  const model = await openModel({ checkpoint }, { layers, threads: 1 })
  const expected = new Map<string, number[]>(layers.map((layer) => [layer, []]))
  await streamActivations(model, await longAudio(16_000 * 5 + 777), {
    windowSeconds: 1,
    strideSeconds: 0.5,
    onBlock: (layer, _first, { data }) => {
      for (const value of data) expected.get(layer)!.push(value)
    },
  })
  await model.close()
  const found = await readTensors(join(folder, 'long.safetensors'))
  expect([...found.keys()]).toEqual(layers)
  for (const [layer, { data }] of found)
    expect(largestDifference(data, Float32Array.from(expected.get(layer)!)), layer).toBeLessThan(1e-5)
})

test('several recordings of an architecture and a seed go to a folder', async () => {
  const args = ['--layers', 'transf7', '--window', '10/5', '--out', 'several', '--json']
  const audio = ['--audio', 'speech.wav', 'long.wav']
  const { code, stdout } = await heschl('extract', '--model', 'wav2vec2-demo', '--seed', '3', ...audio, ...args)
  expect(code).toBe(0)
  expect(await readdir(join(folder, 'several'))).toEqual(['long.safetensors', 'speech.safetensors'])
  expect((JSON.parse(stdout) as { files: { model: string }[] }).files[0].model).toContain('random weights, seed 3')
  expect((await readTensors(join(folder, 'several', 'speech.safetensors'))).get('transf7')!.shape).toEqual([29, 160])
})

describe('failures leave nothing behind', () => {
  const demo = ['extract', '--model', 'wav2vec2-demo', '--seed', '1', '--json']
  const rest = ['--layers', 'all', '--window', '10/5']

  test.each([
    [[...demo, ...rest, '--audio', 'nowhere.wav', '--out', 'a.safetensors'], 1, 'FILE_MISSING'],
    [[...demo, ...rest, '--audio', 'speech.wav', '--out', 'no-folder/a.safetensors'], 1, 'FILE_MISSING'],
    [[...demo, ...rest, '--audio', 'speech.wav', '--out', 'speech.wav'], 2, 'OPTION_INVALID'],
    [[...demo, ...rest, '--audio', 'speech.wav', './speech.wav', '--out', 'b'], 2, 'OPTION_INVALID'],
    [[...demo, '--layers', 'all', '--window', '10', '--audio', 'speech.wav', '--out', 'c'], 2, 'OPTION_INVALID'],
    [[...demo, '--layers', 'conv9', '--window', 'none', '--audio', 'speech.wav', '--out', 'c'], 2, 'OPTION_INVALID'],
    [[...demo, '--layers', 'all', '--window', '1/3', '--audio', 'speech.wav', '--out', 'c'], 2, 'OPTION_INVALID'],
    [['extract', '--model', 'wav2vec2-demo', ...rest, '--audio', 'speech.wav', '--out', 'c'], 1, 'FILE_MISSING'],
    [
      ['extract', '--model', 'elsewhere', '--seed', '1', ...rest, '--audio', 'speech.wav', '--out', 'c'],
      2,
      'OPTION_INVALID',
    ],
  ])('%j', async (args, exit, expected) => {
    const before = await readdir(folder)
    const { code, stdout } = await heschl(...args, ...(args.includes('--json') ? [] : ['--json']))
    expect(code).toBe(exit)
    expect(error(stdout).code).toBe(expected)
    expect(await readdir(folder)).toEqual(before)
  })

  test('a folder under the name of the file stays as it is', async () => {
    await mkdir(join(folder, 'taken'))
    const args = [...demo, '--layers', 'conv6', '--window', 'none', '--audio', 'speech.wav', '--out', 'taken']
    const { code, stdout } = await heschl(...args)
    expect([code, error(stdout).code]).toEqual([1, 'FILE_UNREADABLE'])
    expect(await readdir(join(folder, 'taken'))).toEqual([])
  })

  test('one pass over more than fits in memory is refused before it begins', async () => {
    // An hour of silence, as a WAV whose samples a file system need not store.
    const samples = 16_000 * 3600
    const header = Buffer.from(floatWav(new Float32Array(0)))
    header.writeUInt32LE(36 + 4 * samples, 4)
    header.writeUInt32LE(4 * samples, 40)
    const path = join(folder, 'hours.wav')
    await writeFile(path, header)
    await truncate(path, 44 + 4 * samples)
    const args = [...demo, '--layers', 'transf7', '--window', 'none', '--audio', 'hours.wav', '--out', 'hours']
    const { code, stdout } = await heschl(...args)
    await rm(path)
    expect(code).toBe(2)
    expect(error(stdout).message).toMatch(
      /One pass over 3600\.0 s .* half of this machine's memory[^]*found: \d+\.\d GB/,
    )
  }, 120_000)

  test.skipIf(process.platform === 'win32')(
    'an interrupt exits with 130 (skipped on Windows: no SIGINT can be sent there)',
    async () => {
      const args = ['--layers', 'all', '--window', '5/0.02', '--audio', 'long.wav', '--out', 'stopped.safetensors']
      const { child, ended } = start(folder, 'extract', '--model', 'wav2vec2-base', '--seed', '1', ...args)
      child.stderr.once('data', () => child.kill('SIGINT'))
      const { code, stdout, stderr } = await ended
      expect([code, stdout]).toEqual([130, ''])
      expect(stderr).toContain('Stopped; nothing was written')
      expect(existsSync(join(folder, 'stopped.safetensors'))).toBe(false)
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
    },
    60_000,
  )
})

test('causal windows and norms of the recording, recorded with the result', async () => {
  const model = folderOf('hubert-1')
  const args = ['--model', model, '--layers', 'conv4,transf1', '--audio', 'long.wav', '--out', 'causal.safetensors']
  const { code, stdout } = await heschl('extract', ...args, '--window', 'causal:2/0.5', '--norm', 'recording', '--json')
  expect(code).toBe(0)
  const report = JSON.parse(stdout) as { window: unknown; norm: string; files: { windows: unknown; norm: string }[] }
  expect(report).toMatchObject({ window: { contextSeconds: 2, stepSeconds: 0.5 }, norm: 'recording' })
  // Ten steps of half a second and what is left of 5.05 s; 0.5, 1, 1.5 s, then 2 s each.
  expect(report.files[0]).toMatchObject({ norm: 'recording', windows: { windows: 11, longest: 32_000 } })
  const found = await readTensors(join(folder, 'causal.safetensors'))
  const opened = await openModel({ checkpoint: model }, { layers: ['conv4', 'transf1'], threads: 1, norm: 'recording' })
  const expected = await opened.run(await longAudio(16_000 * 5 + 777))
  await opened.close()
  expect(largestDifference(found.get('conv4')!.data, expected.get('conv4')!.data)).toBeLessThan(1e-5)
  expect(found.get('transf1')!.data.length).toBe(expected.get('transf1')!.data.length)
})

test('norms over a recording are of models that take a waveform', async () => {
  const model = ['--model', folderOf('whisper-1'), '--layers', 'conv0', '--audio', 'speech.wav', '--window', '10/5']
  const { code, stdout } = await heschl('extract', ...model, '--norm', 'recording', '--out', 'no.safetensors', '--json')
  expect(code).not.toBe(0)
  expect(error(stdout)).toMatchObject({ code: 'OPTION_INVALID' })
})
