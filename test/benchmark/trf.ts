/**
 * Temporal response functions against what Python users do: a lagged design written out with numpy and scikit-learn's
 * Ridge, on each fold, at each alpha; alphas chosen a target by inner folds. Random features that change slowly, targets
 * that follow delayed units.
 *
 *   node test/benchmark/trf.ts [--n 6000] [--units 20] [--lags 40] [--targets 128] [--folds 5] [--inner 5]
 *                              [--threads 2] [--peer yes|no]
 *
 * The peer runs through the Python in HESCHL_PYTHON (with numpy and scikit-learn), with as many threads. Ridge's solver is
 * `cholesky`, the fastest there for these shapes. Nothing else should run on the machine. Prints a Markdown table.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contiguousFolds } from '../../src-main/encoding/folds.ts'
import { preparePrimal } from '../../src-main/encoding/primal/primal.ts'
import { logspace } from '../../src-main/encoding/ridge.ts'
import { createGemm } from '../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { normal } from '../main/linalg/random.ts'

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '6000' },
    units: { type: 'string', default: '20' },
    lags: { type: 'string', default: '40' },
    targets: { type: 'string', default: '128' },
    folds: { type: 'string', default: '5' },
    inner: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    peer: { type: 'string', default: 'yes' },
  },
})
const number = (name: keyof typeof options) => Number(options[name])
const [n, units, lags, targets] = [number('n'), number('units'), number('lags'), number('targets')]
const [folds, inner, threads] = [number('folds'), number('inner'), number('threads')]
const python = options.peer === 'yes' ? process.env['HESCHL_PYTHON'] : undefined

function data(): { x: Matrix32; y: Matrix32 } {
  const random = normal(1)
  const x: Matrix32 = { data: new Float32Array(n * units), rows: n, cols: units }
  for (let i = 0; i < n * units; i++) x.data[i] = 0.9 * (x.data[i - units] ?? 0) + 0.44 * random()
  const y: Matrix32 = { data: Float32Array.from({ length: n * targets }, random), rows: n, cols: targets }
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < targets; t++) {
      const from = i - (t % lags)
      if (from >= 0) y.data[i * targets + t] += ((t % 7) / 4) * x.data[from * units + (t % units)]
    }
  }
  return { x, y }
}

const { x, y } = data()
const gemm = await createGemm({ threads })
const began = performance.now()
const problem = await preparePrimal([x], {
  folds: contiguousFolds(n, folds),
  alphas: logspace(2, 7, 10),
  selection: { kfold: inner },
  lags: { from: 0, to: lags - 1 },
  gemm,
})
const prepared = performance.now()
const { r, alpha } = await problem.score(y)
const seconds = (performance.now() - began) / 1000
const again = performance.now()
await problem.score(y)
const second = (performance.now() - again) / 1000
await gemm.close()

const rows = [
  ['Heschl', seconds.toFixed(1), `${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`],
  ['Heschl, further targets', second.toFixed(1), ''],
]
const checked: string[] = []

if (python !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-trf-'))
  try {
    writeFileSync(join(folder, 'x.f32'), x.data)
    writeFileSync(join(folder, 'y.f32'), y.data)
    writeFileSync(join(folder, 'shape.json'), JSON.stringify({ n, units, lags, targets, folds, inner, threads }))
    const script = new URL('./peers/trf.py', import.meta.url).pathname
    execFileSync(python, [script, folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
    })
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
      version: string
      seconds: number
      bytes: number
    }
    rows.push([report.version, report.seconds.toFixed(1), `${(report.bytes / 1e9).toFixed(2)} GB`])
    const bytes = readFileSync(join(folder, 'r.f64'))
    const theirs = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    const chosen = readFileSync(join(folder, 'alpha.u8'))
    const same = [...r.keys()].filter((i) => alpha[i] === chosen[i])
    const largest = same.reduce((most, i) => Math.max(most, Math.abs(r[i] - theirs[i])), 0)
    checked.push(
      `${(report.seconds / seconds).toFixed(1)} times as fast; the same alpha in ${same.length} of ${r.length}, ` +
        `where r differs by at most ${largest.toExponential(1)}`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

console.log(
  [
    `n ${n}, ${units} units x ${lags} lags, ${targets} targets, ${folds} folds of ${inner}, 10 alphas; ` +
      `${cpus()[0].model.trim()}, ${threads} threads`,
    '',
    ...[['', 'seconds', 'peak memory'], ['---', '---:', '---:'], ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `of ${seconds.toFixed(1)} s preparing ${((prepared - began) / 1000).toFixed(1)} s`,
    ...checked,
  ].join('\n'),
)
