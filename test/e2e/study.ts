/**
 * A small study made for the end-to-end tests: noise that is modulated as speech is, a small random model, spheres
 * squeezed into hemispheres, and responses half of which follow the sound's loudness. All of it is synthetic and drawn
 * from a fixed seed.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { giftiLabels, giftiShape, giftiSurface, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { writeNpy } from '../../src-main/formats/npy.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'

const rate = 16_000
export const seconds = 80
const tr = 2
const volumes = seconds / tr
const stimuli = ['s1', 's2'] as const
export const subjects = ['sub-01', 'sub-02'] as const
export const models = ['w2v-one', 'w2v-two'] as const
export const layers = ['conv4', 'transf0', 'transf4', 'transf7'] as const
export const regions = ['Back', 'Front', 'Top'] as const

/** Mulberry32: uniform in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** @returns the path of its study.yaml */
export async function makeStudy(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const vertices = await writeSurfaces(folder)
  for (const [index, stimulus] of stimuli.entries()) {
    const loudness = await writeAudio(join(folder, `${stimulus}.wav`), index + 1)
    for (const [number, subject] of subjects.entries()) {
      const data = responses(loudness, vertices, 100 * index + number)
      await writeNpy(join(folder, `${subject}-${stimulus}.npy`), { shape: [volumes, 2 * vertices], data })
    }
  }
  const path = join(folder, 'study.yaml')
  await writeFile(path, studyFile())
  return path
}

function studyFile(): string {
  const hemisphere = (side: string): string =>
    `{folded: ${side}.folded.gii, inflated: ${side}.inflated.gii, sulc: ${side}.sulc.gii, labels: ${side}.label.gii}`
  return [
    'heschl: 1',
    'name: End-to-end study',
    `surface: {left: ${hemisphere('left')}, right: ${hemisphere('right')}}`,
    'stimuli:',
    ...stimuli.map((id) => `  - {id: ${id}, audio: ${id}.wav, synthetic: modulated noise}`),
    'subjects:',
    ...subjects.flatMap((id) => [
      `  - id: ${id}`,
      '    simulated: true',
      '    recordings:',
      ...stimuli.map((stimulus) => `      - {stimulus: ${stimulus}, data: ${id}-${stimulus}.npy, tr: ${tr}}`),
    ]),
    'models:',
    ...models.map(
      (id, index) =>
        `  - {id: ${id}, regime: untrained, architecture: wav2vec2-demo, seed: ${index + 1}, layers: [${layers.join(', ')}]}`,
    ),
    'spaces: [{id: mel, acoustic: mel}]',
    'encoding: {folds: 4, alphas: {from: 1, to: 6, count: 6}}',
    '',
  ].join('\n')
}

/** @returns vertices of one hemisphere */
async function writeSurfaces(folder: string): Promise<number> {
  const mesh = icosphere(3)
  const points = Float32Array.from(mesh.points)
  const count = points.length / 3
  const triangles = Uint32Array.from(mesh.triangles)
  for (const [side, centre] of [
    ['left', -35],
    ['right', 35],
  ] as const) {
    const folded = new Float32Array(points.length)
    const inflated = new Float32Array(points.length)
    const sulc = new Float32Array(count)
    const keys = new Int32Array(count)
    for (let v = 0; v < count; v++) {
      const [x, y, z] = [points[3 * v]!, points[3 * v + 1]!, points[3 * v + 2]!]
      const depth = Math.sin(9 * y) * Math.cos(7 * z)
      sulc[v] = depth
      folded.set([centre + x * (30 - 3 * depth), y * (80 - 4 * depth), z * (55 - 4 * depth)], 3 * v)
      inflated.set([centre + x * 32, y * 85, z * 58], 3 * v)
      keys[v] = z > 0.75 ? 3 : y < -0.3 ? 1 : y > 0.3 ? 2 : 0
    }
    const labels = [
      { key: 0, name: '???', rgba: [0, 0, 0, 0] as const },
      ...regions.map((name, index) => ({
        key: index + 1,
        name,
        rgba: [0.3 + 0.2 * index, 0.8 - 0.2 * index, 0.5, 1] as const,
      })),
    ]
    await writeGifti(join(folder, `${side}.folded.gii`), giftiSurface(folded, triangles))
    await writeGifti(join(folder, `${side}.inflated.gii`), giftiSurface(inflated, triangles))
    await writeGifti(join(folder, `${side}.sulc.gii`), giftiShape(sulc))
    await writeGifti(join(folder, `${side}.label.gii`), giftiLabels(keys, labels))
  }
  return count
}

/** @returns the loudness of every volume */
async function writeAudio(path: string, seed: number): Promise<Float64Array> {
  const random = uniform(seed)
  const samples = new Int16Array(rate * seconds)
  const loudness = new Float64Array(volumes)
  const syllable = rate / 5
  let [from, to] = [0, random()]
  for (let n = 0; n < samples.length; n++) {
    if (n % syllable === 0) [from, to] = [to, random() ** 2 * (0.5 + 0.5 * Math.sin((2 * Math.PI * n) / (rate * 23)))]
    const envelope = from + ((to - from) * (n % syllable)) / syllable
    samples[n] = Math.round(20_000 * envelope * (random() - 0.5))
    loudness[Math.floor(n / (rate * tr))]! += envelope / (rate * tr)
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.byteLength, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(2 * rate, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.byteLength, 40)
  await writeFile(path, Buffer.concat([header, Buffer.from(samples.buffer)]))
  return loudness
}

/** float32 [volumes, 2 * vertices]: the first half of each hemisphere's vertices follows the loudness 4 s before. */
function responses(loudness: Float64Array, vertices: number, seed: number): Float32Array<ArrayBuffer> {
  const random = uniform(seed + 1000)
  const data = new Float32Array(volumes * 2 * vertices)
  for (let volume = 0; volume < volumes; volume++) {
    const heard = loudness[Math.max(0, volume - 2)]!
    for (let target = 0; target < 2 * vertices; target++) {
      const noise = random() + random() + random() - 1.5
      data[volume * 2 * vertices + target] = 0.3 * noise + (target % vertices < vertices / 2 ? 4 * heard : 0)
    }
  }
  return data
}
