/**
 * The design matrix: seconds a unit, against one nilearn `compute_regressor` call a unit, and whether both agree.
 *
 *   npm run bench -- design [--seconds 600] [--units 768] [--layers 4] [--hop 0.02] [--tr 2] [--oversampling 16]
 *                           [--peer-units 16] [--repeats 3]
 *
 * Both scale the units to 0–1 first. Ours takes blocks of 5 s, as they come from a model; nilearn takes whole columns.
 * HESCHL_PYTHON names a Python with nilearn; without it ours alone is measured.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { frameToVolume } from '../../src-main/features/design.ts'
import { Regressors } from '../../src-main/features/regressors.ts'
import { readNpy, writeNpy } from '../../src-main/formats/npy.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    units: { type: 'string', default: '768' },
    layers: { type: 'string', default: '4' },
    hop: { type: 'string', default: '0.02' },
    tr: { type: 'string', default: '2' },
    oversampling: { type: 'string', default: '16' },
    'peer-units': { type: 'string', default: '16' },
    repeats: { type: 'string', default: '3' },
  },
})
const option = (name: keyof typeof values) => {
  const value = Number(values[name])
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`)
  return value
}
const [units, layers, hopSeconds, tr] = [option('units'), option('layers'), option('hop'), option('tr')]
const [oversampling, repeats] = [option('oversampling'), option('repeats')]
const frames = Math.round(option('seconds') / hopSeconds)
const volumes = Math.ceil(option('seconds') / tr) + 5
const peerUnits = Math.min(units, option('peer-units'))
const framesAtOnce = Math.round(5 / hopSeconds)

/** Slowly changing noise, the same in every run. */
function activations(): Matrix32 {
  const data = new Float32Array(frames * units)
  let state = 1
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[i] = (i < units ? 0 : 0.9 * data[i - units]) + state / 2 ** 32 - 0.5
  }
  return { data, rows: frames, cols: units }
}

function design(a: Matrix32): Matrix32 {
  const h = frameToVolume({ hrf: 'glover', tr, volumes, hopSeconds, frames, audioStart: 0, oversampling })
  let x: Matrix32 | undefined
  // One H serves all layers, as in a study.
  for (let layer = 0; layer < layers; layer++) {
    const regressors = new Regressors(h, units, { scale: 'minmax', hrf: 'glover' })
    for (let frame = 0; frame < frames; frame += framesAtOnce) {
      const rows = Math.min(framesAtOnce, frames - frame)
      regressors.add(frame, { data: a.data.subarray(frame * units, (frame + rows) * units), rows, cols: units })
    }
    x = regressors.finish()
  }
  if (!x) throw new Error('--layers must be 1 or more')
  return x
}

interface Peer {
  readonly seconds: readonly number[]
  readonly versions: Readonly<Record<string, string>>
  /** Largest difference from ours, in SDs of nilearn's regressor. */
  readonly difference: number
}

async function peer(python: string, a: Matrix32, x: Matrix32): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-bench-'))
  try {
    const [input, output] = [join(folder, 'a.npy'), join(folder, 'x.npy')]
    const data = new Float32Array(frames * peerUnits)
    for (let i = 0; i < frames; i++) data.set(a.data.subarray(i * units, i * units + peerUnits), i * peerUnits)
    await writeNpy(input, { shape: [frames, peerUnits], data })
    const script = fileURLToPath(new URL('peers/hrf.py', import.meta.url))
    const numbers = { hop: hopSeconds, tr, volumes, oversampling, repeats }
    const flags = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])
    const run = spawnSync(python, [script, input, output, ...flags], { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`${python} failed:\n${run.stderr}`)
    const theirs = await readNpy(output)
    let difference = 0
    for (let u = 0; u < peerUnits; u++) {
      const column = Array.from({ length: volumes }, (_, v) => theirs.data[v * peerUnits + u])
      const mean = column.reduce((sum, value) => sum + value, 0) / volumes
      const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / volumes)
      for (const [v, value] of column.entries())
        difference = Math.max(difference, Math.abs(x.data[v * units + u] - value) / deviation)
    }
    return { ...(JSON.parse(run.stdout) as Omit<Peer, 'difference'>), difference }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const a = activations()
let x = design(a) // warms the compiler up, as any study's first layer does
let ours = Infinity
for (let repeat = 0; repeat < repeats; repeat++) {
  const start = performance.now()
  x = design(a)
  ours = Math.min(ours, (performance.now() - start) / 1000)
}
const perUnit = ours / layers / units
console.log(
  `${option('seconds')} s of audio, hop ${hopSeconds} s, TR ${tr} s, oversampling ${oversampling}, ${volumes} volumes; ` +
    `${cpus()[0]?.model ?? 'unknown CPU'}, one thread; best of ${repeats}`,
)
console.log('| | units | ms per unit | ratio | largest difference, SD | versions |')
console.log('|---|---|---|---|---|---|')
console.log(`| Heschl | ${layers} x ${units} | ${(perUnit * 1000).toFixed(4)} | 1 | | Node ${process.version} |`)
const python = process.env['HESCHL_PYTHON']
if (python === undefined) {
  console.log('nilearn was not measured: HESCHL_PYTHON is not set')
} else {
  const { seconds, versions, difference } = await peer(python, a, x)
  const theirs = Math.min(...seconds) / peerUnits
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  console.log(
    `| nilearn | ${peerUnits} | ${(theirs * 1000).toFixed(3)} | ${(theirs / perUnit).toFixed(0)} | ` +
      `${difference.toExponential(1)} | ${named.join(', ')} |`,
  )
}
