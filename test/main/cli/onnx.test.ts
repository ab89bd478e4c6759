/** Any ONNX model through the real command: its values listed, taps extracted by pattern, a study of it scored. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeModel } from '../../../src-main/activations/index.ts'
import type { ScoreTable } from '../../../src-main/contract/study.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { readTensors } from '../activations/reference.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-onnx-'))
  copyFileSync(resolve('test/reference/onnx/encoder.onnx'), join(folder, 'encoder.onnx'))
  const { path } = await makeSmallStudy(folder, { subjects: 1 })
  const models = [
    'models:',
    '  - id: mine',
    '    regime: other',
    '    onnx: encoder.onnx',
    "    taps: {'block*': '/blocks.*/last/LayerNormalization_output_0', head: logits}",
    '    input: {normalize: true}',
    '',
  ]
  const text = readFileSync(path, 'utf8').replace(/models:[^]*?(?=encoding:)/, models.join('\n'))
  writeFileSync(path, text)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('--list-taps: inputs, outputs, and every value with its operator and shape', async () => {
  const { code, stdout } = await heschl('extract', '--model', 'encoder.onnx', '--list-taps', '--json')
  expect(code).toBe(0)
  const { inputs, outputs, values } = JSON.parse(stdout) as {
    inputs: { name: string; type: string; shape: unknown[] }[]
    outputs: string[]
    values: { name: string; op: string; type: string | null; shape: unknown[] | null }[]
  }
  expect(inputs).toHaveLength(1)
  expect(inputs[0].type).toBe('float32')
  expect(outputs).toContain('logits')
  const blocks = values.filter(({ name }) => /^\/blocks\.\d+\/last\/LayerNormalization_output_0$/.test(name))
  expect(blocks.map(({ op, type }) => [op, type])).toEqual(blocks.map(() => ['LayerNormalization', 'float32']))
  expect(blocks).toHaveLength(2)
  // What is listed can be tapped.
  const taps = blocks.map(({ name }) => name)
  const { layers } = await describeModel({ onnx: join(folder, 'encoder.onnx'), taps, input: { normalize: true } })
  expect(layers.map(({ name }) => name)).toEqual(taps)
}, 60_000)

test('--taps PATTERN: the values that it names, whole and finite', async () => {
  const taps = ['/blocks.*/last/LayerNormalization_output_0']
  const { code, stdout } = await heschl(
    ...['extract', '--model', 'encoder.onnx', '--taps', taps[0], '--normalize', 'true', '--audio', 'run-1.wav'],
    ...['--window', '10/5', '--out', 'taps.safetensors', '--json'],
  )
  expect(code).toBe(0)
  const [{ layers }] = (JSON.parse(stdout) as { files: { layers: { name: string; shape: number[] }[] }[] }).files
  const written = await readTensors(join(folder, 'taps.safetensors'))
  const source = { onnx: join(folder, 'encoder.onnx'), taps, input: { normalize: true } }
  const described = (await describeModel(source)).layers.map(({ name }) => name)
  expect(described).toHaveLength(2)
  expect(layers.map(({ name }) => name)).toEqual(described)
  for (const { name, shape } of layers) {
    const { shape: stored, data } = written.get(name)!
    expect(stored).toEqual(shape)
    expect(data.every(Number.isFinite)).toBe(true)
  }
}, 60_000)

test('a study of it runs to scores, its layers named as the study says', async () => {
  const { code, stdout } = await heschl('run', 'study.yaml', '--json')
  expect(code).toBe(0)
  const { table } = JSON.parse(stdout) as { table: ScoreTable }
  expect(table.rows.map(({ model, layer }) => [model, layer])).toEqual([
    ['mine', 'block0'],
    ['mine', 'block1'],
    ['mine', 'head'],
  ])
  expect(table.rows.every(({ meanR }) => Number.isFinite(meanR))).toBe(true)
}, 120_000)
