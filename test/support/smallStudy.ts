/**
 * A small real study for integration tests: synthetic audio, an untrained model, a sphere for each hemisphere, and
 * responses made of filtered noise. Everything in it is synthetic, and nothing in it is a result.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { giftiFunctional, giftiLabels, giftiSurface, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { writeNpy } from '../../src-main/formats/npy.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'

export interface SmallStudyOptions {
  /** Runs of `seconds` each. */
  readonly runs?: number
  readonly seconds?: number
  readonly subjects?: number
  /** Level of the icosphere: 42 vertices a hemisphere at 1, 162 at 2. */
  readonly level?: number
  readonly architecture?: string
  readonly layers?: readonly string[]
  /** Samples a second of the audio files. */
  readonly rate?: number
}

export interface SmallStudy {
  readonly folder: string
  /** The study file. */
  readonly path: string
  readonly vertices: number
  readonly volumes: number
}

/** mulberry32: test data that is the same everywhere. */
function testRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** 16-bit mono or stereo WAV bytes. */
export function wavBytes(channels: readonly Float32Array[], rate: number): Uint8Array {
  const frames = channels[0].length
  const bytes = new Uint8Array(44 + frames * channels.length * 2)
  const view = new DataView(bytes.buffer)
  const text = (at: number, value: string) => [...value].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  text(0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels.length, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * channels.length * 2, true)
  view.setUint16(32, channels.length * 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, bytes.length - 44, true)
  for (let i = 0, at = 44; i < frames; i++)
    for (const channel of channels) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, channel[i])) * 32767), true)
      at += 2
    }
  return bytes
}

/** Syllable-like bursts of harmonics and noise: not speech, but something for every layer to respond to. */
export function babble(seconds: number, rate: number, seed: number): Float32Array {
  const random = testRandom(seed)
  const samples = new Float32Array(Math.round(seconds * rate))
  let pitch = 120
  let loudness = 0
  for (let i = 0; i < samples.length; i++) {
    if (i % Math.round(rate * 0.18) === 0) {
      pitch = 90 + 120 * random()
      loudness = random() < 0.25 ? 0.02 : 0.2 + 0.6 * random()
    }
    const t = i / rate
    const voice = Math.sin(2 * Math.PI * pitch * t) + 0.5 * Math.sin(6 * Math.PI * pitch * t)
    samples[i] = 0.3 * loudness * (voice + 0.3 * (random() - 0.5))
  }
  return samples
}

/** [volumes, vertices] noise, smooth in time as haemodynamic responses are. */
export function smoothNoise(volumes: number, vertices: number, seed: number): Float32Array<ArrayBuffer> {
  const random = testRandom(seed)
  const data = new Float32Array(volumes * vertices)
  for (let i = 0; i < data.length; i++) {
    const before = i >= vertices ? data[i - vertices] : 0
    data[i] = 0.5 * before + (random() + random() + random() - 1.5)
  }
  return data
}

export async function makeSmallStudy(folder: string, options: SmallStudyOptions = {}): Promise<SmallStudy> {
  const { runs = 2, seconds = 23.7, subjects = 2, level = 1, architecture = 'wav2vec2-demo', rate = 16_000 } = options
  const layers = options.layers ?? ['conv6', 'transf0', 'transf5']
  mkdirSync(join(folder, 'surface'), { recursive: true })
  const { points, triangles } = icosphere(level)
  const vertices = points.length / 3
  for (const hemisphere of ['left', 'right']) {
    const place = (scale: number) =>
      Float32Array.from(points, (x, i) => x * scale + (i % 3 === 0 ? (hemisphere === 'left' ? -40 : 40) : 0))
    await writeGifti(join(folder, 'surface', `${hemisphere}.folded.gii`), giftiSurface(place(35), triangles))
    await writeGifti(join(folder, 'surface', `${hemisphere}.inflated.gii`), giftiSurface(place(38), triangles))
    const keys = Int32Array.from({ length: vertices }, (_, v) => (points[v * 3 + 1] > 0 ? 1 : 2))
    const labels = [
      { key: 1, name: 'front', rgba: [0.8, 0.2, 0.2, 1] as const },
      { key: 2, name: 'back', rgba: [0.2, 0.2, 0.8, 1] as const },
    ]
    await writeGifti(join(folder, 'surface', `${hemisphere}.label.gii`), giftiLabels(keys, labels))
  }
  const tr = 2
  const volumes = Math.ceil(seconds / tr) + 2
  const lines = [
    'heschl: 1',
    'name: A small synthetic study',
    'surface:',
    '  left: {folded: surface/left.folded.gii, inflated: surface/left.inflated.gii, labels: surface/left.label.gii}',
    '  right: {folded: surface/right.folded.gii, inflated: surface/right.inflated.gii, labels: surface/right.label.gii}',
    'stimuli:',
  ]
  for (let run = 1; run <= runs; run++) {
    const left = babble(seconds, rate, run)
    const channels = run % 2 === 0 ? [left, babble(seconds, rate, 100 + run)] : [left]
    writeFileSync(join(folder, `run-${run}.wav`), wavBytes(channels, rate))
    lines.push(`  - {id: run-${run}, audio: run-${run}.wav, language: none, synthetic: test signal}`)
  }
  lines.push('subjects:')
  for (let subject = 1; subject <= subjects; subject++) {
    lines.push(`  - id: sub-0${subject}`, '    simulated: true', '    recordings:')
    for (let run = 1; run <= runs; run++) {
      const data = smoothNoise(volumes, 2 * vertices, 1000 * subject + run)
      const name = `sub-0${subject}_run-${run}`
      // Odd subjects bring one NPY a run, even ones a GIFTI file a hemisphere.
      if (subject % 2 === 1) {
        await writeNpy(join(folder, `${name}.npy`), { shape: [volumes, 2 * vertices], data })
        lines.push(`      - {stimulus: run-${run}, data: ${name}.npy, tr: ${tr}}`)
        continue
      }
      for (const [side, hemisphere] of ['left', 'right'].entries()) {
        const half = new Float32Array(volumes * vertices)
        for (let v = 0; v < volumes; v++)
          half.set(data.subarray((2 * v + side) * vertices, (2 * v + side + 1) * vertices), v * vertices)
        const file = join(folder, `${name}_${hemisphere}.func.gii`)
        await writeGifti(file, giftiFunctional({ data: half, rows: volumes, cols: vertices }, tr))
      }
      lines.push(
        `      - {stimulus: run-${run}, data: {left: ${name}_left.func.gii, right: ${name}_right.func.gii}, tr: ${tr}}`,
      )
    }
  }
  lines.push(
    'models:',
    `  - {id: w2v-1, regime: untrained, architecture: ${architecture}, seed: 1, layers: [${layers.join(', ')}]}`,
    `  - {id: w2v-2, regime: untrained, architecture: ${architecture}, seed: 2, layers: [${layers.join(', ')}]}`,
    'spaces:',
    '  - {id: mel, acoustic: mel}',
    'encoding: {preset: standard, folds: 4, alphas: {from: 0, to: 6, count: 7}}',
    '',
  )
  const path = join(folder, 'study.yaml')
  writeFileSync(path, lines.join('\n'))
  return { folder, path, vertices: 2 * vertices, volumes }
}
