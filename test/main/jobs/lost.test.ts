/** What a run survives: an engine that is killed with jobs that wait, and a disk that is full in the middle. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '../../../src-main/contract/study.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let base: string
const paths: string[] = []

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-lost-'))
  for (const name of ['a', 'b', 'c', 'full']) {
    const { path } = await makeSmallStudy(join(base, name), { runs: 2 })
    // Sound alone: five steps.
    writeFileSync(path, readFileSync(path, 'utf8').replace(/models:\n(.*architecture.*\n)+/, ''))
    paths.push(path)
  }
}, 60_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Resolves once a job's state or progress is such. */
function until(engine: EngineHandle, id: string, such: (job: Job) => boolean): Promise<void> {
  return new Promise((done) => {
    const stop = engine.on('job', (job) => {
      if (job.id !== id || !such(job)) return
      stop()
      done()
    })
  })
}

test('kill -9 with jobs that wait: they run in the next engine under their own ids and in their order; the one at work can be resumed', async () => {
  const engine = await startEngine({ spawn: 'child_process' })
  const lines: string[] = []
  engine.on('log', ({ text }) => lines.push(text))
  const [a, b, c] = [
    await engine.call('run', { study: paths[0] }),
    await engine.call('run', { study: paths[1] }),
    await engine.call('run', { study: paths[2] }),
  ]
  await engine.call('moveJob', { job: c.id, before: b.id })
  await until(engine, a.id, ({ stepsDone }) => stepsDone >= 2)
  const began: string[] = []
  engine.on('job', ({ id, state }) => state === 'running' && !began.includes(id) && began.push(id))
  const ends = [finished(engine, a), finished(engine, b), finished(engine, c)]
  process.kill(engine.pid!, 'SIGKILL')
  const [lost, second, third] = await Promise.all(ends)
  expect(lost).toMatchObject({ state: 'failed', error: { code: 'ENGINE_LOST' } })
  expect([second, third]).toMatchObject([
    { id: b.id, asked: b.asked, state: 'done' },
    { id: c.id, asked: c.asked, state: 'done' },
  ])
  expect(began.filter((id) => id !== a.id)).toEqual([c.id, b.id])
  const resumed = await finished(engine, await engine.call('run', { study: paths[0] }))
  expect(resumed.state).toBe('done')
  expect(resumed.stepsCached).toBeGreaterThanOrEqual(2)
  expect(lines.filter((line) => line.startsWith('Failed: The engine process ended'))).toHaveLength(1)
  await engine.close()
}, 120_000)

const limits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

test.skipIf(!limits)(
  `a disk that takes nothing more fails the run in words and keeps what was stored; with room it goes on to the same scores${limits ? '' : ' (skipped: there is no prlimit here)'}`,
  async () => {
    const path = paths[3]
    const engine = await startEngine({ spawn: 'child_process' })
    const job = await engine.call('run', { study: path })
    await until(engine, job.id, ({ stepsDone }) => stepsDone >= 2)
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(engine.pid), `--fsize=${bytes}:`])
    // No file of the engine's may grow: as on a disk without room.
    limit('1')
    const failed = await finished(engine, job)
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'DISK_FULL', remedy: expect.any(String) as string },
    })
    // What is there is still to be looked at.
    const overview = await engine.call('openStudy', { path })
    expect(overview.missingSteps).toBeGreaterThan(0)
    limit('unlimited')
    const resumed = await finished(engine, await engine.call('run', { study: path }))
    expect(resumed.state).toBe('done')
    expect(resumed.stepsCached).toBeGreaterThanOrEqual(2)

    const request = { study: path, subject: 'mean', model: 'mel', layer: 'mel' }
    const after = await engine.call('scoreMap', request)
    await engine.close()
    rmSync(join(base, 'full', '.heschl'), { recursive: true })
    const fresh = await startEngine({ spawn: 'child_process' })
    expect((await finished(fresh, await fresh.call('run', { study: path }))).state).toBe('done')
    const whole = await fresh.call('scoreMap', request)
    expect([after.left, after.right]).toEqual([whole.left, whole.right])
    expect(whole.left.some((r) => r !== 0)).toBe(true)
    await fresh.close()
  },
  120_000,
)
