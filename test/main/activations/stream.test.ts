import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openModel, streamActivations, type SpeechModel } from '../../../src-main/activations/index.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { folderOf, largestDifference, longAudio } from './reference.ts'

const rate = 16000

/** Streams, and checks on the way that blocks are contiguous, in order, and never touched again. */
async function collect(model: SpeechModel, samples: Float32Array, windowSeconds: number, strideSeconds: number) {
  const blocks = new Map<string, { block: Matrix32; copy: Float32Array }[]>()
  let done = 0
  const { frames } = await streamActivations(model, samples, {
    windowSeconds,
    strideSeconds,
    onBlock(layer, firstFrame, block) {
      const before = blocks.get(layer) ?? []
      expect(firstFrame).toBe(before.reduce((sum, b) => sum + b.block.rows, 0))
      expect(block.data.length).toBe(block.rows * block.cols)
      blocks.set(layer, [...before, { block, copy: block.data.slice() }])
    },
    onProgress(doneSeconds, totalSeconds) {
      expect(totalSeconds).toBe(samples.length / rate)
      expect(doneSeconds).toBeGreaterThan(done)
      done = doneSeconds
    },
  })
  expect(done).toBe(samples.length / rate)
  const joined = new Map<string, Matrix32>()
  for (const [layer, parts] of blocks) {
    const cols = parts[0].block.cols
    const data = Float32Array.from(parts.flatMap(({ copy }) => [...copy]))
    expect(Float32Array.from(parts.flatMap(({ block }) => [...block.data]))).toEqual(data)
    expect(frames.get(layer)).toBe(data.length / cols)
    joined.set(layer, { data, rows: data.length / cols, cols })
  }
  return joined
}

/**
 * The scheme spelt out the slow way: every window computed alone, every frame's values gathered by the sample at which
 * the frame starts, and averaged in float64.
 */
async function direct(model: SpeechModel, samples: Float32Array, windows: readonly (readonly [number, number])[]) {
  const gathered = new Map<string, Map<number, Float64Array[]>>()
  for (const [start, end] of windows) {
    for (const [layer, { data, rows, cols }] of await model.run(samples.slice(start, end))) {
      const { hop } = model.description.layers.find(({ name }) => name === layer)!
      const places = gathered.get(layer) ?? new Map<number, Float64Array[]>()
      gathered.set(layer, places)
      for (let row = 0; row < rows; row++) {
        const place = start + row * hop
        places.set(place, [
          ...(places.get(place) ?? []),
          Float64Array.from(data.subarray(row * cols, (row + 1) * cols)),
        ])
      }
    }
  }
  const means = new Map<string, Float32Array>()
  for (const [layer, places] of gathered) {
    const inOrder = [...places.keys()].sort((a, b) => a - b)
    const rows = inOrder.map((place) => {
      const values = places.get(place)!
      return values[0].map((_, unit) => values.reduce((sum, row) => sum + row[unit], 0) / values.length)
    })
    means.set(layer, Float32Array.from(rows.flatMap((row) => [...row])))
  }
  return means
}

const w = rate // one second
describe.each([
  // window, stride (seconds), samples, the windows that result
  {
    name: 'a tail',
    window: 1,
    stride: 0.5,
    total: 30_000,
    windows: [
      [0, w],
      [8000, w + 8000],
      [16_000, 30_000],
    ],
  },
  {
    name: 'no tail',
    window: 1,
    stride: 0.5,
    total: 24_000,
    windows: [
      [0, w],
      [8000, 24_000],
    ],
  },
  {
    name: 'one sample of tail',
    window: 1,
    stride: 0.5,
    total: 24_001,
    windows: [
      [0, w],
      [8000, 24_000],
      [16_000, 24_001],
    ],
  },
  { name: 'shorter than a window', window: 1, stride: 0.5, total: 12_345, windows: [[0, 12_345]] },
  {
    name: 'four windows over each frame',
    window: 0.8,
    stride: 0.2,
    total: 17_000,
    windows: [
      [0, 12_800],
      [3200, 16_000],
      [6400, 17_000],
    ],
  },
  {
    // What is left after the last window is shorter than 400 samples: it starts one hop (320) earlier.
    name: 'windows that hardly overlap',
    window: 0.505,
    stride: 0.5,
    total: 24_180,
    windows: [
      [0, 8080],
      [8000, 16_080],
      [16_000, 24_080],
      [23_680, 24_180],
    ],
  },
] as const)('wav2vec 2.0, $name', ({ window, stride, total, windows }) => {
  test.each(['wav2vec2-1', 'wav2vec2-stable-1'])('%s streams what its windows give, averaged', async (name) => {
    const layers = ['conv0', 'conv4', 'projection', 'transf2']
    const model = await openModel({ checkpoint: folderOf(name) }, { layers, threads: 1 })
    const samples = await longAudio(total)
    const found = await collect(model, samples, window, stride)
    const expected = await direct(model, samples, windows)
    await model.close()
    expect([...found.keys()]).toEqual(layers)
    for (const [layer, matrix] of found) {
      const { hop, receptiveField } = model.description.layers.find((l) => l.name === layer)!
      expect(matrix.rows, layer).toBe(Math.floor((total - receptiveField) / hop) + 1)
      expect(largestDifference(matrix.data, expected.get(layer)!), layer).toBeLessThan(1e-6)
    }
  })
})

test('convolutions without a norm over the window give in windows what they give in one piece', async () => {
  // layer-post: layer norm per frame, audio as it is. Its receptive field is short and its hop 60 samples.
  const model = await openModel(
    { checkpoint: folderOf('layer-post') },
    { layers: ['conv0', 'conv1', 'conv2'], threads: 1 },
  )
  const samples = await longAudio(20_011)
  const whole = await model.run(samples)
  const found = await collect(model, samples, 0.45, 0.15)
  await model.close()
  for (const [layer, matrix] of found) {
    expect(matrix.rows).toBe(whole.get(layer)!.rows)
    expect(largestDifference(matrix.data, whole.get(layer)!.data), layer).toBeLessThan(1e-5)
  }
})

/** Layers whose frames are the exact sums of their samples: windows must not show in the result at all. */
function sumModel(shapes: readonly { hop: number; receptiveField: number }[]): SpeechModel {
  const layers = shapes.map(({ hop, receptiveField }, i) => ({
    name: `conv${i}`,
    units: 1,
    hop,
    receptiveField,
    firstCentre: (receptiveField - 1) / 2,
  }))
  return {
    description: { description: 'sums', layers, parameters: 0, sampleRate: 16000, normalize: false },
    provider: 'cpu',
    differenceFromCpu: () => undefined,
    async run(samples) {
      return new Map(
        layers.map(({ name, hop, receptiveField }) => {
          const rows = Math.floor((samples.length - receptiveField) / hop) + 1
          const data = Float32Array.from({ length: rows }, (_, row) =>
            samples.subarray(row * hop, row * hop + receptiveField).reduce((sum, x) => sum + x, 0),
          )
          return [name, { data, rows, cols: 1 }]
        }),
      )
    },
    async close() {},
  }
}

test('any window and stride give every frame of the recording, once and in place', async () => {
  const cases = fc.record({
    strides: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    extra: fc.integer({ min: 0, max: 6 }),
    strideHops: fc.integer({ min: 1, max: 6 }),
    spare: fc.integer({ min: 0, max: 60 }),
    length: fc.integer({ min: 0, max: 400 }),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ strides, extra, strideHops, spare, length }) => {
      let hop = 1
      let receptiveField = 1
      const shapes = strides.map((stride) => {
        receptiveField += (stride + extra - 1) * hop
        hop *= stride
        return { hop, receptiveField }
      })
      const model = sumModel(shapes)
      const stride = strideHops * hop
      const window = stride + receptiveField + spare
      const samples = Float32Array.from({ length: receptiveField + length }, (_, i) => (i * 7919) % 64)
      const expected = await model.run(samples)
      const found = await collect(model, samples, window / rate, stride / rate)
      for (const [layer, matrix] of expected) expect(found.get(layer)).toEqual(matrix)
    }),
    { numRuns: 300 },
  )
})

describe('errors', () => {
  const open = () => openModel({ checkpoint: folderOf('wav2vec2-1') }, { layers: ['transf0'], threads: 1 })
  const options = { windowSeconds: 1, strideSeconds: 0.5, onBlock: () => {} }

  test.each([0, 1, 399])('a recording of %i samples is shorter than one frame', async (length) => {
    const model = await open()
    await expect(streamActivations(model, new Float32Array(length), options)).rejects.toMatchObject({
      code: 'AUDIO_INVALID',
      parts: { expected: '400 samples (25 ms) or more', found: `${length} samples (${length / 16} ms)` },
    })
    await model.close()
  })

  test('400 samples are one frame', async () => {
    const model = await open()
    const { frames } = await streamActivations(model, await longAudio(400), options)
    expect([...frames]).toEqual([['transf0', 1]])
    await model.close()
  })

  test.each([
    { windowSeconds: 1, strideSeconds: 0.51 },
    { windowSeconds: 1, strideSeconds: 0 },
    { windowSeconds: 1, strideSeconds: -0.5 },
    { windowSeconds: 1, strideSeconds: NaN },
    { windowSeconds: NaN, strideSeconds: 0.5 },
    { windowSeconds: Infinity, strideSeconds: 0.5 },
    { windowSeconds: 1, strideSeconds: 1 },
    { windowSeconds: 0.01, strideSeconds: 0.02 },
  ])('windows of $windowSeconds s every $strideSeconds s are refused', async (times) => {
    const model = await open()
    const samples = await longAudio(32_000)
    await expect(streamActivations(model, samples, { ...options, ...times })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
    await model.close()
  })

  test('the shortest window that the message names is enough, and a sample less is not', async () => {
    const model = await open()
    const samples = await longAudio(20_000)
    const error = await streamActivations(model, samples, { ...options, windowSeconds: 0.5 }).catch((e: unknown) => e)
    expect(error).toMatchObject({ parts: { expected: 'a window of at least 0.505 s for this stride' } })
    const { frames } = await streamActivations(model, samples, { ...options, windowSeconds: 0.505 })
    expect(frames.get('transf0')).toBe(62)
    const less = { ...options, windowSeconds: 0.505 - 1 / rate }
    await expect(streamActivations(model, samples, less)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await model.close()
  })

  test('a value that is not finite', async () => {
    const model = await open()
    const samples = await longAudio(20_000)
    samples[17_000] = NaN
    await expect(streamActivations(model, samples, options)).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
    await model.close()
  })

  test('cancelling stops before the next window, with whole blocks delivered', async () => {
    const model = await open()
    let blocks = 0
    const cancelled = streamActivations(model, await longAudio(64_000), {
      ...options,
      onBlock: () => void blocks++,
      cancelled: () => blocks === 2,
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(blocks).toBe(2)
    await model.close()
  })

  test('a failure of whoever takes the blocks is passed on', async () => {
    const model = await open()
    const failing = { ...options, onBlock: () => Promise.reject(new Error('disk')) }
    await expect(streamActivations(model, await longAudio(20_000), failing)).rejects.toThrow('disk')
    await model.close()
  })
})

test('silence gives finite activations', async () => {
  const model = await openModel({ checkpoint: folderOf('wav2vec2-stable-1') }, { layers: ['transf2'], threads: 1 })
  const found = await model.run(new Float32Array(8000))
  expect(found.get('transf2')!.data.every(Number.isFinite)).toBe(true)
  await model.close()
})

test('a loud and a quiet recording are one to a model that normalises', async () => {
  const model = await openModel({ checkpoint: folderOf('wav2vec2-stable-1') }, { layers: ['transf2'], threads: 1 })
  const samples = await longAudio(16_000)
  const loud = await model.run(samples.map((x) => x * 50 + 3))
  const found = await model.run(samples)
  expect(largestDifference(loud.get('transf2')!.data, found.get('transf2')!.data)).toBeLessThan(1e-2)
  await model.close()
})
