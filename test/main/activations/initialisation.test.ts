/**
 * What the untrained regime draws, tensor by tensor: against the stated distribution, and against what transformers
 * draws (test/reference/initialisation). Tolerances are five standard errors of sampling theory; the draws are fixed.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tensorsOf } from '../../../src-main/activations/tensors.ts'
import type { TensorSpec } from '../../../src-main/activations/tensors.ts'
import { parseGpt2Config } from '../../../src-main/activations/text/config.ts'
import { gpt2Tensors } from '../../../src-main/activations/text/tensors.ts'
import { drawn as drawnFrom } from '../../../src-main/activations/draw.ts'
import { untrained } from '../../../src-main/activations/untrained.ts'

interface Moments {
  readonly n: number
  readonly mean: number
  readonly sd: number
  readonly kurtosis: number
}

const errors = 5
const architectures = ['wav2vec2-base', 'hubert-base', 'wavlm-base', 'data2vec-audio-base', 'gpt2'] as const
const file = new URL('../../reference/initialisation/transformers.json', import.meta.url)
const reference = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Readonly<Record<string, Moments>>>>

/** As `kind` of test/reference/initialisation/make.py. */
function kindOf(name: string): string {
  return name
    .replace(/^h\.\d+\./, 'h.*.')
    .replace(/encoder\.layers\.\d+\./, 'encoder.layers.*.')
    .replace(/(conv_layers\.)[1-9](?!\.conv\.weight)/, '$1*')
    .replace(/(pos_conv_embed\.layers\.)\d/, '$1*')
    .replace(/attention\.([qkv]|out)_proj/, 'attention.*_proj')
}

/** The first tensor of each kind. */
function kinds(specs: readonly TensorSpec[]): ReadonlyMap<string, TensorSpec> {
  return new Map(specs.toReversed().map((spec) => [kindOf(spec.name), spec]))
}

function momentsOf(values: Float32Array): Moments {
  let mean = 0
  for (const value of values) mean += value
  mean /= values.length
  let [second, fourth] = [0, 0]
  for (const value of values) {
    const square = (value - mean) ** 2
    second += square / values.length
    fourth += square ** 2 / values.length
  }
  return { n: values.length, mean, sd: Math.sqrt(second), kurtosis: second > 0 ? fourth / second ** 2 : 0 }
}

/** Its vocabulary is the tokenizer's; here as small as the reference's. */
const gpt2 = gpt2Tensors(parseGpt2Config('{"model_type": "gpt2", "vocab_size": 1000}', 'config.json'))

/** Of seed 1. */
function model(architecture: string) {
  if (architecture === 'gpt2') return { specs: gpt2, weights: drawnFrom(gpt2, 1) }
  const { config, weights } = untrained(architecture, 1)
  return { specs: tensorsOf(config), weights }
}

const drawn = new Map<string, Float32Array>()
/** A tensor's values of seed 1. */
function draw(architecture: string, { name }: TensorSpec): Float32Array {
  const key = `${architecture} ${name}`
  const values = drawn.get(key) ?? model(architecture).weights.read(name)
  drawn.set(key, values)
  return values
}

/** Abramowitz and Stegun 7.1.26: right to 1.5e-7. */
function normalDistribution(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2)
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const half = (1 - polynomial * Math.exp((-x * x) / 2)) / 2
  return x < 0 ? 0.5 - half : 0.5 + half
}

/** Kolmogorov and Smirnov's distance of a sample from a distribution, times √n. */
function distance(sample: Float32Array, distribution: (x: number) => number): number {
  const sorted = sample.toSorted()
  let largest = 0
  for (const [i, x] of sorted.entries()) {
    const expected = distribution(x)
    largest = Math.max(largest, (i + 1) / sorted.length - expected, expected - i / sorted.length)
  }
  return largest * Math.sqrt(sorted.length)
}

/** Values looked at by the test of the whole distribution. */
const sample = 100_000
/** P(distance > 2.5) = 2 exp(−2 · 2.5²) = 7e-6. */
const largestDistance = 2.5

/** Transformers 5.23 draws these otherwise than the original code, which is followed (tensors.ts says how). */
const differs: Readonly<Record<(typeof architectures)[number], readonly string[]>> = {
  'wav2vec2-base': ['encoder.pos_conv_embed.conv.weight'],
  'hubert-base': [
    'feature_projection.projection.weight',
    'feature_projection.projection.bias',
    'encoder.pos_conv_embed.conv.weight',
  ],
  'wavlm-base': ['encoder.pos_conv_embed.conv.weight'],
  'data2vec-audio-base': ['encoder.pos_conv_embed.layers.*.conv.weight', 'encoder.pos_conv_embed.layers.*.conv.bias'],
  gpt2: ['wpe.weight'],
}

describe.each(architectures)('%s', (architecture) => {
  const { specs } = model(architecture)
  const own = kinds(specs)

  test('has the tensors that transformers has, as many values of each kind', () => {
    const sizes = new Map<string, number>()
    for (const { name, shape } of specs) {
      const size = shape.reduce((product, length) => product * length, 1)
      sizes.set(kindOf(name), (sizes.get(kindOf(name)) ?? 0) + size)
    }
    const expected = Object.entries(reference[architecture]).map(([kind, { n }]) => [kind, n] as const)
    expect(Object.fromEntries(sizes)).toEqual(Object.fromEntries(expected))
  })

  test('is drawn from the stated distributions', () => {
    for (const [kind, spec] of own) {
      const values = draw(architecture, spec)
      const { initial } = spec
      if ('constant' in initial) {
        expect(new Set(values), kind).toEqual(new Set([initial.constant]))
        continue
      }
      const bound = 'uniform' in initial ? initial.uniform : Infinity
      const sd = 'uniform' in initial ? initial.uniform / Math.sqrt(3) : initial.normal
      const kurtosis = 'uniform' in initial ? 1.8 : 3
      const { n, ...found } = momentsOf(values)
      expect(
        values.every((value) => Math.abs(value) <= bound),
        kind,
      ).toBe(true)
      expect(Math.abs(found.mean), kind).toBeLessThan((errors * sd) / Math.sqrt(n))
      expect(Math.abs(found.sd / sd - 1), kind).toBeLessThan(errors * Math.sqrt((kurtosis - 1) / (4 * n)))
      expect(Math.abs(found.kurtosis - kurtosis), kind).toBeLessThan(errors * Math.sqrt(24 / n))
      const distribution =
        'uniform' in initial
          ? (x: number) => (x / bound + 1) / 2
          : (x: number) => normalDistribution(x / initial.normal)
      expect(distance(values.subarray(0, sample), distribution), kind).toBeLessThan(largestDistance)
    }
  }, 60_000)

  test('has the moments of what transformers draws, but where that differs from the original', () => {
    const different: string[] = []
    for (const [kind, spec] of own) {
      const theirs = reference[architecture][kind]
      const ours = momentsOf(draw(architecture, spec))
      const apart = Math.sqrt(1 / ours.n + 1 / theirs.n)
      const isConstant = ours.sd === 0 && theirs.sd === 0 && ours.mean === theirs.mean
      const isSame =
        isConstant ||
        (Math.abs(ours.mean - theirs.mean) <= errors * Math.max(ours.sd, theirs.sd) * apart &&
          Math.abs(ours.sd - theirs.sd) <= errors * theirs.sd * Math.sqrt((theirs.kurtosis - 1) / 4) * apart &&
          Math.abs(ours.kurtosis - theirs.kurtosis) <= errors * Math.sqrt(24) * apart)
      if (!isSame) different.push(kind)
    }
    expect(different).toEqual(kindsOrdered(own, differs[architecture]))
  }, 60_000)
})

const kindsOrdered = (own: ReadonlyMap<string, TensorSpec>, list: readonly string[]) =>
  [...own.keys()].filter((kind) => list.includes(kind))

test('where transformers differs, it draws what tensors.ts says it does', () => {
  const positional = 'encoder.pos_conv_embed.conv.weight'
  // torch's default of a convolution with 48 inputs and a kernel of 128: U(±1/√(48 · 128)).
  for (const architecture of ['wav2vec2-base', 'hubert-base', 'wavlm-base']) {
    const { sd, kurtosis } = reference[architecture][positional]
    expect(sd).toBeCloseTo(1 / Math.sqrt(3 * 48 * 128), 5)
    expect(kurtosis).toBeCloseTo(1.8, 2)
  }
  const hubert = reference['hubert-base']
  expect(hubert['feature_projection.projection.weight'].sd).toBeCloseTo(0.02, 4)
  expect(hubert['feature_projection.projection.bias'].sd).toBe(0)
  expect(reference['gpt2']['wpe.weight'].sd).toBeCloseTo(0.02, 4)
  const data2vec = reference['data2vec-audio-base']
  expect(data2vec['encoder.pos_conv_embed.layers.*.conv.weight'].sd).toBeCloseTo(Math.sqrt(2 / (48 * 19)), 4)
  expect(data2vec['encoder.pos_conv_embed.layers.*.conv.bias'].sd).toBe(0)
})
