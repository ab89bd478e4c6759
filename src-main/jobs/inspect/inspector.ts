import { totalmem } from 'node:os'
import { HeschlError } from '../../errors.ts'
import type { StepProgress, StepResult } from '../../pipeline/context.ts'
import type { Task } from '../../pipeline/tasks.ts'
import { ComputeThread } from '../compute.ts'

interface Asked {
  /** undefined: it waits for its turn, and nothing supersedes it. */
  readonly lane: string | undefined
  readonly task: Task
  readonly progress: (progress: StepProgress) => void
  readonly done: PromiseWithResolvers<StepResult>
}

/** Of this machine's memory, and bytes at most, that recordings and inverses of what was looked at may occupy. */
const share = 1 / 16
const most = 2e9

/**
 * Computes what a person looks at while a job may be running: a compute thread of its own, one task at a time. What is
 * asked for in a lane takes the place of what was asked for there before, whether that waits or is being computed.
 */
export class Inspector {
  readonly #thread = new ComputeThread(Math.min(most, totalmem() * share))
  #waiting: Asked[] = []
  #present: Asked | undefined

  /** @throws HeschlError what the task throws; CANCELLED where something else was asked for in its lane */
  run(task: Task, lane?: string, progress: (progress: StepProgress) => void = () => undefined): Promise<StepResult> {
    if (lane !== undefined) this.stop(lane)
    const asked: Asked = { lane, task, progress, done: Promise.withResolvers() }
    this.#waiting.push(asked)
    void this.#next()
    return asked.done.promise
  }

  /** Ends what is asked for in a lane. */
  stop(lane: string): void {
    const superseded = this.#waiting.filter((one) => one.lane === lane)
    this.#waiting = this.#waiting.filter((one) => one.lane !== lane)
    for (const { done } of superseded) done.reject(elsewhere())
    if (this.#present?.lane === lane) this.#thread.stop()
  }

  async #next(): Promise<void> {
    if (this.#present) return
    const asked = this.#waiting.shift()
    if (!asked) return
    this.#present = asked
    try {
      asked.done.resolve(await this.#thread.run(asked.task, { progress: asked.progress }))
    } catch (error) {
      asked.done.reject(error)
    }
    this.#present = undefined
    void this.#next()
  }
}

export const elsewhere = () => new HeschlError('CANCELLED', 'Something else was asked for')
