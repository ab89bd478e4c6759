import { expect } from 'vitest'
import type { Job } from '../../src-main/contract/study.ts'
import type { EngineHandle } from '../../src-main/jobs/engineHandle.ts'

/** Resolves when a job has ended, however it did. */
export function finished(engine: EngineHandle, job: Job): Promise<Job> {
  return new Promise((done) => {
    const look = (now: Job) => {
      if (now.id !== job.id || !['done', 'failed', 'cancelled'].includes(now.state)) return
      stop()
      done(now)
    }
    const stop = engine.on('job', look)
    void engine.call('jobs', {}).then((jobs) => jobs.forEach(look))
  })
}

/** Runs a study to its end, without a failure. */
export async function runStudy(engine: EngineHandle, study: string): Promise<void> {
  const job = await engine.call('run', { study })
  expect(await finished(engine, job)).toMatchObject({ state: 'done', error: null })
}
