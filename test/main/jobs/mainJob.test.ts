import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Job } from '../../../src-main/contract/study.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import type { SmallStudy } from '../../support/smallStudy.ts'
import { main } from '../cli/heschl.ts'

let base: string
let study: SmallStudy
let uninterrupted: Map<string, string>

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-job-'))
  // Enough vertices that scoring threads share them.
  study = await makeSmallStudy(join(base, 'original'), { level: 4 })
  const copy = copyStudy('uninterrupted')
  const engine = await startTestEngine()
  await finished(engine, await engine.call('run', { study: copy }))
  uninterrupted = await scores(engine, copy)
  await engine.close()
}, 120_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

const startTestEngine = () => startEngine({ spawn: 'child_process' })

function copyStudy(name: string): string {
  cpSync(study.folder, join(base, name), { recursive: true })
  return join(base, name, 'study.yaml')
}

/** Waits until a job's progress fulfils a condition. */
function until(engine: EngineHandle, condition: (job: Job) => boolean): Promise<Job> {
  return new Promise((done) => {
    const stop = engine.on('job', (job) => {
      if (!condition(job)) return
      stop()
      done(job)
    })
  })
}

/** Every score map of a study, as the hexadecimal of its bytes. */
async function scores(engine: EngineHandle, path: string): Promise<Map<string, string>> {
  const overview = await engine.call('openStudy', { path })
  const found = new Map<string, string>()
  for (const model of overview.models)
    for (const layer of model.layers)
      for (const subject of [...overview.subjects.map(({ id }) => id), 'mean']) {
        const map = await engine.call('scoreMap', { study: path, subject, model: model.id, layer: layer.name })
        const bytes = (half: Float32Array) => Buffer.from(half.buffer, half.byteOffset, half.byteLength).toString('hex')
        found.set(`${model.id} ${layer.name} ${subject}`, bytes(map.left) + bytes(map.right))
      }
  return found
}

test('a study runs from audio to scores, and a second run computes nothing', async () => {
  const engine = await startTestEngine()
  const path = join(base, 'uninterrupted', 'study.yaml')
  const overview = await engine.call('openStudy', { path })
  expect(overview.problems).toEqual([])
  expect(overview.notice).toContain('simulated')
  expect(overview.subjects.map(({ state }) => state)).toEqual(['stored', 'stored'])
  expect(uninterrupted.size).toBe(7 * 3)
  const again = await finished(engine, await engine.call('run', { study: path }))
  expect(again).toMatchObject({ state: 'done', stepsTotal: 21, stepsCached: 21 })
  const table = await engine.call('scoreTable', { study: path })
  expect(table.rows).toHaveLength(7)
  // The responses are noise: no layer may predict them.
  for (const row of table.rows) expect(Math.abs(row.meanR)).toBeLessThan(0.1)
  expect(table.regions).toContain('front')
  const plan = await engine.call('plan', { study: path })
  expect(plan.totals.seconds).toBe(0)
  await engine.close()
})

// Each runs the study several times, which a busy machine does slowly.
vi.setConfig({ testTimeout: 240_000 })

test('kill -9 of the engine: the job says so, and a run after it gives the very same bits', async () => {
  const path = copyStudy('engine-killed')
  const engine = await startTestEngine()
  for (const stop of [2, 5, 12]) {
    const job = await engine.call('run', { study: path })
    await until(engine, (now) => now.id === job.id && now.stepsDone >= stop)
    process.kill(engine.pid!, 'SIGKILL')
    expect(await finished(engine, job)).toMatchObject({ state: 'failed', error: { code: 'ENGINE_LOST' } })
  }
  const last = await finished(engine, await engine.call('run', { study: path }))
  expect(last.state).toBe('done')
  expect(last.stepsCached).toBeGreaterThanOrEqual(12)
  expect(await scores(engine, path)).toEqual(uninterrupted)
  await engine.close()
})

test('cancel in the middle of a step, then run: the very same bits', async () => {
  const path = copyStudy('cancelled')
  const engine = await startTestEngine()
  const job = await engine.call('run', { study: path })
  await until(engine, (now) => now.id === job.id && now.state === 'running' && now.step !== '')
  await engine.call('cancel', { job: job.id })
  const stopped = await finished(engine, job)
  expect(stopped.state).toBe('cancelled')
  // It did not wait for the whole study.
  expect(stopped.stepsDone).toBeLessThan(stopped.stepsTotal)
  expect((await finished(engine, await engine.call('run', { study: path }))).state).toBe('done')
  expect(await scores(engine, path)).toEqual(uninterrupted)
  await engine.close()
})

test('kill -9 of everything, and Ctrl-C: a run after them gives the very same bits', async () => {
  const path = copyStudy('all-killed')
  const cli = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args])
  for (const [signal, patience] of [
    ['SIGKILL', 1500],
    ['SIGKILL', 2500],
    ['SIGINT', 2000],
  ] as const) {
    const running = cli('run', path)
    await wait(patience)
    running.child.kill(signal)
    await running.catch(() => undefined)
  }
  const { stdout } = await cli('run', path, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ job: { state: 'done' } })
  const engine = await startTestEngine()
  expect(await scores(engine, path)).toEqual(uninterrupted)
  await engine.close()
})

test('the study stays open to one Heschl at a time; the second is told so and the first goes on', async () => {
  const path = copyStudy('locked')
  const [first, second] = [await startTestEngine(), await startTestEngine()]
  await first.call('openStudy', { path })
  await expect(second.call('openStudy', { path })).rejects.toMatchObject({ code: 'STUDY_LOCKED' })
  await expect(second.call('run', { study: path })).rejects.toMatchObject({ code: 'STUDY_LOCKED' })
  const job = await first.call('run', { study: path })
  expect((await finished(first, job)).state).toBe('done')
  await first.close()
  await expect(second.call('openStudy', { path })).resolves.toMatchObject({ name: 'A small synthetic study' })
  await second.close()
})

test('nothing is left beside the study but its store', async () => {
  const engine = await startTestEngine()
  await engine.call('openStudy', { path: join(base, 'uninterrupted', 'study.yaml') })
  await engine.close()
  expect(readdirSync(join(base, 'uninterrupted', '.heschl'))).toEqual(['study.db'])
})
