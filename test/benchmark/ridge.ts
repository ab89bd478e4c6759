/**
 * Cross-validated ridge against scikit-learn (leave-one-out) and himalaya (inner 5-fold) on random data with planted
 * signal: a table of a row a case.
 *
 *   node test/benchmark/ridge.ts [--case loo,kfold,few-loo,few-kfold] [--n 2600] [--p 3072] [--targets 20484]
 *                                [--folds 10] [--threads 2] [--peers yes|no]
 *
 * `few-…` have 512 targets. `alphas` is `loo` with 100 alphas instead of 20, without a peer; it is left out unless asked
 * for, as it holds 8 n² bytes an alpha. The peers run through the Python in HESCHL_PYTHON (with scikit-learn and
 * himalaya), with as many threads; without it they are left out. Nothing else should run on the machine. Prints a
 * Markdown table.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { logspace, prepareRidge, type Selection } from '../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../src-main/encoding/scoreThreads.ts'
import type { RidgeScores } from '../../src-main/encoding/solver.ts'
import { createGemm, type Gemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix, Matrix32 } from '../../src-main/linalg/matrix.ts'
import { normal } from '../main/linalg/random.ts'

const { values: options } = parseArgs({
  options: {
    case: { type: 'string', default: 'loo,kfold,few-loo,few-kfold' },
    n: { type: 'string', default: '2600' },
    p: { type: 'string', default: '3072' },
    targets: { type: 'string', default: '20484' },
    folds: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    peers: { type: 'string', default: 'yes' },
  },
})
const [n, p, folds, threads] = [options.n, options.p, options.folds, options.threads].map(Number) as [
  number,
  number,
  number,
  number,
]
const many = Number(options.targets)
const inner = 5

interface Case {
  readonly targets: number
  readonly selection: Selection
  readonly alphas: number
  readonly peer?: 'sklearn' | 'himalaya'
}

const cases: Readonly<Record<string, Case>> = {
  loo: { targets: many, selection: 'leave-one-out', alphas: 20, peer: 'sklearn' },
  kfold: { targets: many, selection: { kfold: inner }, alphas: 20, peer: 'himalaya' },
  'few-loo': { targets: 512, selection: 'leave-one-out', alphas: 20, peer: 'sklearn' },
  'few-kfold': { targets: 512, selection: { kfold: inner }, alphas: 20, peer: 'himalaya' },
  alphas: { targets: many, selection: 'leave-one-out', alphas: 100 },
}

/** Features, and targets of which each follows two features, from not at all to half of its variance. */
function data(targets: number): { x: Matrix32; y: Matrix32 } {
  const random = normal(1)
  const x: Matrix32 = { data: Float32Array.from({ length: n * p }, random), rows: n, cols: p }
  const y: Matrix32 = { data: Float32Array.from({ length: n * targets }, random), rows: n, cols: targets }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < targets; j++) {
      const signal = x.data[i * p + (j % p)] + x.data[i * p + ((7 * j + 1) % p)]
      y.data[i * targets + j] += ((j % 11) / 10) * Math.SQRT1_2 * signal
    }
  }
  return { x, y }
}

/** Counts what goes through the port. */
function counted(gemm: Gemm) {
  const total = { seconds: 0, flops: { float32: 0, float64: 0 } }
  const multiply = async (a: Matrix, b: Matrix, how?: Parameters<Gemm['multiply']>[2]) => {
    const began = performance.now()
    const product = await (gemm.multiply as (a: Matrix, b: Matrix, how: unknown) => Promise<Matrix>)(a, b, how)
    total.seconds += (performance.now() - began) / 1000
    const inner = how?.transposeA ? a.rows : a.cols
    total.flops[a.data instanceof Float32Array ? 'float32' : 'float64'] += 2 * product.data.length * inner
    return product
  }
  return { gemm: { ...gemm, multiply: multiply as Gemm['multiply'] }, total }
}

/** float32 GFLOP/s of the best of five large products. */
async function peak(gemm: Gemm): Promise<number> {
  const side = 2500
  const a: Matrix32 = { data: new Float32Array(side * side).fill(0.5), rows: side, cols: side }
  let best = Infinity
  for (let i = 0; i < 5; i++) {
    const began = performance.now()
    await gemm.multiply(a, a)
    best = Math.min(best, performance.now() - began)
  }
  return (2 * side ** 3) / best / 1e6
}

/** What the peer answers, and how far ours is from it where it chose the same alpha. */
function compare(peer: string, { x, y }: ReturnType<typeof data>, ours: RidgeScores) {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-ridge-'))
  try {
    writeFileSync(join(folder, 'x.f32'), x.data)
    writeFileSync(join(folder, 'y.f32'), y.data)
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ n, p, targets: y.cols }))
    const script = new URL('./peers/ridge.py', import.meta.url).pathname
    const flags = ['--folds', options.folds, '--alphas', '1:8:20', '--threads', options.threads]
    execFileSync(python!, [script, peer, folder, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
    const report = JSON.parse(readFileSync(join(folder, `${peer}.json`), 'utf8'))
    const bytes = readFileSync(join(folder, `${peer}.r.f32`))
    const r = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    // Where another alpha was chosen (ties in float32) r differs by that, not by error.
    const alpha = readFileSync(join(folder, `${peer}.alpha.u8`))
    const differences = r.map((value, i) => Math.abs(value - ours.r[i])).filter((_, i) => alpha[i] === ours.alpha[i])
    differences.sort()
    return { report, same: differences.length / r.length, differences }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const python = options.peers === 'yes' ? process.env['HESCHL_PYTHON'] : undefined
const plain = await createGemm({ threads })
console.log(
  `Ridge: n = ${n}, p = ${p}, ${folds} folds, ${threads} threads; float32 peak ${(await peak(plain)).toFixed(0)} GFLOP/s`,
)
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
console.log(
  '| case | targets | alphas | prepare, s | score, s | further subject / first | products of the preparation | shared, MiB | peer, s | ratio | same alpha | largest difference in r there | median |',
)
console.log(`|${'---|'.repeat(13)}`)
for (const name of options.case.split(',')) {
  const known = cases[name]
  if (!known) throw new Error(`There is no case ${name}: ${Object.keys(cases).join(', ')}`)
  const both = data(known.targets)
  const { gemm, total } = counted(plain)
  const scoring = new ScoreThreads(threads)
  const seconds = [performance.now() / 1000]
  const problem = await prepareRidge(both.x, {
    ...{ folds: contiguousFolds(n, folds), alphas: logspace(1, 8, known.alphas), selection: known.selection },
    ...{ gemm, threads: scoring },
  })
  seconds.push(performance.now() / 1000)
  const ours = await problem.score(both.y)
  seconds.push(performance.now() / 1000)
  await problem.score(both.y)
  seconds.push(performance.now() / 1000)
  await scoring.close()
  const [prepared, scored, again] = seconds.slice(1).map((end, i) => end - seconds[i]) as [number, number, number]
  const rate = (total.flops.float32 + total.flops.float64) / total.seconds / 1e9
  const products = `${((100 * total.seconds) / prepared).toFixed(0)} % at ${rate.toFixed(0)} GFLOP/s`
  const further = (again / (prepared + scored)).toFixed(2)
  const shared = (problem.bytes / 2 ** 20).toFixed(0)
  const row = [name, known.targets, known.alphas, prepared.toFixed(1), scored.toFixed(1), further, products, shared]
  if (python !== undefined && known.peer) {
    const { report, same, differences } = compare(known.peer, both, ours)
    const ratio = (report.seconds / (prepared + scored)).toFixed(1)
    row.push(`${known.peer} ${report.version}: ${report.seconds.toFixed(1)}`, ratio, `${(100 * same).toFixed(2)} %`)
    row.push(differences.at(-1)!.toExponential(1), differences[differences.length >> 1].toExponential(1))
  } else row.push(...Array<string>(5).fill(''))
  console.log(`| ${row.join(' | ')} |`)
}
await plain.close()
