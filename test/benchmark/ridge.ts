/**
 * Cross-validated ridge against scikit-learn and himalaya on random data with planted signal.
 *
 *   node test/benchmark/ridge.ts [--n 2600] [--p 3072] [--targets 20484] [--folds 10] [--alphas 1:8:20] [--threads 2]
 *                                [--peers sklearn,himalaya|none]
 *
 * The peers run through the Python in HESCHL_PYTHON (with scikit-learn and himalaya), with as many threads; without it
 * they are left out. Prints a Markdown table. Nothing else should run on the machine.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { logspace, prepareRidge } from '../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../src-main/encoding/scoreThreads.ts'
import { createGemm, type Gemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix, Matrix32 } from '../../src-main/linalg/matrix.ts'
import { normal } from '../main/linalg/random.ts'

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '2600' },
    p: { type: 'string', default: '3072' },
    targets: { type: 'string', default: '20484' },
    folds: { type: 'string', default: '10' },
    alphas: { type: 'string', default: '1:8:20' },
    threads: { type: 'string', default: '2' },
    peers: { type: 'string', default: 'sklearn,himalaya' },
  },
})
const [n, p, targets, folds, threads] = [options.n, options.p, options.targets, options.folds, options.threads].map(
  Number,
) as [number, number, number, number, number]
const [from, to, count] = options.alphas.split(':').map(Number) as [number, number, number]

/** Features, and targets of which each follows two features, from not at all to half of its variance. */
function data(): { x: Matrix32; y: Matrix32 } {
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

const { x, y } = data()
const plain = await createGemm({ threads })
const best = await peak(plain)
const { gemm, total } = counted(plain)
let began = performance.now()
const scoring = new ScoreThreads(threads)
const problem = await prepareRidge(x, {
  ...{ folds: contiguousFolds(n, folds), alphas: logspace(from, to, count) },
  ...{ gemm, threads: scoring },
})
const prepared = (performance.now() - began) / 1000
began = performance.now()
const ours = await problem.score(y)
const scored = (performance.now() - began) / 1000
began = performance.now()
await problem.score(y)
const again = (performance.now() - began) / 1000
await scoring.close()
const rate = (total.flops.float32 + total.flops.float64) / total.seconds / 1e9
await plain.close()

console.log(`Ridge: n = ${n}, p = ${p}, ${targets} targets, ${folds} folds, ${count} alphas, ${threads} threads`)
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
console.log('| | seconds | ratio | same alpha | largest difference in r there | median |\n|---|---|---|---|---|---|')
const seconds = prepared + scored
console.log(`| Heschl (${prepared.toFixed(1)} + ${scored.toFixed(1)}) | ${seconds.toFixed(1)} | 1 | | | |`)
const python = process.env['HESCHL_PYTHON']
const folder = mkdtempSync(join(tmpdir(), 'heschl-ridge-'))
try {
  if (options.peers === 'none') console.log('| peers left out | | | | | |')
  else if (python) {
    writeFileSync(join(folder, 'x.f32'), x.data)
    writeFileSync(join(folder, 'y.f32'), y.data)
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ n, p, targets }))
    const script = new URL('./peers/ridge.py', import.meta.url).pathname
    for (const peer of options.peers.split(',')) {
      const flags = ['--folds', options.folds, '--alphas', options.alphas, '--threads', options.threads]
      execFileSync(python, [script, peer, folder, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
      const report = JSON.parse(readFileSync(join(folder, `${peer}.json`), 'utf8'))
      const bytes = readFileSync(join(folder, `${peer}.r.f32`))
      const r = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
      // Where another alpha was chosen (ties in float32, or another way of choosing) r differs by that, not by error.
      const alpha = readFileSync(join(folder, `${peer}.alpha.u8`))
      const differences = r
        .map((value, i) => (alpha[i] === ours.alpha[i] ? Math.abs(value - ours.r[i]) : NaN))
        .filter((value) => !Number.isNaN(value))
        .sort()
      const [median, largest] = [differences[differences.length >> 1], differences.at(-1)!]
      const same = `${((100 * differences.length) / r.length).toFixed(2)} %`
      const ratio = (report.seconds / seconds).toFixed(1)
      const accuracy = `${same} | ${largest.toExponential(1)} | ${median.toExponential(1)}`
      console.log(`| ${peer} ${report.version} | ${report.seconds.toFixed(1)} | ${ratio} | ${accuracy} |`)
    }
  } else console.log('| peers left out: HESCHL_PYTHON is not set | | | | | |')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const share = `${((100 * total.seconds) / prepared).toFixed(0)} % of the time`
console.log(
  `\nMatrix products of the preparation: ${share}, ${rate.toFixed(0)} GFLOP/s (float32 peak measured just before: ${best.toFixed(0)})`,
)
console.log(`A further subject on the same stimulus: ${again.toFixed(1)} s`)
console.log(`Memory of what is shared between subjects: ${(problem.bytes / 2 ** 20).toFixed(0)} MiB`)
