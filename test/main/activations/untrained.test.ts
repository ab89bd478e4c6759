import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { architectures, describeModel, modelFiles, openModel } from '../../../src-main/activations/index.ts'
import { generatorFor } from '../../../src-main/activations/random.ts'
import { xoshiro128 } from '../../../src-main/linalg/xoshiro.ts'
import { tensorsOf } from '../../../src-main/activations/tensors.ts'
import { untrained } from '../../../src-main/activations/untrained.ts'
import { writeCheckpoint } from '../../../src-main/activations/writeCheckpoint.ts'
import { largestDifference, longAudio, readTensors } from './reference.ts'

test('xoshiro128** gives what the published algorithm gives', () => {
  // Computed with a separate implementation of https://prng.di.unimi.it/xoshiro128starstar.c in Python's integers.
  const expected = new Map([
    [
      [1, 2, 3, 4],
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    ],
    [
      [0xffffffff, 0x80000000, 0x12345678, 0xdeadbeef],
      [576, 1717984802, 3132615403, 599565325, 4169512312, 4205070394, 4155982756, 3608066374],
    ],
  ] as const)
  for (const [state, values] of expected) {
    const next = xoshiro128(state)
    expect(values.map(() => next())).toEqual(values)
  }
})

test('a tensor has its own stream, and so has a seed', () => {
  const first = (seed: number, tensor: string) => generatorFor(seed, tensor)()
  expect(new Set([first(1, 'a'), first(2, 'a'), first(1, 'b'), first(11, 'a'), first(1, '1/a')]).size).toBe(5)
  expect(first(1, 'a')).toBe(first(1, 'a'))
})

describe('architectures', () => {
  test('have the published sizes', async () => {
    // transformers' classes count masked_spec_embed (for training) and weight norm's 128 lengths as well.
    const counts = await Promise.all(
      architectures.map(async (architecture) => (await describeModel({ architecture, seed: 0 })).parameters),
    )
    expect(Object.fromEntries(architectures.map((name, i) => [name, counts[i]]))).toEqual({
      'wav2vec2-base': 94_371_712 - 768 - 128,
      'wav2vec2-large': 315_438_720 - 1024 - 128,
      'hubert-base': 94_371_712 - 768 - 128,
      'wavlm-base': 94_381_936 - 768 - 128,
      'data2vec-audio-base': 93_164_288 - 768,
      'wav2vec2-demo': 2_844_128 - 160 - 128,
      'whisper-tiny': 8_208_384,
      'whisper-base': 20_590_592,
      'whisper-small': 88_154_112,
    })
  })

  test('give 19 layers to study in the base model, at the hops and receptive fields of the paper', async () => {
    const { layers, normalize, sampleRate } = await describeModel({ architecture: 'wav2vec2-base', seed: 1 })
    expect({ normalize, sampleRate }).toEqual({ normalize: false, sampleRate: 16000 })
    expect(layers.slice(0, 7)).toEqual(
      [
        [5, 10],
        [10, 20],
        [20, 40],
        [40, 80],
        [80, 160],
        [160, 240],
        [320, 400],
      ].map(([hop, field], i) => ({
        name: `conv${i}`,
        units: 512,
        hop,
        receptiveField: field,
        firstCentre: (field - 1) / 2,
      })),
    )
    expect(layers.slice(7).map(({ name }) => name)).toEqual([
      'projection',
      'embedding',
      ...Array.from({ length: 12 }, (_, i) => `transf${i}`),
    ])
    expect(layers.slice(7).every((l) => l.units === 768 && l.hop === 320 && l.receptiveField === 400)).toBe(true)
  })

  test('of the large kind have a norm after the last block, and normalise audio', async () => {
    const { layers, normalize } = await describeModel({ architecture: 'wav2vec2-large', seed: 1 })
    expect(normalize).toBe(true)
    expect(layers.slice(-2).map(({ name }) => name)).toEqual(['transf23', 'transf23.norm'])
  })

  test('of data2vec-audio have five positional convolutions, drawn as torch draws them', () => {
    const specs = tensorsOf(untrained('data2vec-audio-base', 1).config)
    const positional = specs.filter(({ name }) => name.includes('pos_conv'))
    expect(positional.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4].flatMap((i) =>
        ['weight', 'bias'].map((part) => `encoder.pos_conv_embed.layers.${i}.conv.${part}`),
      ),
    )
    for (const { name, shape, initial } of positional) {
      expect(shape).toEqual(name.endsWith('weight') ? [768, 48, 19] : [768])
      expect(initial).toEqual({ uniform: 1 / Math.sqrt(48 * 19) })
    }
  })

  test('have no files', async () => {
    expect(await modelFiles({ architecture: 'wav2vec2-base', seed: 1 })).toEqual([])
  })

  test.each(['wav2vec2-bas', 'nonsense', '', '__proto__', 'toString'])('there is no "%s"', async (architecture) => {
    await expect(describeModel({ architecture, seed: 1 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('a misspelt one is suggested', async () => {
    await expect(describeModel({ architecture: 'wav2vec-base', seed: 1 })).rejects.toThrow(
      'Did you mean "wav2vec2-base"?',
    )
  })

  test.each([-1, 0.5, 4294967296, NaN])('a seed cannot be %d', async (seed) => {
    await expect(describeModel({ architecture: 'wav2vec2-demo', seed })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })
})

test.each(['wav2vec2-base', 'wav2vec2-large', 'hubert-base', 'wavlm-base', 'data2vec-audio-base'])(
  'linear weights of %s have the published deviation',
  (architecture) => {
    const specs = tensorsOf(untrained(architecture, 1).config)
    const linear = specs.filter(({ name }) => /(_proj|_dense|gru_rel_pos_linear|rel_attn_embed)\.weight$/.test(name))
    expect(linear.length).toBeGreaterThan(60)
    for (const { initial } of linear) expect(initial).toEqual({ normal: 0.02 })
  },
)

describe('the demo model', () => {
  let folder: string
  let weights: Awaited<ReturnType<typeof readTensors>>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heschl-untrained-'))
    await writeCheckpoint('wav2vec2-demo', 7, folder)
    weights = await readTensors(join(folder, 'model.safetensors'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('saved as a checkpoint is the same model', async () => {
    const audio = await longAudio(16_000)
    const layers = ['conv6', 'embedding', 'transf0', 'transf7']
    const drawn = await openModel({ architecture: 'wav2vec2-demo', seed: 7 }, { layers, threads: 1 })
    const saved = await openModel({ checkpoint: folder }, { layers, threads: 1 })
    const expected = await drawn.run(audio)
    const found = await saved.run(audio)
    await Promise.all([drawn.close(), saved.close()])
    expect(saved.description.layers).toEqual(drawn.description.layers)
    expect(saved.description.parameters).toBe(drawn.description.parameters)
    for (const layer of layers) {
      expect(largestDifference(found.get(layer)!.data, expected.get(layer)!.data), layer).toBeLessThan(1e-5)
    }
  })

  test('is the same when it is drawn again, and another with another seed', async () => {
    const audio = await longAudio(8000)
    const run = async (seed: number) => {
      const model = await openModel({ architecture: 'wav2vec2-demo', seed }, { layers: ['transf7'], threads: 1 })
      const found = (await model.run(audio)).get('transf7')!.data
      await model.close()
      return found
    }
    const [first, again, other] = [await run(7), await run(7), await run(8)]
    expect(again).toEqual(first)
    expect(largestDifference(other, first)).toBeGreaterThan(0.1)
  })

  const moments = (data: Float32Array) => {
    const mean = data.reduce((sum, x) => sum + x, 0) / data.length
    const central = (power: number) => data.reduce((sum, x) => sum + (x - mean) ** power, 0) / data.length
    return { mean, deviation: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2 }
  }

  /** Five standard errors: 1 in 1.7 million for each check; the draws are fixed, so a pass stays one. */
  const errors = 5

  // Distributions of fairseq and transformers, see tensors.ts.
  test.each([
    ['feature_extractor.conv_layers.0.conv.weight', Math.sqrt(2 / 10)],
    ['feature_extractor.conv_layers.1.conv.weight', Math.sqrt(2 / (96 * 3))],
    ['feature_extractor.conv_layers.6.conv.weight', Math.sqrt(2 / (96 * 2))],
    ['encoder.pos_conv_embed.conv.parametrizations.weight.original1', Math.sqrt(4 / (128 * 160))],
    ['encoder.layers.0.attention.q_proj.weight', 0.1],
    ['encoder.layers.7.feed_forward.output_dense.weight', 0.1],
  ])('%s is normal', (name, deviation) => {
    const { data } = weights.get(name)!
    const found = moments(data)
    expect(Math.abs(found.mean)).toBeLessThan((errors * deviation) / Math.sqrt(data.length))
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(errors / Math.sqrt(2 * data.length))
    expect(Math.abs(found.kurtosis - 3)).toBeLessThan(errors * Math.sqrt(24 / data.length))
  })

  test('feature_projection.projection.weight is uniform', () => {
    const { data } = weights.get('feature_projection.projection.weight')!
    const bound = 1 / Math.sqrt(96)
    const found = moments(data)
    expect(data.every((x) => Math.abs(x) <= bound)).toBe(true)
    expect(Math.abs(found.mean)).toBeLessThan((errors * bound) / Math.sqrt(3 * data.length))
    expect(Math.abs(found.deviation / (bound / Math.sqrt(3)) - 1)).toBeLessThan(errors / Math.sqrt(data.length))
    expect(Math.abs(found.kurtosis - 1.8)).toBeLessThan(errors * Math.sqrt(24 / data.length))
  })

  test('norms start at one and zero, other biases at zero', () => {
    for (const [name, { data }] of weights) {
      if (/layer_norm\.weight$/.test(name))
        expect(
          data.every((x) => x === 1),
          name,
        ).toBe(true)
      else if (/bias$/.test(name) && !name.startsWith('feature_projection.projection')) {
        expect(
          data.every((x) => x === 0),
          name,
        ).toBe(true)
      }
    }
  })

  test('the positional weight norm changes nothing', () => {
    const g = weights.get('encoder.pos_conv_embed.conv.parametrizations.weight.original0')!
    const v = weights.get('encoder.pos_conv_embed.conv.parametrizations.weight.original1')!
    expect(g.shape).toEqual([1, 1, 128])
    for (let k = 0; k < 128; k++) {
      const column = v.data.filter((_, i) => i % 128 === k)
      expect(Math.abs(g.data[k] / Math.hypot(...column) - 1)).toBeLessThan(1e-6)
    }
  })
})
