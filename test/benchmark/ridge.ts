/**
 * Cross-validated ridge against scikit-learn (leave-one-out) and himalaya (inner 5-fold) on random data with planted
 * signal: a table of a row a case.
 *
 *   node test/benchmark/ridge.ts [--case loo,kfold,few-loo,few-kfold] [--n 2600] [--p 3072] [--targets 20484]
 *                                [--folds 10] [--threads 2] [--peers yes|no] [--peer-folds 10]
 *
 * `few-…` have 512 targets. Two more cases have no peer and are left out unless asked for: `alphas`, `loo` with 100
 * alphas beside `loo` with 20, which holds up to 8 n² bytes an alpha; and `levels`, 15 cumulative levels of p features
 * beside the first of them. What is right about them is checked on 272 targets: the alphas against all errors evaluated,
 * the second level against both levels' features side by side. The peers run through the Python in HESCHL_PYTHON (with scikit-learn and
 * himalaya), with as many threads; without it they are left out. With `--peer-folds 2` a peer fits two
 * of the folds, each of which is a fit of its own there, and its seconds are those times folds / 2. Nothing else should
 * run on the machine. Prints a Markdown table.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { FeatureLevels } from '../../src-main/encoding/levels.ts'
import { logspace, prepareRidge, type RidgeProblem, type Selection } from '../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../src-main/encoding/scoreThreads.ts'
import type { RidgeScores } from '../../src-main/encoding/solver.ts'
import { createGemm, type Gemm, type Operations } from '../../src-main/linalg/gemm.ts'
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
    'peer-folds': { type: 'string' },
  },
})
const [n, p, folds, threads] = [options.n, options.p, options.folds, options.threads].map(Number) as [
  number,
  number,
  number,
  number,
]
const peerFolds = Number(options['peer-folds'] ?? folds)
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
}

const checked = 272
const levels = 15

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

/** GFLOP/s of the best of five large products. */
async function peak(gemm: Gemm, type: typeof Float32Array | typeof Float64Array): Promise<number> {
  const side = 2500
  const a = { data: new type(side * side).fill(0.5), rows: side, cols: side } as Matrix
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
    const flags = [
      '--folds',
      options.folds,
      '--alphas',
      '1:8:20',
      '--threads',
      options.threads,
      '--first',
      String(peerFolds),
    ]
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

const leaveOneOut = (alphas: number) => ({
  ...{ folds: contiguousFolds(n, folds), alphas: logspace(1, 8, alphas), gemm: plain, threads: scoring },
})

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

const firstTargets = (y: Matrix32, count: number): Matrix32 => {
  const data = new Float32Array(y.rows * count)
  for (let i = 0; i < y.rows; i++) data.set(y.data.subarray(i * y.cols, i * y.cols + count), i * count)
  return { data, rows: y.rows, cols: count }
}

/** 100 alphas beside 20. */
async function compareAlphas(): Promise<string> {
  const { x, y } = data(many)
  const time = (alphas: number) => seconds(async () => (await prepareRidge(x, leaveOneOut(alphas))).score(y))
  const [twenty, hundred] = [await time(20), await time(100)]
  const few = firstTargets(y, Math.min(checked, many))
  const problem = await prepareRidge(x, leaveOneOut(100))
  const { alpha } = await problem.score(few)
  const { curves } = await problem.score(few, {}, { curves: true })
  let same = 0
  let most = 0
  for (const [i, chosen] of alpha.entries()) {
    const errors = Array.from({ length: 100 }, (_, k) => curves![k * alpha.length + i])
    const least = Math.min(...errors)
    if (errors[chosen] === least) same++
    most = Math.max(most, errors[chosen] / least - 1)
  }
  const share = ((100 * same) / alpha.length).toFixed(2)
  return (
    `alphas: 20 in ${twenty.toFixed(1)} s, 100 in ${hundred.toFixed(1)} s, ${(hundred / twenty).toFixed(2)} times; ` +
    `of ${alpha.length} choices ${share} % are those of all errors evaluated, the others' errors within ${most.toExponential(1)}`
  )
}

/** 15 cumulative levels beside one. */
async function compareLevels(): Promise<string> {
  const { x, y } = data(many)
  const more = normal(2)
  const options = leaveOneOut(20)
  const all = new FeatureLevels(plain)
  const few = firstTargets(y, Math.min(checked, many))
  const times: number[] = []
  let agreement = ''
  for (let level = 0; level < levels; level++) {
    const next = level === 0 ? x : { ...x, data: x.data.map(() => more()) }
    let problem: RidgeProblem | undefined
    times.push(
      await seconds(async () => {
        await all.add(next)
        problem = await all.prepare(options)
        await problem.score(y)
      }),
    )
    if (level === 1) {
      const both: Matrix32 = { data: new Float32Array(2 * n * p), rows: n, cols: 2 * p }
      for (let i = 0; i < n; i++) {
        both.data.set(x.data.subarray(i * p, (i + 1) * p), 2 * i * p)
        both.data.set(next.data.subarray(i * p, (i + 1) * p), (2 * i + 1) * p)
      }
      const [found, expected] = [await problem!.score(few), await (await prepareRidge(both, options)).score(few)]
      const same = found.alpha.filter((alpha, i) => alpha === expected.alpha[i]).length
      const most = found.r.reduce((a, r, i) => Math.max(a, Math.abs(r - expected.r[i])), 0)
      agreement = `at the second level ${((100 * same) / found.alpha.length).toFixed(2)} % of alphas as of both side by side, |Δr| at most ${most.toExponential(1)}`
    }
  }
  const total = times.reduce((a, b) => a + b, 0)
  const ratio = (total / times[0]).toFixed(1)
  return `levels: one in ${times[0].toFixed(1)} s, ${levels} in ${total.toFixed(1)} s, ${ratio} times; ${agreement}`
}

const comparisons: Readonly<Record<string, () => Promise<string>>> = { alphas: compareAlphas, levels: compareLevels }

const python = options.peers === 'yes' ? process.env['HESCHL_PYTHON'] : undefined
const plain = await createGemm({ threads })
const scoring = new ScoreThreads(threads)
const peaks = { float32: await peak(plain, Float32Array), float64: await peak(plain, Float64Array) }
console.log(
  `Ridge: n = ${n}, p = ${p}, ${folds} folds, ${threads} threads; products: float32 ${peaks.float32.toFixed(0)}, float64 ${peaks.float64.toFixed(0)} GFLOP/s`,
)
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
console.log(
  '| case | targets | alphas | prepare, s | score, s | further subject / first | shared, MiB at most | peer, s | ratio | same alpha | largest difference in r there | median |',
)
console.log(`|${'---|'.repeat(12)}`)
const multiplied = async () => {
  const all = [plain.operations(), await scoring.operations()]
  return { float32: all[0].float32 + all[1].float32, float64: all[0].float64 + all[1].float64 }
}
/** What a stage multiplied, and what of its time that takes at the peak. */
function shareText(stage: string, before: Operations, after: Operations, seconds: number): string {
  const [float32, float64] = [after.float32 - before.float32, after.float64 - before.float64].map(
    (value) => value / 1e9,
  )
  const share = (100 * (float32 / peaks.float32 + float64 / peaks.float64)) / seconds
  return `${stage} ${float32.toFixed(0)} GFLOP in float32, ${float64.toFixed(0)} in float64, ${share.toFixed(0)} % of its time at the peak`
}
const shares: string[] = []
const asked = options.case.split(',')
const unknown = asked.find((name) => !(name in cases || name in comparisons))
if (unknown !== undefined) {
  throw new Error(`There is no case ${unknown}: ${[...Object.keys(cases), ...Object.keys(comparisons)].join(', ')}`)
}
for (const name of asked) {
  const known = cases[name]
  if (!known) continue
  const both = data(known.targets)
  const counts = [await multiplied()]
  const ends = [performance.now() / 1000]
  const problem = await prepareRidge(both.x, {
    ...{ folds: contiguousFolds(n, folds), alphas: logspace(1, 8, known.alphas), selection: known.selection },
    ...{ gemm: plain, threads: scoring },
  })
  ends.push(performance.now() / 1000)
  counts.push(await multiplied())
  const ours = await problem.score(both.y)
  ends.push(performance.now() / 1000)
  counts.push(await multiplied())
  await problem.score(both.y)
  ends.push(performance.now() / 1000)
  const [prepared, scored, again] = ends.slice(1).map((end, i) => end - ends[i]) as [number, number, number]
  const stages = [
    shareText('prepare', counts[0], counts[1], prepared),
    shareText('score', counts[1], counts[2], scored),
  ]
  shares.push(`${name}: ${stages.join('; ')}`)
  const further = (again / (prepared + scored)).toFixed(2)
  const shared = (problem.bytes / 2 ** 20).toFixed(0)
  const row = [name, known.targets, known.alphas, prepared.toFixed(1), scored.toFixed(1), further, shared]
  if (python !== undefined && known.peer) {
    const { report, same, differences } = compare(known.peer, both, ours)
    const theirs = (report.seconds * folds) / peerFolds
    const ratio = (theirs / (prepared + scored)).toFixed(1)
    row.push(`${known.peer} ${report.version}: ${theirs.toFixed(1)}`, ratio, `${(100 * same).toFixed(2)} %`)
    row.push(differences.at(-1)!.toExponential(1), differences[differences.length >> 1].toExponential(1))
  } else row.push(...Array<string>(5).fill(''))
  console.log(`| ${row.join(' | ')} |`)
}
console.log(`\n${shares.join('\n')}`)
for (const name of asked) {
  const compareTimes = comparisons[name]
  if (compareTimes) console.log(`\n${await compareTimes()}`)
}
await scoring.close()
await plain.close()
