/**
 * Group statistics of maps on two spheres of 10,242 vertices, beside scipy and MNE.
 *
 *   node test/benchmark/statistics.ts [--subjects 20] [--many 412] [--flips 1000] [--peer-flips 20] [--threads 2]
 *
 * Wilcoxon over `many` subjects by the normal approximation; sign flips with the largest t, with exact cluster
 * enhancement, and with MNE's steps of 0.2. MNE takes `peer-flips` of them (its time is that many times one), through
 * the Python in HESCHL_PYTHON; without it it is left out. Nothing else should run on the machine. Prints a Markdown
 * table.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { adjacencyOf, besideEachOther } from '../../src-main/linalg/adjacency.ts'
import { createGemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'
import { bootstrapMeans, signFlipTest, tfceDefaults, wilcoxon } from '../../src-main/statistics/index.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'
import { smooth } from '../../src-main/surfaces/mesh.ts'

const { values: options } = parseArgs({
  options: {
    subjects: { type: 'string', default: '20' },
    many: { type: 'string', default: '412' },
    flips: { type: 'string', default: '1000' },
    'peer-flips': { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
  },
})
const [subjects, many, flips, peerFlips, threads] = [
  Number(options.subjects),
  Number(options.many),
  Number(options.flips),
  Number(options['peer-flips']),
  Number(options.threads),
]
const step = 0.2

const sphere = icosphere(5)
const hemisphere = adjacencyOf(sphere.triangles, sphere.points.length / 3)
const adjacency = besideEachOther(hemisphere, hemisphere)
const vertices = adjacency.offsets.length - 1

/** Smooth noise with an effect in some places, as maps of subjects are. */
function maps(rows: number, seed: number): Matrix32 {
  const random = seededRandom(seed)
  const data = new Float32Array(rows * vertices)
  for (let row = 0; row < rows; row++) {
    const noise = smooth(Float64Array.from({ length: vertices }, random.normal), adjacency, 3)
    for (let v = 0; v < vertices; v++) data[row * vertices + v] = noise[v] + (v % 5000 < 400 ? 0.1 : 0)
  }
  return { data, rows, cols: vertices }
}

const everyone = maps(many, 1)
const some = maps(subjects, 2)
const gemm = await createGemm({ threads })
const flip = { permutations: flips, seed: 1, alternative: 'two-sided' } as const
const seconds = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

const normal = { alternative: 'two-sided', zeros: 'wilcox', method: 'normal', continuity: false } as const
let p = new Float64Array(0)
let enhanced = new Float64Array(0)
const steps = { adjacency, ...tfceDefaults, integration: { start: 0, step } }
const interval = { level: 0.95, resamples: 1000, seed: 1, method: 'bca' } as const
const ours = {
  wilcoxon: await seconds(() => (p = wilcoxon(everyone, normal).p as Float64Array<ArrayBuffer>)),
  t: await seconds(() => signFlipTest(some, { ...flip, statistic: 't' }, { gemm })),
  tMany: await seconds(() => signFlipTest(everyone, { ...flip, statistic: 't' }, { gemm })),
  exact: await seconds(() => signFlipTest(some, { ...flip, statistic: { adjacency, ...tfceDefaults } }, { gemm })),
  tfce: await seconds(async () => {
    enhanced = (await signFlipTest(some, { ...flip, statistic: steps }, { gemm }))
      .statistic as Float64Array<ArrayBuffer>
  }),
  bootstrap: await seconds(() => bootstrapMeans(everyone, interval, { gemm })),
}
await gemm.close()

interface Peer {
  readonly seconds: Record<'wilcoxon' | 't' | 'tfce', number>
  readonly versions: Record<string, string>
}

/** What the peers take, and how far ours is from them. */
function peers(python: string): Peer & { differences: { wilcoxon: number; tfce: number } } {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-statistics-'))
  try {
    const edges: number[] = []
    for (let v = 0; v < vertices; v++) {
      for (let k = adjacency.offsets[v]; k < adjacency.offsets[v + 1]; k++) edges.push(v, adjacency.neighbours[k])
    }
    writeFileSync(join(folder, 'wilcoxon.f32'), everyone.data)
    writeFileSync(join(folder, 'values.f32'), some.data)
    writeFileSync(join(folder, 'edges.u32'), Uint32Array.from(edges))
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ vertices, step }))
    const script = new URL('./peers/statistics.py', import.meta.url).pathname
    const env = { ...process.env, OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` }
    const printed = execFileSync(python, [script, folder, '--flips', `${peerFlips}`], { encoding: 'utf8', env })
    const read = (name: string): Float64Array => {
      const bytes = readFileSync(join(folder, name))
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    }
    const largest = (a: Float64Array, b: Float64Array): number =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
    const differences = { wilcoxon: largest(p, read('wilcoxon.p.f64')), tfce: largest(enhanced, read('tfce.f64')) }
    return { ...(JSON.parse(printed.trim().split('\n').at(-1)!) as Peer), differences }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const python = process.env['HESCHL_PYTHON']
const peer = python === undefined ? undefined : peers(python)
const share = flips / peerFlips
const rows: [string, number, number | undefined, number | undefined][] = [
  [`Wilcoxon, ${many} subjects`, ours.wilcoxon, peer?.seconds.wilcoxon, peer?.differences.wilcoxon],
  [`${flips} sign flips, largest t, ${subjects} subjects`, ours.t, peer && peer.seconds.t * share, undefined],
  [`the same, ${many} subjects`, ours.tMany, undefined, undefined],
  [
    `${flips} sign flips, enhanced in steps of ${step}`,
    ours.tfce,
    peer && peer.seconds.tfce * share,
    peer?.differences.tfce,
  ],
  [`${flips} sign flips, enhanced exactly`, ours.exact, undefined, undefined],
  [`BCa intervals of means, 1000 resamples, ${many} subjects`, ours.bootstrap, undefined, undefined],
]
console.log(
  `${vertices} vertices; ${cpus()[0]?.model ?? 'unknown CPU'}, ${threads} threads, Node ${process.version}; ` +
    (peer
      ? `${Object.entries(peer.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}; ` + `their flips: ${peerFlips}, times ${share}`
      : 'scipy and MNE were not measured: HESCHL_PYTHON is not set'),
)
console.log('| | Heschl, s | scipy or MNE, s | ratio | largest difference |')
console.log('|---|---|---|---|---|')
for (const [name, own, theirs, difference] of rows) {
  const cells = [own.toFixed(2), theirs?.toFixed(1), theirs && (theirs / own).toFixed(0), difference?.toExponential(1)]
  console.log(`| ${name} | ${cells.map((cell) => cell ?? '').join(' | ')} |`)
}
