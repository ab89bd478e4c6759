/** Whisper's encoder against transformers: see test/reference/activations/README.md. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeModel,
  framesIn,
  layersNamed,
  openModel,
  streamActivations,
} from '../../../src-main/activations/index.ts'
import { logMelSpectrogram } from '../../../src-main/activations/whisper/logMel.ts'
import { whisperTensors } from '../../../src-main/activations/whisper/tensors.ts'
import { untrainedWhisper } from '../../../src-main/activations/whisper/untrained.ts'
import { loadSpeech } from '../../../src-main/stimuli/index.ts'
import { everyRow, folderOf, largestDifference, readTensors } from './reference.ts'

const models = ['whisper-1', 'whisper-128', 'whisper-classifier', 'whisper-sharded']
const lengths = { short: 10, middle: 12, long: 12 } as const
type Length = keyof typeof lengths

let speech: Float32Array
beforeAll(async () => {
  const file = fileURLToPath(new URL('../../../resources/demo/stimuli/run-1.flac', import.meta.url))
  speech = await loadSpeech(file, () => undefined)
})

/** What generate_whisper.py takes: 0.4, 3 and 27 s. */
const audioOf = (length: Length) =>
  length === 'long' ? speech.subarray(0, 27 * 16_000) : speech.subarray(32_000, length === 'short' ? 38_400 : 80_000)

/** The median absolute difference over the expected values' standard deviation. */
function medianDifference(found: Float32Array, expected: Float32Array): number {
  const mean = expected.reduce((sum, x) => sum + x, 0) / expected.length
  const deviation = Math.sqrt(expected.reduce((sum, x) => sum + (x - mean) ** 2, 0) / expected.length)
  const differences = found.map((x, i) => Math.abs(x - expected[i])).toSorted()
  return differences[differences.length >> 1] / deviation
}

describe.each(models)('%s', (name) => {
  const source = { checkpoint: folderOf(name) }

  test('every layer of 0.4, 3 and 27 s of speech agrees to 1e-4 of its SD, half its values to 1e-5', async () => {
    const expected = await readTensors(join(folderOf(name), 'reference.safetensors'))
    const description = await describeModel(source)
    const layers = layersNamed(description, 'all')
    expect(new Set(expected.keys())).toEqual(
      new Set(Object.keys(lengths).flatMap((length) => layers.map((layer) => `${length}/${layer}`))),
    )
    const model = await openModel(source, { layers, threads: 1 })
    for (const length of Object.keys(lengths) as Length[]) {
      const audio = audioOf(length)
      for (const [layer, activation] of await model.run(audio)) {
        const info = description.layers.find((l) => l.name === layer)!
        expect(activation.rows, layer).toBe(Math.ceil(audio.length / (layer === 'conv0' ? 160 : 320)))
        expect(activation.rows).toBe(framesIn(audio.length, info))
        const rows = everyRow(activation, Math.ceil(activation.rows / lengths[length]))
        const { data } = expected.get(`${length}/${layer}`)!
        expect(largestDifference(rows, data), `${length}/${layer}`).toBeLessThan(1e-4)
        expect(medianDifference(rows, data), `${length}/${layer}`).toBeLessThan(1e-5)
      }
    }
    await model.close()
  })
})

describe('the log-mel spectrogram', () => {
  const rowsOf = (mel: Float32Array, bands: number, frames: number) =>
    Float32Array.from({ length: bands * frames }, (_, i) => mel[(i % bands) * 3000 + Math.floor(i / bands)])

  /** float32 sums of transformers against float64: what was measured is below 1e-5. */
  const closest = 5e-5

  test.each([80, 128])('of %i bands is transformers’', async (bands) => {
    const expected = await readTensors(folderOf('whisper-mel.safetensors'))
    for (const length of Object.keys(lengths) as Length[]) {
      const audio = audioOf(length)
      const mel = logMelSpectrogram(audio, bands, 3000)
      const frames = Math.ceil(audio.length / 160)
      const all = { data: rowsOf(mel, bands, frames), rows: frames, cols: bands }
      const { data } = expected.get(`${bands}/${length}`)!
      everyRow(all, Math.ceil(frames / 40)).forEach((x, i) => expect(Math.abs(x - data[i])).toBeLessThan(closest))
      const after = expected.get(`${bands}/${length}/after`)!.data
      after.forEach((x, band) => expect(Math.abs(mel[band * 3000 + 2999] - x)).toBeLessThan(closest))
    }
  })

  test('of a full window is mirrored at its end', async () => {
    const { data } = (await readTensors(folderOf('whisper-mel.safetensors'))).get('80/full')!
    const mel = logMelSpectrogram(speech.subarray(16_000, 31 * 16_000), 80, 3000)
    for (const [row, frame] of [0, 1, 2, 1000, 2000, 2997, 2998, 2999].entries()) {
      for (let band = 0; band < 80; band++) {
        expect(Math.abs(mel[band * 3000 + frame] - data[row * 80 + band]), `frame ${frame}`).toBeLessThan(closest)
      }
    }
  })

  test('has a range of 8 tenths of its own largest value, whatever the audio', () => {
    const audio = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 1600 })
    fc.assert(
      fc.property(audio, (samples) => {
        const mel = logMelSpectrogram(Float32Array.from(samples), 80, 20)
        const largest = mel.reduce((most, x) => Math.max(most, x), -Infinity)
        expect(mel.every((x) => x <= largest && x >= Math.fround(largest - 2) - 1e-6)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('of silence is the floor', () => {
    expect(new Set(logMelSpectrogram(new Float32Array(1000), 80, 20))).toEqual(new Set([-1.5]))
  })
})

describe('places in time', () => {
  test('a frame is centred on its hop’s first sample', async () => {
    const { layers } = await describeModel({ checkpoint: folderOf('whisper-1') })
    expect(
      layers.map(({ name, hop, receptiveField, firstCentre }) => [name, hop, receptiveField, firstCentre]),
    ).toEqual([
      ['conv0', 160, 719, 0],
      ...['conv1', 'embedding', 'transf0', 'transf1', 'transf1.norm'].map((name) => [name, 320, 1039, 0]),
    ])
  })

  test('a sound changes the frames whose receptive field it is in, and no other, before attention', async () => {
    const source = { checkpoint: folderOf('whisper-1') }
    const { layers } = await describeModel(source)
    const model = await openModel(source, { layers: ['conv0', 'conv1'], threads: 1 })
    const at = 8003
    // Loud at one place, so that the largest value of the window stays what it is.
    const audio = speech.slice(32_000, 48_000)
    audio[2000] = 1
    const changed = audio.slice()
    changed[at] += 0.01
    const [before, after] = [await model.run(audio), await model.run(changed)]
    await model.close()
    for (const [name, { data, rows, cols }] of before) {
      const { hop, receptiveField, firstCentre } = layers.find((layer) => layer.name === name)!
      const differs = (row: number) =>
        after.get(name)!.data.some((x, i) => Math.floor(i / cols) === row && x !== data[i])
      const found = Array.from({ length: rows }, (_, row) => row).filter(differs)
      const reached = Array.from({ length: rows }, (_, row) => row).filter(
        (row) => Math.abs(firstCentre + row * hop - at) <= (receptiveField - 1) / 2,
      )
      expect(found.length).toBeGreaterThan(0)
      expect(reached, name).toEqual(expect.arrayContaining(found))
      // At the very edge the window's weight is too small to tell in float32.
      expect(found.length, name).toBeGreaterThanOrEqual(reached.length - 2)
    }
  })

  test('windows of 10 s every 5 s give each frame once, the mean of its windows', async () => {
    const source = { checkpoint: folderOf('whisper-1') }
    const layers = ['conv0', 'transf1.norm']
    const model = await openModel(source, { layers, threads: 1 })
    const audio = speech.subarray(0, 16_000 * 17 + 77)
    const rows = new Map(layers.map((layer) => [layer, [] as number[]]))
    const { frames } = await streamActivations(model, audio, {
      windowSeconds: 10,
      strideSeconds: 5,
      onBlock: (layer, first, { data, cols }) => {
        expect(first * cols).toBe(rows.get(layer)!.length)
        for (const x of data) rows.get(layer)!.push(x)
      },
    })
    expect([...frames]).toEqual([
      ['conv0', Math.ceil(audio.length / 160)],
      ['transf1.norm', Math.ceil(audio.length / 320)],
    ])
    const [a, b] = [await model.run(audio.subarray(0, 160_000)), await model.run(audio.subarray(80_000, 240_000))]
    await model.close()
    const cols = 12
    const streamed = rows.get('transf1.norm')!
    // Frame 300 is in the first window and in the second.
    for (let i = 0; i < cols; i++) {
      const mean = (a.get('transf1.norm')!.data[300 * cols + i] + b.get('transf1.norm')!.data[50 * cols + i]) / 2
      expect(Math.abs(streamed[300 * cols + i] - mean)).toBeLessThan(1e-6)
    }
  })

  test('more than 30 s at once, nothing, and what is not a number are refused', async () => {
    const model = await openModel({ checkpoint: folderOf('whisper-1') }, { layers: ['conv0'], threads: 1 })
    await expect(model.run(new Float32Array(480_001))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      parts: { expected: 'a window of at most 30 s for this model', found: '30.0 s' },
    })
    await expect(model.run(new Float32Array(0))).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
    await expect(model.run(new Float32Array(800).fill(NaN))).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
    expect((await model.run(speech.slice(0, 1))).get('conv0')!.rows).toBe(1)
    await model.close()
  })
})

describe('before training', () => {
  const { config, weights } = untrainedWhisper('whisper-tiny', 1)

  test('weights and biases are uniform, within ±1/√(in · kernel); norms 1 and 0', () => {
    for (const { name, shape } of whisperTensors(config)) {
      if (!/conv|layers\.0/.test(name)) continue
      const values = weights.read(name)
      if (name.includes('layer_norm')) {
        expect(new Set(values), name).toEqual(new Set([name.endsWith('weight') ? 1 : 0]))
        continue
      }
      const [bands, units, inner] = [80, 384, 1536]
      const inputs = name.includes('conv1')
        ? 3 * bands
        : name.includes('conv2')
          ? 3 * units
          : name.includes('fc2')
            ? inner
            : units
      const bound = 1 / Math.sqrt(inputs)
      const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
      expect(largest, name).toBeLessThanOrEqual(Math.fround(bound))
      expect(largest, name).toBeGreaterThan(0.97 * bound)
      const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length
      // Of a uniform: bound² / 3, with a standard error of bound² √(4 / 45 n).
      const error = bound ** 2 * Math.sqrt(4 / 45 / values.length)
      expect(Math.abs(variance - bound ** 2 / 3), name).toBeLessThan(5 * error)
      expect(values.length).toBe(shape.reduce((a, b) => a * b, 1))
    }
  })

  test('positions are transformers’ sinusoids, whatever the seed', () => {
    const positions = weights.read('encoder.embed_positions.weight')
    // modeling_whisper.sinusoids(1500, 384) of transformers 5.23.0, in float32: its angles are rounded to 1e-4.
    const expected = [
      [0, 0, 0],
      [0, 383, 1],
      [7, 3, -0.2240816354751587],
      [1499, 100, -0.47981351613998413],
      [1499, 200, 0.23761220276355743],
      [1000, 191, 0.0998334065079689],
      [3, 192, -0.9899924993515015],
    ]
    for (const [frame, unit, value] of expected) expect(positions[384 * frame + unit]).toBeCloseTo(value, 3)
    expect(untrainedWhisper('whisper-tiny', 2).weights.read('encoder.embed_positions.weight')).toEqual(positions)
  })

  test('another seed is another model; a seed out of range is refused', async () => {
    const name = 'encoder.conv1.weight'
    expect(untrainedWhisper('whisper-tiny', 2).weights.read(name)).not.toEqual(weights.read(name))
    expect(untrainedWhisper('whisper-tiny', 1).weights.read(name)).toEqual(weights.read(name))
    await expect(describeModel({ architecture: 'whisper-tiny', seed: -1 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
    const { description } = await describeModel({ architecture: 'whisper-base', seed: 7 })
    expect(description).toBe("whisper-base's encoder, 6 blocks of 512 units, random weights, seed 7")
  })

  test('it runs', async () => {
    const model = await openModel({ architecture: 'whisper-tiny', seed: 1 }, { layers: ['transf0'], threads: 1 })
    const found = (await model.run(speech.subarray(0, 16_000))).get('transf0')!
    await model.close()
    expect([found.rows, found.cols]).toEqual([50, 384])
  })
})

describe('a folder that', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'heschl-whisper-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  async function changed(file: string, values: Readonly<Record<string, unknown>>, name = 'whisper-1') {
    const checkpoint = join(root, name)
    await cp(folderOf(name), checkpoint, { recursive: true })
    const path = join(checkpoint, file)
    const found = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify({ ...found, ...values }))
    return describeModel({ checkpoint })
  }

  test('is as it should be is described', async () => {
    const description = await changed('config.json', { scale_embedding: true })
    expect(description.description).toMatch(/^Whisper encoder, 2 blocks of 12 units, from /)
    expect(description.normalize).toBe(false)
  })

  test.each([
    ['config.json', { activation_function: 'relu' }, 'activation_function'],
    ['preprocessor_config.json', { feature_size: 128 }, 'feature_size'],
    ['preprocessor_config.json', { hop_length: 200 }, 'hop_length'],
    ['preprocessor_config.json', { n_fft: 512 }, 'n_fft'],
    ['preprocessor_config.json', { chunk_length: 20 }, 'chunk_length'],
    ['preprocessor_config.json', { sampling_rate: 8000 }, 'sampling_rate'],
    ['preprocessor_config.json', { dither: 0.1 }, 'dither'],
  ])('says in %s %j is not supported', async (file, values, key) => {
    await expect(changed(file, values)).rejects.toMatchObject({
      code: 'CONFIG_UNSUPPORTED',
      parts: { found: expect.stringContaining(key), where: { file: join(root, 'whisper-1', file) } },
    })
  })

  test.each([
    [{ d_model: 13 }, 'd_model'],
    [{ d_model: 0 }, 'd_model'],
    [{ encoder_attention_heads: 5 }, 'encoder_attention_heads'],
    [{ encoder_layers: 1e9 }, 'encoder_layers'],
    [{ max_source_positions: 1e9 }, 'max_source_positions'],
    [{ num_mel_bins: 'many' }, 'num_mel_bins'],
  ])('says in config.json %j makes no sense', async (values, key) => {
    await expect(changed('config.json', values)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { found: expect.stringContaining(key) },
    })
  })

  test.each([
    ['whisper-1', { encoder_layers: 1 }, 'encoder.layers.1.'],
    ['whisper-1', { encoder_layers: 3 }, 'encoder.layers.2.self_attn_layer_norm.weight'],
    ['whisper-128', { encoder_ffn_dim: 17 }, 'model.encoder.layers.0.fc1.weight'],
    ['whisper-classifier', { d_model: 20 }, 'encoder.conv1.weight'],
  ])('of %s says %j does not match its weights', async (name, values, tensor) => {
    const error: unknown = await changed('config.json', values, name).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' })
    expect(String((error as { parts: { where: { tensor: string } } }).parts.where.tensor)).toContain(tensor)
  })
})
