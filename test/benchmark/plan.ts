/**
 * The plan's estimates beside what happens, on an empty database: time, memory and disk, by kind of step. A small study
 * of synthetic speech, an untrained model and noise on a sphere, then any study that is named (`npm run bench plan --
 * STUDY`; it is copied without its results). `--seconds`, `--runs`, `--level` and `--architecture` make the small study
 * larger. Run it on an idle machine: the estimates are of one.
 */
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Job, PlanStep } from '../../src-main/contract/study.ts'
import type { EngineHandle } from '../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../src-main/jobs/index.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    runs: { type: 'string', default: '3' },
    level: { type: 'string', default: '5' },
    architecture: { type: 'string', default: 'wav2vec2-demo' },
  },
  allowPositionals: true,
})

function finished(engine: EngineHandle, job: Job): Promise<Job> {
  return new Promise((done) => {
    engine.on('job', (now) => {
      if (now.id === job.id && ['done', 'failed', 'cancelled'].includes(now.state)) done(now)
    })
  })
}

const ratio = (estimate: number, actual: number) => Number((estimate / actual).toFixed(2))

/** Estimates over what happened, of all steps of a kind together; memory: of the largest. */
function compared(steps: readonly PlanStep[]) {
  const total = (which: 'estimate' | 'actual', what: 'seconds' | 'diskBytes') =>
    steps.reduce((sum, { computed }) => sum + (computed?.[which][what] ?? 0), 0)
  const most = (which: 'estimate' | 'actual') =>
    steps.reduce((most, { computed }) => Math.max(most, computed?.[which].memoryBytes ?? 0), 0)
  return {
    steps: steps.length,
    seconds: Number(total('actual', 'seconds').toFixed(2)),
    time: ratio(total('estimate', 'seconds'), total('actual', 'seconds')),
    peakMemoryGB: Number((most('actual') / 1e9).toFixed(2)),
    memory: ratio(most('estimate'), most('actual')),
    disk: ratio(total('estimate', 'diskBytes'), total('actual', 'diskBytes')),
  }
}

async function measure(name: string, path: string): Promise<void> {
  const engine = await startEngine({ spawn: 'child_process' })
  try {
    const before = await engine.call('plan', { study: path })
    const state = await finished(engine, await engine.call('run', { study: path }))
    if (state.state !== 'done') throw new Error(JSON.stringify(state.error))
    const { steps } = await engine.call('plan', { study: path })
    const kinds = [...new Set(steps.map(({ kind }) => kind))]
    const peak = Math.max(...steps.map(({ computed }) => computed?.actual.memoryBytes ?? 0))
    await engine.close()
    const file = statSync(join(dirname(path), '.heschl', `${basename(path, '.yaml')}.db`)).size
    console.log(
      JSON.stringify({
        benchmark: 'plan',
        study: name,
        machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
        estimateOverActual: {
          time: ratio(before.totals.seconds, state.secondsElapsed),
          memory: ratio(before.totals.memoryBytes, peak),
          disk: ratio(before.totals.diskBytes, file),
        },
        seconds: Number(state.secondsElapsed.toFixed(1)),
        fileMB: Number((file / 1e6).toFixed(1)),
        byKind: Object.fromEntries(kinds.map((kind) => [kind, compared(steps.filter((step) => step.kind === kind))])),
      }),
    )
  } finally {
    await engine.close()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'heschl-plan-'))
try {
  const small = await makeSmallStudy(join(folder, 'small'), {
    seconds: Number(values.seconds),
    runs: Number(values.runs),
    level: Number(values.level),
    architecture: values.architecture,
  })
  await measure('small', small.path)
  for (const [i, path] of positionals.entries()) {
    const copy = join(folder, String(i))
    cpSync(dirname(resolve(path)), copy, { recursive: true, filter: (file) => basename(file) !== '.heschl' })
    await measure(path, join(copy, basename(path)))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
