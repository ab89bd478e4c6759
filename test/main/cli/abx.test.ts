/** `heschl abx` and `heschl listeners` through the real command; distances are tested in test/main/behaviour. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { folderOf, longAudio, readTensors } from '../activations/reference.ts'
import { floatWav } from './floatWav.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
let audio: Float32Array
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)
const model = folderOf('layer-post')
const items = [
  { index: '1', onset: 0.1, offset: 0.35 },
  { index: '2', onset: 0.5, offset: 0.9 },
  { index: '3', onset: 1.2, offset: 1.5 },
]
const triplets = [
  { filename: 'EN1', TGT: 'ɪ', OTH: 'i', TGT_item: '1', OTH_item: '2', X_item: '3', TGT_first: 'True' },
  { filename: 'EN2', TGT: 'ɪ', OTH: 'i', TGT_item: '1', OTH_item: '2', X_item: '3', TGT_first: 'False' },
  { filename: 'EN3', TGT: 'i', OTH: 'ɪ', TGT_item: '2', OTH_item: '3', X_item: '1', TGT_first: 'True' },
]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-abx-'))
  audio = await longAudio(32_000)
  await mkdir(join(folder, 'wav'))
  await writeFile(join(folder, 'wav', 'speech.wav'), floatWav(audio))
  const rows = items.map(({ index, onset, offset }) => [index, 'speech', onset, offset].join('\t'))
  await writeFile(join(folder, 'items.csv'), ['index\t#file\tonset\toffset', ...rows].join('\n'))
  await writeFile(join(folder, 'triplets.csv'), table(triplets))
})
afterAll(() => rm(folder, { recursive: true }))

const table = (rows: readonly Readonly<Record<string, string>>[]) =>
  [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map((row) => row.join('\t')).join('\n')

const abx = (...more: readonly string[]) => {
  const tables = ['--triplets', 'triplets.csv', '--items', 'EN=items.csv', '--audio', 'wav']
  return heschl('abx', '--model', model, '--layers', 'transf1', ...tables, '--out', 'out.tsv', '--json', ...more)
}

/** 1 - cos of all pairs of frames, and the cheapest path by the textbook's recursion. */
function distance(a: Matrix32, b: Matrix32): number {
  const frame = ({ data, cols }: Matrix32, i: number) => data.subarray(i * cols, (i + 1) * cols)
  const product = (u: Float32Array, v: Float32Array) => u.reduce((sum, value, k) => sum + value * v[k], 0)
  const cost = (i: number, j: number) => {
    const [u, v] = [frame(a, i), frame(b, j)]
    return 1 - product(u, v) / Math.sqrt(product(u, u) * product(v, v))
  }
  const known = new Map<string, number>()
  const best = (i: number, j: number): number => {
    if (i < 0 || j < 0) return Infinity
    const key = `${i} ${j}`
    if (!known.has(key)) {
      const before = i + j === 0 ? 0 : Math.min(best(i - 1, j - 1), best(i - 1, j), best(i, j - 1))
      known.set(key, before + cost(i, j))
    }
    return known.get(key)!
  }
  return best(a.rows - 1, b.rows - 1) / Math.max(a.rows, b.rows)
}

async function extracted(name: string, samples: Float32Array, window: string): Promise<Matrix32> {
  await writeFile(join(folder, `${name}.wav`), floatWav(samples))
  const out = `${name}.safetensors`
  const what = ['--model', model, '--layers', 'transf1', '--audio', `${name}.wav`, '--window', window, '--out', out]
  expect((await heschl('extract', ...what)).code).toBe(0)
  const { shape, data } = (await readTensors(join(folder, out))).get('transf1')!
  return { rows: shape[0], cols: shape[1], data }
}

async function deltas(): Promise<readonly number[]> {
  const [header, ...rows] = (await readFile(join(folder, 'out.tsv'), 'utf8')).trim().split('\n')
  expect(header.split('\t').at(-1)).toBe('delta_transf1')
  return rows.map((row) => Number(row.split('\t').at(-1)))
}

function expected(frames: readonly Matrix32[]): readonly number[] {
  const between = (a: number, b: number) => distance(frames[a], frames[b])
  const first = between(1, 2) - between(0, 2)
  return [first, first, between(2, 0) - between(1, 0)]
}

function expectNear(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length)
  // Activations are float32: extract's differ in no digit, the distances' sums in the last ones of float64.
  for (const [i, value] of found.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(1e-9)
}

describe('heschl abx', () => {
  test('items heard alone: what extract and plain recursion give', async () => {
    const { code, stdout } = await abx()
    expect(code).toBe(0)
    const frames = []
    for (const { index, onset, offset } of items)
      frames.push(await extracted(index, audio.slice(Math.round(onset * 16e3), Math.round(offset * 16e3)), 'none'))
    const wanted = expected(frames)
    expectNear(await deltas(), wanted)
    const { layers } = JSON.parse(stdout) as {
      layers: readonly { accuracy: number; languages: object; contrasts: Record<string, { triplets: number }> }[]
    }
    expect(layers[0].accuracy).toBeCloseTo(wanted.filter((value) => value > 0).length / 3, 12)
    expect(Object.keys(layers[0].languages)).toEqual(['EN'])
    expect(layers[0].contrasts).toMatchObject({ 'i-ɪ EN': { triplets: 3 } })
  })

  test('items heard in their recording: the frames whose centres lie within them', async () => {
    expect((await abx('--hears', 'recording', '--window', '1.5/0.75')).code).toBe(0)
    const all = await extracted('all', audio, '1.5/0.75')
    const frames = items.map(({ onset, offset }): Matrix32 => {
      // Strides 5, 4, 3 and kernels 10, 4, 5: a frame is of 105 samples, every 60.
      const within = Array.from({ length: all.rows }, (_, f) => f).filter((f) => {
        const centre = (52 + 60 * f) / 16e3
        return centre >= onset && centre < offset
      })
      const data = all.data.subarray(within[0] * all.cols, (within.at(-1)! + 1) * all.cols)
      return { data, rows: within.length, cols: all.cols }
    })
    expectNear(await deltas(), expected(frames))
  })

  test('what cannot be done is told, with the line, and nothing is written', async () => {
    await rm(join(folder, 'out.tsv'), { force: true })
    const failed = async (args: readonly string[], code: string, text: string) => {
      const { stdout } = await abx(...args)
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
      expect(error.code).toBe(code)
      expect(error.message).toContain(text)
    }
    await writeFile(join(folder, 'wrong.csv'), table([{ ...triplets[0], X_item: '9' }]))
    await failed(['--triplets', 'wrong.csv'], 'FORMAT_INVALID', 'EN:9')
    await writeFile(
      join(folder, 'late.csv'),
      'index\t#file\tonset\toffset\n1\tspeech\t0.1\t900\n2\tspeech\t0\t1\n3\tspeech\t0\t1',
    )
    await failed(['--items', 'EN=late.csv'], 'AUDIO_INVALID', 'beyond the end')
    await writeFile(
      join(folder, 'short.csv'),
      'index\t#file\tonset\toffset\n1\tspeech\t0.1\t0.1005\n2\tspeech\t0\t1\n3\tspeech\t0\t1',
    )
    await failed(['--items', 'EN=short.csv'], 'AUDIO_INVALID', 'too short')
    await failed(['--audio', '.'], 'FILE_MISSING', 'speech')
    await failed(['--distance', 'kl'], 'NUMERICAL', 'negative')
    await expect(readFile(join(folder, 'out.tsv'))).rejects.toThrow()
  })
})

describe('heschl listeners', () => {
  const answers = resolve('test/reference/behaviour/listeners.csv')

  test('its report has the measures, with intervals that a seed repeats', async () => {
    const args = ['--answers', answers, '--models', 'model_en', '--listener', 'EN', '--samples', '10', '--json']
    const [first, second] = [await heschl('listeners', ...args), await heschl('listeners', ...args)]
    const report = (text: string) =>
      JSON.parse(text) as { models: readonly { rho: number; bootstrap: { rho: { low: number; high: number } } }[] }
    const [{ rho, bootstrap }] = report(first.stdout).models
    const fixture = JSON.parse(await readFile(resolve('test/reference/behaviour/listeners.json'), 'utf8')) as {
      rho: { EN: number }
    }
    expect(rho).toBeCloseTo(fixture.rho.EN, 9)
    expect(bootstrap.rho.low).toBeLessThan(bootstrap.rho.high)
    expect(report(second.stdout).models[0].bootstrap).toEqual(bootstrap)
  })

  test('deltas of heschl abx are added by triplet; a model or a group that is not there is told', async () => {
    const own = (await readFile(answers, 'utf8')).trim().split('\n')
    const names = [...new Set(own.slice(1).map((line) => line.split(',')[2]))]
    const rows = names.map((name, i) => `${name}\t${i / 100}`)
    await writeFile(join(folder, 'deltas.tsv'), ['triplet_id\tdelta_transf4', ...rows].join('\n'))
    const added = await heschl('listeners', '--answers', answers, '--deltas', 'deltas.tsv', '--json')
    expect(
      (JSON.parse(added.stdout) as { models: readonly { model: string }[] }).models.map(({ model }) => model),
    ).toEqual(['model_en', 'model_fr', 'transf4'])
    await writeFile(join(folder, 'some.tsv'), ['triplet_id\tdelta_transf4', rows[0]].join('\n'))
    for (const [args, text] of [
      [['--models', 'model_de'], 'model_en, model_fr'],
      [['--listener', 'DE'], 'EN'],
      [['--deltas', 'some.tsv'], 'triplet'],
    ] as const) {
      const { code, stdout } = await heschl('listeners', '--answers', answers, ...args, '--json')
      expect(code).not.toBe(0)
      expect((JSON.parse(stdout) as { error: { message: string } }).error.message).toContain(text)
    }
  })
})
