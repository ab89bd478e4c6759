/**
 * `heschl encode` of more targets than memory holds: peak memory of the processes, and seconds. X and Y are synthetic;
 * Y is written to a temporary file of 4 bytes a value, which is deleted after. fsaverage's 327,684 vertices:
 *
 *   npm run bench bounded -- --targets 327684 --memory 4 --select loo
 *
 * `--samples`, `--features`, `--folds`, `--alphas`, `--select loo|kfold:K`; `--stop-after N` ends it when N stripes of
 * targets are finished, which is enough to see its memory. With `--folder DIR` the files stay there, and the next call
 * goes on where one that was stopped left off.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Job } from '../../src-main/contract/study.ts'
import { writeHeader, writeNpy } from '../../src-main/formats/npy.ts'
import { startEngine } from '../../src-main/jobs/index.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'
import { arrayEncoding } from '../../src-main/study/arrayEncoding.ts'

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '1000' },
    features: { type: 'string', default: '1024' },
    targets: { type: 'string', default: '60000' },
    folds: { type: 'string', default: '10' },
    alphas: { type: 'string', default: '20' },
    select: { type: 'string', default: 'loo' },
    memory: { type: 'string', default: '4' },
    'stop-after': { type: 'string' },
    folder: { type: 'string' },
  },
})
const [samples, features, targets] = [values.samples, values.features, values.targets].map(Number)
const [, kfold] = /^kfold:(\d+)$/.exec(values.select) ?? []

/** Rows of noise with a share of X in it, written one after the other: the matrix is never in memory. */
async function writeResponses(file: string, x: Float32Array): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.write(writeHeader('<f4', [samples, targets], false))
    const row = new Float32Array(targets)
    const { normal } = seededRandom(2)
    const noise = Float32Array.from({ length: 1 << 20 }, () => normal())
    for (let i = 0; i < samples; i++) {
      for (let t = 0; t < targets; t++)
        row[t] = noise[(i * 7919 + t * 31) & (noise.length - 1)] + x[i * features + (t % features)] * (t % 4) * 0.3
      await handle.writeFile(new Uint8Array(row.buffer))
    }
  } finally {
    await handle.close()
  }
}

/** Most resident memory of a process so far, bytes; undefined where the system does not tell. */
function peakOf(pid: number): number | undefined {
  const file = `/proc/${pid}/status`
  const [, kilobytes] = existsSync(file) ? (/VmHWM:\s+(\d+)/.exec(readFileSync(file, 'utf8')) ?? []) : []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'heschl-bounded-'))
mkdirSync(folder, { recursive: true })
try {
  const { bavail, bsize } = statfsSync(folder)
  const needed = 4 * samples * targets * 1.1
  const at = (name: string) => join(folder, name)
  if (!existsSync(at('written'))) {
    if (bavail * bsize < needed) throw new Error(`${folder} needs ${(needed / 1e9).toFixed(1)} GB for the responses`)
    const { normal } = seededRandom(1)
    const x = Float32Array.from({ length: samples * features }, () => normal())
    await writeNpy(at('x.npy'), { shape: [samples, features], data: x })
    await writeResponses(at('y.npy'), x)
    mkdirSync(at('written'))
  }
  const { encoding } = arrayEncoding({
    folds: Number(values.folds),
    alphas: { from: 1, to: 8, count: Number(values.alphas) },
    selection: kfold === undefined ? 'leave-one-out' : { kfold: Number(kfold) },
  })
  const task = {
    ...({ kind: 'encodeArrays', x: [at('x.npy')], y: at('y.npy'), options: encoding } as const),
    ...{ r: at('r.npy'), alpha: at('alpha.npy'), partial: at('partial'), memory: Number(values.memory) * 1e9 },
  }
  const began = performance.now()
  const engine = await startEngine({ spawn: 'child_process' })
  const last = values['stop-after'] === undefined ? undefined : at(`partial/${Number(values['stop-after']) - 1}.part`)
  let peaks: readonly (number | undefined)[] = []
  let told = 0
  const ended = new Promise<Job>((done) => {
    engine.on('job', (job) => {
      peaks = [process.pid, engine.pid].map((pid) => (pid === undefined ? undefined : peakOf(pid)))
      if (job.fraction > told + 0.02) console.error(`${Math.round(100 * (told = job.fraction))} %, ${job.rate}`)
      if (['done', 'failed', 'cancelled'].includes(job.state)) done(job)
      else if (last !== undefined && existsSync(last)) void engine.call('cancel', { job: job.id })
    })
  })
  await engine.arrays({ label: 'Encode', out: folder, steps: [{ label: 'Encode', task }] })
  const job = await ended
  if (job.error) throw new Error(JSON.stringify(job.error))
  await engine.close()
  console.log(
    JSON.stringify({
      benchmark: 'bounded',
      machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
      ...{ samples, features, targets, folds: Number(values.folds), alphas: Number(values.alphas) },
      select: values.select,
      limitGB: Number(values.memory),
      peakGB: Object.fromEntries(
        peaks.map((bytes, i) => [i === 0 ? 'host' : 'engine', bytes === undefined ? null : +(bytes / 1e9).toFixed(2)]),
      ),
      seconds: Math.round((performance.now() - began) / 1000),
      ...(last === undefined ? {} : { stoppedAfterStripes: Number(values['stop-after']) }),
    }),
  )
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
