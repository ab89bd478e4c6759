/**
 * Banded ridge by random search against himalaya's, the same candidates and folds, on random data in which each target
 * follows one or two of the spaces.
 *
 *   node test/benchmark/banded.ts [--n 1000] [--sizes 400,300,100] [--targets 4000] [--folds 5] [--inner 5]
 *                                 [--iterations 10] [--threads 2] [--backend torch] [--peers yes|no]
 *
 * The peer runs through the Python in HESCHL_PYTHON (with himalaya and torch), with as many threads; without it it is left
 * out. Nothing else should run on the machine. Prints a Markdown table; r is compared where the choices are the same.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareBands } from '../../src-main/encoding/banded/bands.ts'
import { bandCandidates } from '../../src-main/encoding/banded/candidates.ts'
import { inMemory, searchBands } from '../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { logspace } from '../../src-main/encoding/ridge.ts'
import { ScoreThreads } from '../../src-main/encoding/scoreThreads.ts'
import { createGemm } from '../../src-main/linalg/gemm.ts'
import { sharedMatrix32, type Matrix32 } from '../../src-main/linalg/matrix.ts'
import { normal } from '../main/linalg/random.ts'

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    sizes: { type: 'string', default: '400,300,100' },
    targets: { type: 'string', default: '4000' },
    folds: { type: 'string', default: '5' },
    inner: { type: 'string', default: '5' },
    iterations: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    backend: { type: 'string', default: 'torch' },
    peers: { type: 'string', default: 'yes' },
  },
})
const [n, targets, folds, inner] = [options.n, options.targets, options.folds, options.inner].map(Number)
const [iterations, threads] = [Number(options.iterations), Number(options.threads)]
const sizes = options.sizes.split(',').map(Number)

const random = normal(1)
const spaces = sizes.map((cols): Matrix32 => ({ data: Float32Array.from({ length: n * cols }, random), rows: n, cols }))
const y = sharedMatrix32(n, targets)
for (let i = 0; i < n; i++) {
  for (let t = 0; t < targets; t++) {
    const first = spaces[t % sizes.length]
    const second = spaces[Math.floor(t / 7) % sizes.length]
    const signal =
      first.data[i * first.cols + (t % first.cols)] + second.data[i * second.cols + ((3 * t) % second.cols)]
    y.data[i * targets + t] = random() + ((t % 11) / 10) * signal
  }
}
const candidates = bandCandidates(sizes.length, { iterations, seed: 0 })
const alphas = logspace(0, 6, 20)

const [gemm, scoring] = [await createGemm({ threads }), new ScoreThreads(threads)]
const began = performance.now()
const bands = await prepareBands(spaces, gemm)
const ridge = { folds: contiguousFolds(n, folds), alphas, selection: { kfold: inner }, gemm, threads: scoring }
const ours = await searchBands(bands, inMemory(y), { ...ridge, candidates })
const seconds = (performance.now() - began) / 1000
await scoring.close()
await gemm.close()

console.log(
  `Banded ridge: n = ${n}, spaces of ${sizes.join(', ')}, ${targets} targets, ${folds} folds, ${inner} inner folds,`,
)
console.log(`${iterations} candidates, ${alphas.length} alphas, ${threads} threads`)
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`)
const row = [seconds.toFixed(1)]
const python = options.peers === 'yes' ? process.env['HESCHL_PYTHON'] : undefined
if (python !== undefined) row.push(...compare(python))
console.log(
  '| Heschl, s | himalaya, s | ratio | same choice | largest difference in r there | median | mean r, Heschl | himalaya |',
)
console.log(`|${'---|'.repeat(8)}`)
console.log(`| ${row.join(' | ')} |`)

/** What himalaya answers, and how far ours is from it where it chose the same candidate and alpha. */
function compare(python: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-banded-'))
  try {
    for (const [b, space] of spaces.entries()) writeFileSync(join(folder, `x${b}.f32`), space.data)
    writeFileSync(join(folder, 'y.f32'), y.data)
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ n, sizes, targets, folds, inner, alphas, candidates }))
    const script = new URL('./peers/banded.py', import.meta.url).pathname
    const flags = ['--threads', options.threads, '--backend', options.backend]
    execFileSync(python, [script, folder, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
    const report = JSON.parse(readFileSync(join(folder, 'himalaya.json'), 'utf8'))
    const bytes = (name: string) => Uint8Array.from(readFileSync(join(folder, name))).buffer
    const r = new Float32Array(bytes('himalaya.r.f32'))
    const choice = new Uint16Array(bytes('himalaya.choice.u16'))
    const same = (i: number) => choice[i] === ours.candidate[i] && choice[r.length + i] === ours.alpha[i]
    const differences = r.map((value, i) => Math.abs(value - ours.r[i])).filter((_, i) => same(i))
    differences.sort()
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
    return [
      `${report.version}, ${options.backend}: ${report.seconds.toFixed(1)}`,
      (report.seconds / seconds).toFixed(1),
      `${((100 * differences.length) / r.length).toFixed(2)} %`,
      differences.at(-1)!.toExponential(1),
      differences[differences.length >> 1].toExponential(1),
      mean(ours.r).toFixed(5),
      mean(r).toFixed(5),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
