/**
 * ABX discrimination: a thousand triplets of one layer, against the released Python code on the same frames.
 *
 *   npm run bench -- abx [--triplets 1000] [--items 600] [--frames 10-30] [--units 768] [--distance cosine] [--repeats 12]
 *     [--threads 2] [--released FOLDER]
 *
 * Synthetic frames (independent normal numbers, absolute for kl), 10 to 30 an item (200 to 600 ms of a 20 ms hop); no
 * triplet is asked in two orders, so that nothing is saved by comparing a pair once. HESCHL_PYTHON names a Python with
 * scipy, and --released a copy of JAMJU/Sel_supervised_models_perception_biases, which is not kept here; without them
 * ours alone is measured.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { abxDeltas } from '../../src-main/behaviour/abx.ts'
import { frameDistances } from '../../src-main/behaviour/frameDistances.ts'
import type { Triplet } from '../../src-main/behaviour/triplets.ts'
import { writeNpy } from '../../src-main/formats/npy.ts'
import { PairThreads } from '../../src-main/behaviour/pairThreads.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'

const { values } = parseArgs({
  options: {
    triplets: { type: 'string', default: '1000' },
    items: { type: 'string', default: '600' },
    frames: { type: 'string', default: '10-30' },
    units: { type: 'string', default: '768' },
    threads: { type: 'string', default: '2' },
    distance: { type: 'string', default: 'cosine' },
    repeats: { type: 'string', default: '12' },
    released: { type: 'string' },
  },
})
const option = (name: 'triplets' | 'items' | 'units' | 'repeats' | 'threads') => {
  const value = Number(values[name])
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name} must be a whole number above 0`)
  return value
}
const [count, items, units, repeats] = [option('triplets'), option('items'), option('units'), option('repeats')]
const [shortest, longest] = values.frames.split('-').map(Number)
const named = frameDistances.find((name) => name === values.distance)
if (named === undefined) throw new Error(`--distance is one of ${frameDistances.join(', ')}`)
const distance = named

const random = seededRandom(1)
const lengths = Array.from({ length: items }, () => shortest + Math.floor((longest - shortest + 1) * random.uniform()))
const ends = lengths.map(
  (
    (sum) => (length: number) =>
      (sum += length)
  )(0),
)
const all = new Float32Array(ends.at(-1)! * units).map(() => {
  const value = random.normal()
  return distance === 'kl' ? Math.abs(value) + 1e-3 : value
})
const frames = new Map(
  lengths.map((rows, i): [string, Matrix32] => [
    String(i),
    { data: all.subarray((ends[i] - rows) * units, ends[i] * units), rows, cols: units },
  ]),
)
const known = new Set<string>()
const triplets: Triplet[] = []
while (triplets.length < count) {
  const [target, other, x] = [0, 1, 2].map(() => String(Math.floor(items * random.uniform())))
  if (target === other || known.has(`${target} ${x}`) || known.has(`${other} ${x}`)) continue
  known.add(`${target} ${x}`).add(`${other} ${x}`)
  const names = { targetPhone: 'a', otherPhone: 'e', context: '', language: '', dataset: '', targetFirst: true }
  triplets.push({ id: String(triplets.length), target, other, x, line: 0, ...names })
}

const threads = new PairThreads(option('threads'))
const seconds: number[] = []
let delta = new Float64Array(0)
async function measure(): Promise<void> {
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = performance.now()
    delta = (await abxDeltas(triplets, frames, { distance, dtw: 'as-published', threads })).delta as typeof delta
    seconds.push((performance.now() - began) / 1000)
  }
}
await measure()
const { delta: standard } = await abxDeltas(triplets, frames, { distance, dtw: 'standard', threads })
const warm = () => (seconds.length === 1 ? seconds : seconds.slice(1)).toSorted((a, b) => a - b)
const medianOf = (values: readonly number[]) => values[Math.floor(values.length / 2)]
console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.versions.node}`)
console.log(
  `${count} triplets of ${items} items, ${values.frames} frames of ${units} units, ${distance}, synthetic, ${values.threads} threads`,
)
console.log(
  `Heschl: first ${seconds[0].toFixed(3)} s, then median ${medianOf(warm()).toFixed(3)} s (best ${warm()[0].toFixed(3)} s)`,
)

const python = process.env.HESCHL_PYTHON
if (python === undefined || values.released === undefined) {
  console.log('Set HESCHL_PYTHON and --released to measure the released Python code beside it.')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-bench-'))
  try {
    await writeNpy(join(folder, 'items.npy'), { shape: [ends.at(-1)!, units], data: all })
    await writeNpy(join(folder, 'ends.npy'), { shape: [items], data: Float64Array.from(ends) })
    await writeNpy(join(folder, 'published.npy'), { shape: [count], data: delta })
    await writeNpy(join(folder, 'standard.npy'), { shape: [count], data: standard as typeof delta })
    const numbers = Float64Array.from(triplets.flatMap(({ target, other, x }) => [target, other, x].map(Number)))
    await writeNpy(join(folder, 'triplets.npy'), { shape: [count, 3], data: numbers })
    const script = fileURLToPath(new URL('./peers/abx.py', import.meta.url))
    const { stdout, status } = spawnSync(python, [script, values.released, folder, distance], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (status !== 0) throw new Error('the peer failed')
    const peer = JSON.parse(stdout) as Readonly<Record<'script' | 'dtw' | 'published' | 'standard', number>> & {
      readonly versions: string
    }
    // Once more, so that a machine that has become slower or faster since is seen.
    await measure()
    const median = medianOf(warm())
    const line = (what: string, time: number) =>
      console.log(`${what}: ${time.toFixed(2)} s, ratio ${(time / median).toFixed(0)}`)
    console.log(`Heschl, before and after the peer: median ${median.toFixed(3)} s`)
    console.log(peer.versions)
    line('Released script, from files to a table', peer.script)
    line('Released DTW alone, frames in memory', peer.dtw)
    console.log(`Largest difference of a delta from the released code: ${peer.published.toExponential(1)}`)
    console.log(`… of standard warping from plain recursion over 100 triplets: ${peer.standard.toExponential(1)}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
await threads.close()
