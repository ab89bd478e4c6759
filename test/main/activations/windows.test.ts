/** Frames that windows share, causal context, and norms over a recording. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  describeModel,
  layersNamed,
  openModel,
  streamActivations,
  windowCost,
} from '../../../src-main/activations/index.ts'
import type { SpeechModel, WindowProtocol } from '../../../src-main/activations/index.ts'
import { foldNorm, patchStatistics } from '../../../src-main/activations/channelNorm.ts'
import { planWindows } from '../../../src-main/activations/windows.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { folderOf, largestDifference, longAudio } from './reference.ts'

const rate = 16000

async function open(name: string, norm: 'window' | 'recording', folder = folderOf(name)) {
  const source = { checkpoint: folder }
  return openModel(source, { layers: layersNamed(await describeModel(source), 'all'), threads: 1, norm })
}

/** Checks on the way that blocks come in order and without gaps. */
async function streamed(model: SpeechModel, samples: Float32Array, protocol: WindowProtocol) {
  const layers = new Map<string, Matrix32>()
  const { frames } = await streamActivations(model, samples, {
    ...protocol,
    onBlock(layer, firstFrame, { data, rows, cols }) {
      const before = layers.get(layer) ?? { data: new Float32Array(0), rows: 0, cols }
      expect(firstFrame).toBe(before.rows)
      const joined = new Float32Array(before.data.length + data.length)
      joined.set(before.data)
      joined.set(data, before.data.length)
      layers.set(layer, { data: joined, rows: before.rows + rows, cols })
    },
  })
  for (const [layer, { rows }] of layers) expect(frames.get(layer)).toBe(rows)
  return layers
}

/** Models in which nothing depends on the window but attention: layer norms, audio as it is. */
const shared = ['bfloat16', 'layer-post']
const slidingWindows = { windowSeconds: 0.45, strideSeconds: 0.15 }

describe.each([...shared, 'data2vec-audio-1'])('%s, norm: recording', (name) => {
  test('convolutions in windows are those of one pass', async () => {
    const samples = await longAudio(20_011)
    const model = await open(name, 'recording')
    const whole = await model.run(samples)
    const windows = name === 'data2vec-audio-1' ? { windowSeconds: 0.46, strideSeconds: 0.16 } : slidingWindows
    const found = await streamed(model, samples, windows)
    await model.close()
    expect([...found.keys()]).toEqual([...whole.keys()])
    for (const [layer, { data, rows }] of found) {
      expect(rows).toBe(whole.get(layer)!.rows)
      if (layer.startsWith('conv')) expect(largestDifference(data, whole.get(layer)!.data), layer).toBeLessThan(1e-5)
    }
  })
})

test.each(['wav2vec2-1', 'group-stable', 'hubert-large'])('%s: convolutions do not depend on windows', async (name) => {
  const samples = await longAudio(20_011)
  const model = await open(name, 'recording')
  const whole = await model.run(samples)
  const hop = model.description.layers.at(-1)!.hop / rate
  for (const protocol of [
    { windowSeconds: 20 * hop, strideSeconds: 7 * hop },
    { contextSeconds: 20 * hop, stepSeconds: 3 * hop },
    { whole: true as const },
  ]) {
    const found = await streamed(model, samples, protocol)
    for (const [layer, { data, rows }] of found) {
      expect(rows).toBe(whole.get(layer)!.rows)
      if (layer.startsWith('conv')) expect(largestDifference(data, whole.get(layer)!.data), layer).toBeLessThan(1e-5)
    }
  }
  await model.close()
})

test('norm: recording is the model on audio that was normalised before', async () => {
  // wav2vec2-stable-1 normalises; the copy without its preprocessor_config.json does not, and shares frames by itself.
  const folder = await mkdtemp(join(tmpdir(), 'heschl-'))
  await cp(folderOf('wav2vec2-stable-1'), folder, { recursive: true })
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify({ do_normalize: false }))
  const samples = await longAudio(30_000)
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length
  const normal = samples.map((x) => (x - mean) / Math.sqrt(variance + 1e-7))
  const protocol = { windowSeconds: 1, strideSeconds: 0.5 }
  const own = await open('', 'recording', folderOf('wav2vec2-stable-1'))
  const before = await open('', 'window', folder)
  const found = await streamed(own, samples, protocol)
  const expected = await streamed(before, normal, protocol)
  // Every window by itself shares nothing.
  const { recording: _, ...single } = before
  const alone = await streamed(single, normal, protocol)
  await Promise.all([own.close(), before.close()])
  await rm(folder, { recursive: true })
  for (const [layer, { data }] of found) {
    expect(largestDifference(data, expected.get(layer)!.data), layer).toBeLessThan(1e-5)
    expect(largestDifference(data, alone.get(layer)!.data), layer).toBeLessThan(1e-5)
  }
})

test.each(shared)('%s: a frame is computed from the samples that its layer describes', async (name) => {
  const samples = await longAudio(4000)
  const model = await open(name, 'window')
  const before = await model.run(samples)
  for (const at of [0, 1, 59, 60, 1234, 1777, 3999]) {
    const changed = samples.slice()
    changed[at] += 0.5
    const after = await model.run(changed)
    for (const { name: layer, hop, receptiveField, firstCentre } of model.description.layers) {
      if (!layer.startsWith('conv')) continue
      const { data, rows, cols } = before.get(layer)!
      const moved = Array.from({ length: rows }, (_, f) => f).filter((f) =>
        data.subarray(f * cols, (f + 1) * cols).some((x, i) => x !== after.get(layer)!.data[f * cols + i]),
      )
      const reached = Array.from({ length: rows }, (_, f) => f).filter(
        (f) => f * hop <= at && at < f * hop + receptiveField,
      )
      expect(moved, `${layer}, sample ${at}`).toEqual(reached)
      for (const f of reached) expect(Math.abs(at - (firstCentre + f * hop))).toBeLessThanOrEqual(receptiveField / 2)
    }
  }
  await model.close()
})

describe('causal context', () => {
  const protocol = { contextSeconds: 0.6, stepSeconds: 0.15 }

  test.each(['bfloat16', 'float16'])('%s: frames are those of windows that end with the step', async (name) => {
    const samples = await longAudio(15_111)
    const model = await open(name, 'window')
    const found = await streamed(model, samples, protocol)
    const step = 2400
    for (const [layer, { data, rows, cols }] of found) {
      const { hop, receptiveField } = model.description.layers.find((each) => each.name === layer)!
      expect(rows).toBe(Math.floor((samples.length - receptiveField) / hop) + 1)
      // The slow way, for some frames: the first step after the frame's last sample, and the context before it.
      for (const frame of [0, Math.floor(rows / 3), rows - 1]) {
        const end = Math.min(Math.ceil((frame * hop + receptiveField) / step) * step, samples.length)
        const start = Math.max(0, Math.ceil((end - 9600) / 60) * 60)
        const window = (await model.run(samples.slice(start, end))).get(layer)!
        const row = frame - start / hop
        const expected = window.data.subarray(row * cols, (row + 1) * cols)
        const own = data.subarray(frame * cols, (frame + 1) * cols)
        expect(Math.max(...own.map((x, i) => Math.abs(x - expected[i]))), `${layer} ${frame}`).toBeLessThan(1e-4)
      }
    }
    await model.close()
  })

  test('what comes later changes nothing', async () => {
    const samples = await longAudio(15_000)
    const later = samples.map((x, i) => (i < 7200 ? x : -x))
    const model = await open('float16', 'window')
    const [found, other] = [await streamed(model, samples, protocol), await streamed(model, later, protocol)]
    await model.close()
    for (const { name, hop, receptiveField, units } of model.description.layers) {
      const until = (Math.floor((7200 - receptiveField) / hop) + 1) * units
      expect(found.get(name)!.data.subarray(0, until)).toEqual(other.get(name)!.data.subarray(0, until))
      expect(found.get(name)!.data).not.toEqual(other.get(name)!.data)
    }
  })

  test('any context and step give every frame once', () => {
    const layer = (hop: number, receptiveField: number) => ({
      name: 'conv0',
      units: 1,
      hop,
      receptiveField,
      firstCentre: 0,
    })
    const cases = fc.record({
      hop: fc.integer({ min: 1, max: 5 }),
      field: fc.integer({ min: 1, max: 20 }),
      steps: fc.integer({ min: 1, max: 5 }),
      spare: fc.integer({ min: 0, max: 10 }),
      length: fc.integer({ min: 0, max: 300 }),
    })
    fc.assert(
      fc.property(cases, ({ hop, field, steps, spare, length }) => {
        const layers = [layer(hop, field)]
        const step = steps * hop
        const context = (Math.ceil((step + field) / hop) + 1 + spare) * hop
        const total = field + length
        const protocol = { contextSeconds: context / rate, stepSeconds: step / rate }
        const windows = planWindows(total, { layers, sampleRate: rate }, protocol)
        let done = 0
        for (const { start, end } of windows) {
          expect(start % hop).toBe(0)
          expect(end - start).toBeLessThanOrEqual(context)
          expect(end - start).toBeGreaterThanOrEqual(Math.min(field, total))
          expect(start / hop).toBeLessThanOrEqual(done)
          done = start / hop + Math.floor((end - start - field) / hop) + 1
        }
        expect(done).toBe(Math.floor((total - field) / hop) + 1)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    { contextSeconds: 0.61, stepSeconds: 0.15 },
    { contextSeconds: 0.6, stepSeconds: 0.151 },
    { contextSeconds: 0.6, stepSeconds: 0.6 },
    { contextSeconds: 0.6, stepSeconds: 0 },
    { contextSeconds: NaN, stepSeconds: 0.15 },
  ])('$contextSeconds s by $stepSeconds s is refused', async (refused) => {
    const { layers } = await describeModel({ checkpoint: folderOf('wav2vec2-1') })
    expect(() => planWindows(rate, { layers, sampleRate: rate }, refused)).toThrow('This causal context')
  })
})

test('what windows cost', async () => {
  const timing = await describeModel({ checkpoint: folderOf('wav2vec2-1') })
  expect(windowCost(60 * rate, timing, { whole: true })).toEqual({ windows: 1, repetition: 1, longest: 60 * rate })
  // 0, 5, … 50: the last ends with the recording.
  expect(windowCost(60 * rate, timing, { windowSeconds: 10, strideSeconds: 5 })).toEqual({
    windows: 11,
    repetition: 110 / 60,
    longest: 10 * rate,
  })
  // Of 0.5, 1, … 9.5 s, then 10 s each.
  const causal = windowCost(60 * rate, timing, { contextSeconds: 10, stepSeconds: 0.5 })
  expect(causal).toEqual({ windows: 120, repetition: (95 + 101 * 10) / 60, longest: 10 * rate })
})

test('the cost of a model that pads its windows, and what is too long for it', async () => {
  const whisper = await describeModel({ checkpoint: folderOf('whisper-1') })
  const cost = (protocol: WindowProtocol) => windowCost(60 * rate, whisper, protocol)
  // 0, 5, … 50, of 30 s each.
  expect(cost({ windowSeconds: 10, strideSeconds: 5 }).repetition).toBe((11 * 30) / 60)
  expect(cost({ windowSeconds: 30, strideSeconds: 15 }).repetition).toBe((3 * 30) / 60)
  expect(() => cost({ whole: true })).toThrow(/longer than what the model takes/)
  expect(() => cost({ windowSeconds: 31, strideSeconds: 15 })).toThrow(/longer than what the model takes/)
})

test('the folded norm is the norm of what the convolution gives', () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true })
  const cases = fc.record({
    kernel: fc.integer({ min: 1, max: 12 }),
    stride: fc.integer({ min: 1, max: 6 }),
    audio: fc.array(number, { minLength: 40, maxLength: 200 }),
    weights: fc.array(number, { minLength: 24, maxLength: 24 }),
    affine: fc.record({ mean: number, scale: fc.double({ min: 0.1, max: 3, noNaN: true }) }),
  })
  fc.assert(
    fc.property(cases, ({ kernel, stride, audio, weights, affine }) => {
      const samples = Float32Array.from(audio)
      const weight = Float32Array.from(weights.slice(0, 2 * kernel))
      const [gain, offset] = [Float32Array.of(1.5, -0.5), Float32Array.of(0.25, -1)]
      const folded = foldNorm({ weight, gain, offset }, patchStatistics(samples, kernel, stride, affine))
      const x = Float64Array.from(samples, (each) => (each - affine.mean) * affine.scale)
      const patches = Math.floor((x.length - kernel) / stride) + 1
      for (let unit = 0; unit < 2; unit++) {
        const at = (values: Float32Array, t: number) =>
          values.subarray(unit * kernel, (unit + 1) * kernel).reduce((sum, w, i) => sum + w * x[t * stride + i], 0)
        const convolved = Array.from({ length: patches }, (_, t) => at(weight, t))
        const mean = convolved.reduce((sum, y) => sum + y, 0) / patches
        const variance = convolved.reduce((sum, y) => sum + (y - mean) ** 2, 0) / patches
        for (let t = 0; t < patches; t++) {
          const expected = (gain[unit] * (convolved[t] - mean)) / Math.sqrt(variance + 1e-5) + offset[unit]
          // Float32 weights, of values up to some hundred SDs of a nearly constant channel.
          const bound = 1e-6 * (1 + (Math.abs(mean) + 20) / Math.sqrt(variance + 1e-5))
          expect(Math.abs(at(folded.weight, t) + folded.bias[unit] - expected)).toBeLessThan(bound * 10)
        }
      }
    }),
  )
})
