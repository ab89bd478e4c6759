/**
 * The encoding model of Le Petit Prince (100 principal components of Y, fitted in each training fold) against
 * scikit-learn's PCA and RidgeCV, as its released code calls them, on random data with planted signal.
 *
 *   node test/benchmark/components.ts [--n 2600] [--p 3072] [--targets 20484] [--components 100] [--folds 10]
 *                                     [--threads 2] [--peers yes|no]
 *
 * What a study computes for a subject's first layer is all of it; for a further subject of the same layer what depends on X
 * is there; for a further layer of a subject the components are. The peer runs through the Python in HESCHL_PYTHON, with as many
 * threads. Its PCA is timed as it is called (for these sizes a randomised one), and once more with `svd_solver` such
 * that components are exact, which scores are compared with. Nothing else should run on the machine.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { targetComponents } from '../../src-main/encoding/protocol/components.ts'
import { heldOutSets, trainedWithout } from '../../src-main/encoding/protocol/heldOut.ts'
import type { EncodingOptions } from '../../src-main/encoding/protocol/options.ts'
import { prepareEncoding } from '../../src-main/encoding/protocol/prepareEncoding.ts'
import { logspace } from '../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../src-main/encoding/scoreThreads.ts'
import { createGemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { normal } from '../main/linalg/random.ts'

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '2600' },
    p: { type: 'string', default: '3072' },
    targets: { type: 'string', default: '20484' },
    components: { type: 'string', default: '100' },
    folds: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    peers: { type: 'string', default: 'yes' },
  },
})
const { n, p, targets, components, folds, threads } = {
  ...{ n: Number(options.n), p: Number(options.p), targets: Number(options.targets) },
  ...{ components: Number(options.components), folds: Number(options.folds), threads: Number(options.threads) },
}

/** Targets of a few hundred directions, the largest of which follow features, and noise. */
function data(): { x: Matrix32; y: Matrix32 } {
  const random = normal(1)
  const x: Matrix32 = { data: Float32Array.from({ length: n * p }, random), rows: n, cols: p }
  const directions = 200
  const loadings = Float32Array.from({ length: directions * targets }, random)
  const y: Matrix32 = { data: Float32Array.from({ length: n * targets }, random), rows: n, cols: targets }
  const course = new Float64Array(directions)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < directions; k++) {
      const signal = x.data[i * p + (k % p)] + x.data[i * p + ((7 * k + 1) % p)]
      course[k] = (0.5 * signal + random()) / Math.sqrt(1 + k)
    }
    for (let k = 0; k < directions; k++)
      for (let j = 0; j < targets; j++) y.data[i * targets + j] += course[k] * loadings[k * targets + j]
  }
  return { x, y }
}

const encoding: EncodingOptions = {
  folds: contiguousFolds(n, folds),
  ...{ standardizeX: 'none', standardizeY: 'none', pcaX: 'none', pcaY: components },
  alphas: logspace(1, 8, 20),
  ...{ intercept: true, selection: 'leave-one-out', alpha: 'per-target' },
}

const { x, y } = data()
const gemm = await createGemm({ threads })
const scoring = new ScoreThreads(threads)
const ends = [performance.now()]
const lap = () => void ends.push(performance.now())
const problem = await prepareEncoding(x, encoding, { gemm, threads: scoring })
lap()
const known = await targetComponents(y, trainedWithout(heldOutSets(encoding.folds, n)), components, gemm, {})
lap()
const scores = await problem.score(y, {}, {}, known)
lap()
await problem.score(y, {}, {}, known)
lap()
const [prepared, found, first, again] = ends.slice(1).map((end, i) => (end - ends[i]) / 1000) as [
  number,
  number,
  number,
  number,
]
console.log(
  `Components: n = ${n}, p = ${p}, ${targets} targets, ${components} components, ${folds} folds, 20 alphas, ${threads} threads`,
)
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
console.log(`prepare X ${prepared.toFixed(1)} s, components ${found.toFixed(1)} s, score ${first.toFixed(1)} s`)

const python = options.peers === 'yes' ? process.env['HESCHL_PYTHON'] : undefined
if (python === undefined) console.log('Without HESCHL_PYTHON there is no peer.')
else {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-components-'))
  try {
    writeFileSync(join(folder, 'x.f32'), x.data)
    writeFileSync(join(folder, 'y.f32'), y.data)
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ n, p, targets }))
    const script = new URL('./peers/components.py', import.meta.url).pathname
    const flags = [String(folds), String(components), String(threads)]
    execFileSync(python, [script, folder, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
    const { seconds, version } = JSON.parse(readFileSync(join(folder, 'peer.json'), 'utf8')) as {
      readonly seconds: number
      readonly version: string
    }
    const bytes = readFileSync(join(folder, 'r.f32'))
    const r = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    const differences = r.map((value, i) => Math.abs(value - scores.r[i])).sort()
    console.log(`scikit-learn ${version}: ${seconds.toFixed(1)} s a layer and subject\n`)
    console.log('| what | Heschl, s | ratio |\n|---|---|---|')
    const row = (what: string, time: number) =>
      console.log(`| ${what} | ${time.toFixed(1)} | ${(seconds / time).toFixed(1)} |`)
    row('first layer of the first subject', prepared + found + first)
    row('further subject, same layer', found + again)
    row('further layer of a subject', prepared + first)
    row('further subject and layer whose components and X are there', again)
    const [most, median] = [differences.at(-1)!, differences[differences.length >> 1]]
    console.log(
      `\nr of exact components: largest difference ${most.toExponential(1)}, median ${median.toExponential(1)}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
await scoring.close()
await gemm.close()
