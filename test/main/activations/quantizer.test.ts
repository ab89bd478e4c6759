/** wav2vec 2.0's quantizer against transformers: see test/reference/activations/README.md. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CodePerplexity,
  describeModel,
  layersNamed,
  openModel,
  streamActivations,
} from '../../../src-main/activations/index.ts'
import { folderOf, largestDifference, longAudio, readAudio, readTensors } from './reference.ts'

const layers = ['quantizer.indices', 'quantizer.codevectors', 'quantizer.projected']
/** Float32's noise in the logits cannot turn a choice whose margin is above this, in their SDs. */
const leastMargin = 1e-4

/** As generate_quantizer.py makes them. */
async function audioOf(length: 'short' | 'long'): Promise<Float32Array> {
  const audio = await readAudio()
  if (length === 'short') return audio.slice(0, 6400)
  const backwards = audio.toReversed()
  return Float32Array.from(
    [1, 0.5, 0.75, 1.25, 0.25].flatMap((gain, i) => Array.from(i % 2 ? backwards : audio, (x) => x * gain)),
  )
}

describe.each(['quantizer-320', 'quantizer-5', 'quantizer-40'])('%s', (name) => {
  const source = { checkpoint: folderOf(name) }

  test.each(['short', 'long'] as const)('codes, codevectors and perplexity of the %s audio', async (length) => {
    const expected = await readTensors(join(folderOf(name), 'reference.safetensors'))
    const margins = expected.get(`${length}/margin`)!.data
    const model = await openModel(source, { layers, threads: 1 })
    const found = await model.run(await audioOf(length))
    await model.close()
    expect([...found.keys()]).toEqual(layers)
    const indices = found.get('quantizer.indices')!
    expect(margins.every((margin) => margin > leastMargin)).toBe(true)
    expect(indices.data).toEqual(expected.get(`${length}/quantizer.indices`)!.data)
    for (const layer of layers.slice(1)) {
      expect(largestDifference(found.get(layer)!.data, expected.get(`${length}/${layer}`)!.data), layer).toBeLessThan(
        1e-5,
      )
    }
    const perplexity = new CodePerplexity()
    // In two blocks, as a stream gives them.
    const { data, rows, cols } = indices
    perplexity.add({ data: data.subarray(0, 7 * cols), rows: 7, cols })
    perplexity.add({ data: data.subarray(7 * cols), rows: rows - 7, cols })
    const reference = expected.get(`${length}/perplexity`)!.data[0]
    expect(Math.abs(perplexity.value()! / reference - 1)).toBeLessThan(1e-5)
  })
})

test('its layers come after the convolutions, and with their names alone', async () => {
  const description = await describeModel({ checkpoint: folderOf('quantizer-40') })
  expect(description.layers.map(({ name, units }) => [name, units])).toEqual([
    ...[6, 8, 10].map((units, i) => [`conv${i}`, units]),
    ['quantizer.indices', 4],
    ['quantizer.codevectors', 8],
    ['quantizer.projected', 10],
    ...['projection', 'embedding', 'transf0'].map((name) => [name, 12]),
  ])
  expect(layersNamed(description, 'all').some((layer) => layer.startsWith('quantizer'))).toBe(false)
  expect(layersNamed(description, ['transf0', 'quantizer.projected'])).toEqual(['quantizer.projected', 'transf0'])
})

test('fine-tuned and bare models have none', async () => {
  for (const name of ['group-stable', 'layer-post', 'hubert-1']) {
    const description = await describeModel({ checkpoint: folderOf(name) })
    expect(() => layersNamed(description, ['quantizer.indices'])).toThrow('The model has no layer "quantizer.indices"')
  }
})

test('codes of frames in two windows are the first one’s, never a mean', async () => {
  const model = await openModel({ checkpoint: folderOf('quantizer-320') }, { layers, threads: 1 })
  const audio = await longAudio(16_000 * 5)
  const streamed: number[] = []
  const window = { windowSeconds: 2, strideSeconds: 1 }
  await streamActivations(model, audio, {
    ...window,
    onBlock: (layer, _, { data }) => void (layer === 'quantizer.indices' && streamed.push(...data)),
  })
  const windows = await Promise.all(
    [0, 1, 2, 3].map(async (start) => await model.run(audio.subarray(start * 16_000, (start + 2) * 16_000))),
  )
  await model.close()
  const expected: number[] = []
  // 50 frames a second; a window has all of its frames but those that reach beyond its end.
  for (const [i, activations] of windows.entries()) {
    const { data } = activations.get('quantizer.indices')!
    expected.push(...data.subarray(Math.max(0, expected.length - i * 100)))
  }
  expect(streamed).toEqual(expected)
  expect(streamed.every(Number.isInteger)).toBe(true)
})

test('perplexity: one code is 1, codes all alike often are as many as they are, groups add up', () => {
  const of = (groups: readonly (readonly number[])[]) => {
    const perplexity = new CodePerplexity()
    const data = Float32Array.from(groups[0].flatMap((_, row) => groups.map((group) => group[row])))
    perplexity.add({ data, rows: groups[0].length, cols: groups.length })
    return perplexity.value()!
  }
  expect(of([[3, 3, 3]])).toBeCloseTo(1, 6)
  expect(
    of([
      [0, 1, 2, 3],
      [5, 5, 5, 5],
    ]),
  ).toBeCloseTo(5, 5)
  expect(new CodePerplexity().value()).toBeUndefined()
  const group = fc.array(fc.nat(319), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(group, (codes) => {
      const value = of([codes])
      const used = new Set(codes).size
      expect(value).toBeGreaterThan(1 - 1e-6)
      expect(value).toBeLessThan(used + 1e-6)
      expect(of([codes.toReversed()])).toBeCloseTo(value, 9)
    }),
  )
})

describe('a folder that', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'heschl-quantizer-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  async function copy(
    name: string,
    change: (config: Record<string, unknown>) => void,
    tensors = new Map<string, string>(),
  ) {
    const checkpoint = join(root, name)
    await cp(folderOf(name), checkpoint, { recursive: true })
    const config = JSON.parse(await readFile(join(checkpoint, 'config.json'), 'utf8')) as Record<string, unknown>
    change(config)
    await writeFile(join(checkpoint, 'config.json'), JSON.stringify(config))
    const file = join(checkpoint, 'model.safetensors')
    let bytes = await readFile(file)
    for (const [from, to] of tensors) {
      const at = bytes.indexOf(`"${from}"`)
      bytes = Buffer.concat([bytes.subarray(0, at + 1), Buffer.from(to), bytes.subarray(at + 1 + from.length)])
    }
    await writeFile(file, bytes)
    return describeModel({ checkpoint })
  }

  test('has a quantizer of another size than its config is refused', async () => {
    await expect(copy('quantizer-5', (config) => void (config.num_codevectors_per_group = 6))).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: '[1, 12, 6]', found: '[1, 10, 6]', where: { tensor: 'quantizer.codevectors' } },
    })
  })

  test('lacks a part of it has none', async () => {
    // A name of the same length, so that the header stays as long as it says.
    const renamed = new Map([['quantizer.weight_proj.bias', 'quantizer.weight_proj.none']])
    const { layers: found } = await copy('quantizer-5', () => undefined, renamed)
    expect(found.map(({ name }) => name)).toEqual([
      'conv0',
      'conv1',
      'conv2',
      'projection',
      'embedding',
      'transf0',
      'transf0.norm',
    ])
  })
})
