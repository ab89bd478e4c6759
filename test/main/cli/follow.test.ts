/** Following a job, against an engine that says what a test tells it to. */
import { describe, expect, test } from 'vitest'
import { followJob } from '../../../src-main/jobs/host/followJob.ts'
import type { Events } from '../../../src-main/contract/procedures.ts'
import type { Job } from '../../../src-main/contract/study.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { job } from './job.ts'

/** The port's calls that following uses: events to tell, and the cancellations that were asked for. */
function scriptedEngine() {
  const listeners = new Set<Events['job']>()
  const cancelled: string[] = []
  const engine = {
    on: (_event: string, listener: Events['job']) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    call: async (name: string, argument: { job: string }) => {
      expect(name).toBe('cancel')
      cancelled.push(argument.job)
      return null
    },
  } as unknown as EngineHandle
  const tell = (change: Partial<Job>) => listeners.forEach((listener) => listener({ ...job, ...change }))
  return { engine, tell, cancelled, listeners }
}

function following() {
  const shown: Job[] = []
  const said: string[] = []
  let interrupt: () => void = () => undefined
  const followed = {
    show: (each: Job) => void shown.push(each),
    stopping: () => void said.push('stopping'),
    interrupts: (interrupted: () => void) => {
      interrupt = interrupted
      return () => void said.push('signals released')
    },
  }
  return { shown, said, followed, interrupt: () => interrupt() }
}

describe('followJob', () => {
  test('shows every state of its own job and gives the last', async () => {
    const { engine, tell, listeners } = scriptedEngine()
    const { shown, said, followed } = following()
    const done = followJob(engine, async () => job, followed)
    await Promise.resolve()
    tell({ fraction: 0.5 })
    tell({ id: 'job-2', state: 'failed', fraction: 0.9 })
    tell({ fraction: 1, state: 'done' })
    expect((await done).state).toBe('done')
    expect(shown.map(({ fraction }) => fraction)).toEqual([0.437, 0.5, 1])
    expect(said).toEqual(['signals released'])
    expect(listeners.size).toBe(0)
  })

  test('misses nothing that is said before its start is answered', async () => {
    const { engine, tell } = scriptedEngine()
    const { followed } = following()
    const start = async () => {
      tell({ state: 'done', fraction: 1 })
      return job
    }
    expect((await followJob(engine, start, followed)).fraction).toBe(1)
  })

  test('a job that is over when its start is answered', async () => {
    const { engine } = scriptedEngine()
    expect((await followJob(engine, async () => ({ ...job, state: 'done' }), following().followed)).state).toBe('done')
  })

  test('a failed job rejects with its own error', async () => {
    const { engine, tell, listeners } = scriptedEngine()
    const done = followJob(engine, async () => job, following().followed)
    await Promise.resolve()
    tell({ state: 'failed', error: new HeschlError('DISK_FULL', 'The disk is full').serialize() })
    await expect(done).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(listeners.size).toBe(0)
  })

  test('an interrupt asks for the job’s end, which then rejects as cancelled', async () => {
    const { engine, tell, cancelled } = scriptedEngine()
    const { said, followed, interrupt } = following()
    const done = followJob(engine, async () => job, followed)
    await Promise.resolve()
    interrupt()
    tell({ state: 'cancelling' })
    tell({ state: 'cancelled' })
    await expect(done).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(cancelled).toEqual(['job-1'])
    expect(said).toEqual(['stopping', 'signals released'])
  })

  test('an interrupt before the start is answered is not lost', async () => {
    const { engine, tell, cancelled } = scriptedEngine()
    const { followed, interrupt } = following()
    const started = Promise.withResolvers<Job>()
    const done = followJob(engine, () => started.promise, followed)
    interrupt()
    expect(cancelled).toEqual([])
    started.resolve(job)
    await new Promise((resolve) => setImmediate(resolve))
    expect(cancelled).toEqual(['job-1'])
    tell({ state: 'cancelled' })
    await expect(done).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('an engine that the same signal ended is a cancelled job; without a signal it is lost', async () => {
    const lost = {
      state: 'failed',
      error: new HeschlError('ENGINE_LOST', 'The engine process ended').serialize(),
    } as const
    for (const interrupted of [true, false]) {
      const { engine, tell } = scriptedEngine()
      const { followed, interrupt } = following()
      const done = followJob(engine, async () => job, followed)
      await Promise.resolve()
      if (interrupted) interrupt()
      tell(lost)
      await expect(done).rejects.toMatchObject({ code: interrupted ? 'CANCELLED' : 'ENGINE_LOST' })
    }
  })

  test('a start that fails releases the signals', async () => {
    const { engine, listeners } = scriptedEngine()
    const { said, followed } = following()
    const start = () => Promise.reject(new HeschlError('STUDY_LOCKED', 'Another Heschl has the study open'))
    await expect(followJob(engine, start, followed)).rejects.toMatchObject({ code: 'STUDY_LOCKED' })
    expect(said).toEqual(['signals released'])
    expect(listeners.size).toBe(0)
  })
})
