import type { Job } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import type { EngineHandle } from '../jobs/engineHandle.ts'
import { followJob } from '../jobs/host/followJob.ts'
import { onInterrupt } from './interrupts.ts'
import type { Output } from './output.ts'
import { createProgress } from './progress.ts'

/** What an interrupt means for a job. */
interface Stop {
  /** Said at once: what is kept of what has been done. */
  readonly kept: string
  /** Thrown in the end. */
  readonly stopped: () => HeschlError
}

/**
 * Starts a job and waits for its end, with a live display on stderr.
 * @throws HeschlError the job's own; what `stopped` gives after an interrupt
 */
export async function watchJob(
  engine: EngineHandle,
  start: () => Promise<Job>,
  { kept, stopped }: Stop,
  output: Output,
): Promise<Job> {
  const display = createProgress(output.stderr)
  try {
    return await followJob(engine, start, {
      show: (job) => display.show(job),
      stopping: () => display.note(`Stopping; Ctrl-C again ends at once. ${kept}`),
      interrupts: onInterrupt,
    })
  } catch (error) {
    const known = HeschlError.from(error)
    throw known.code === 'CANCELLED' ? stopped() : known
  } finally {
    display.end()
  }
}
