/** Following a job of the engine to its end. */
import type { Job } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import type { EngineHandle } from '../engineHandle.ts'

/** Tells of the user's wish to stop; gives a function that stops listening. */
export type Interrupts = (interrupted: () => void) => () => void

export interface Followed {
  /** Every state of the job, the last included. */
  readonly show: (job: Job) => void
  /** The user has asked it to stop, and it will. */
  readonly stopping: () => void
  readonly interrupts: Interrupts
}

/**
 * Starts a job and waits for its end.
 *
 * @returns the job, done
 * @throws HeschlError the job's own (ENGINE_LOST when the engine's process ended); CANCELLED after an interrupt
 */
export async function followJob(
  engine: EngineHandle,
  start: () => Promise<Job>,
  { show, stopping, interrupts }: Followed,
): Promise<Job> {
  const end = Promise.withResolvers<Job>()
  const early: Job[] = []
  let followed: Job | undefined
  let interrupted = false
  const hear = (job: Job) => {
    // What is said of the job before its start is answered is kept until its id is known.
    if (followed === undefined) return void early.push(job)
    if (job.id !== followed.id) return
    followed = job
    show(job)
    if (isFinal(job)) end.resolve(job)
  }
  const cancel = () => {
    interrupted = true
    if (followed === undefined || isFinal(followed)) return
    stopping()
    engine.call('cancel', { job: followed.id }).catch((error: unknown) => end.reject(HeschlError.from(error)))
  }
  const stops = [engine.on('job', hear), interrupts(cancel)]
  try {
    followed = await start()
    show(followed)
    for (const job of early) hear(job)
    if (isFinal(followed)) end.resolve(followed)
    else if (interrupted) cancel()
    const job = await end.promise
    if (job.error !== null) throw HeschlError.deserialize(job.error)
    if (job.state === 'cancelled') throw stopped()
    return job
  } catch (error) {
    // A signal to the whole process group ends the engine too: that is what was asked for, not a loss.
    if (interrupted && HeschlError.from(error).code === 'ENGINE_LOST') throw stopped()
    throw error
  } finally {
    for (const stop of stops) stop()
    end.promise.catch(() => undefined)
  }
}

function isFinal({ state }: Job): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

function stopped(): HeschlError {
  return new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
}
