import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Job } from '../contract/study.ts'
import type { LogEntry } from '../contract/work.ts'
import { HeschlError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import type { RunProgress } from './runner.ts'

export interface JobWatch {
  progress(progress: RunProgress): void
  cancelled(): boolean
  /** Keeps a line with the job. */
  log(text: string): void
}

export interface JobWork {
  readonly study: string
  readonly label: string
  readonly run: (watch: JobWatch) => Promise<void>
}

/** Who hears of jobs. */
export interface JobListener {
  /** Every change of a job. */
  readonly changed: (job: Job) => void
  readonly said: (entry: LogEntry) => void
}

interface Entry {
  job: Job
  readonly work: JobWork
  /** performance.now() when it began, or was asked for. */
  since: number
}

/** Jobs one at a time, in the order asked for, which may be changed while they wait; the last hundred are remembered. */
export class JobQueue {
  readonly #entries: Entry[] = []
  readonly #listener: JobListener
  #running: Entry | undefined

  constructor(listener: JobListener) {
    this.#listener = listener
  }

  list(): readonly Job[] {
    return this.#entries.map(({ job }) => job)
  }

  /**
   * Adds a job; a study that is queued or running already is not queued twice.
   * @param again the job as it stood in an engine that was lost before it came to it
   */
  add(work: JobWork, again?: Job): Job {
    const same = this.#entries.find(
      ({ job }) =>
        job.study === work.study && job.label === work.label && (job.state === 'queued' || job.state === 'running'),
    )
    if (same) return same.job
    const job: Job = again ?? {
      id: randomUUID(),
      study: work.study,
      label: work.label,
      state: 'queued',
      asked: Date.now(),
      began: null,
      ended: null,
      place: null,
      step: '',
      stepsDone: 0,
      stepsTotal: 0,
      stepsCached: 0,
      fraction: 0,
      secondsLeft: null,
      secondsElapsed: 0,
      rate: '',
      memoryBytes: process.memoryUsage.rss(),
      error: null,
    }
    const entry: Entry = { job, work, since: performance.now() }
    this.#entries.push(entry)
    if (this.#entries.length > 100) this.#forget()
    this.#listener.changed(job)
    this.#number()
    void this.#next()
    return entry.job
  }

  /** @returns false where the job is unknown or has ended */
  cancel(id: string): boolean {
    const entry = this.#entries.find(({ job }) => job.id === id)
    if (entry?.job.state === 'queued') {
      this.#update(entry, { state: 'cancelled', place: null, ended: Date.now() })
      this.#say(entry, 'Taken off the queue')
      this.#number()
      return true
    }
    if (entry?.job.state !== 'running') return entry?.job.state === 'cancelling'
    this.#update(entry, { state: 'cancelling' })
    this.#say(entry, 'Asked to stop')
    return true
  }

  /**
   * Puts a waiting job before another, or last; nothing where either does not wait (any more).
   * @param before a waiting job, or null
   */
  move(id: string, before: string | null): void {
    const at = this.#waiting(id)
    const to = before === null ? this.#entries.length : this.#waiting(before)
    if (at < 0 || to < 0 || id === before) return
    const [entry] = this.#entries.splice(at, 1)
    this.#entries.splice(to > at ? to - 1 : to, 0, entry)
    this.#number()
  }

  /** The job that is being computed. */
  get running(): Job | undefined {
    return this.#running?.job
  }

  #waiting(id: string): number {
    return this.#entries.findIndex(({ job }) => job.id === id && job.state === 'queued')
  }

  /** The oldest that is over; what waits is never forgotten. */
  #forget(): void {
    const oldest = this.#entries.findIndex(({ job }) => job.ended !== null)
    if (oldest >= 0) this.#entries.splice(oldest, 1)
  }

  /** Tells each waiting job's place, where it has changed. */
  #number(): void {
    let place = 0
    for (const entry of this.#entries) {
      if (entry.job.state !== 'queued') continue
      place += 1
      if (entry.job.place !== place) this.#update(entry, { place })
    }
  }

  async #next(): Promise<void> {
    if (this.#running) return
    const entry = this.#entries.find(({ job }) => job.state === 'queued')
    if (!entry) return
    this.#running = entry
    entry.since = performance.now()
    this.#update(entry, { state: 'running', place: null, began: Date.now() })
    this.#number()
    this.#say(entry, `${entry.job.label} of ${entry.job.study} began`)
    try {
      await entry.work.run({
        progress: (progress) => this.#update(entry, progress),
        cancelled: () => entry.job.state === 'cancelling',
        log: (text) => this.#say(entry, text),
      })
      this.#update(entry, { state: 'done', fraction: 1, secondsLeft: 0, rate: '', ended: Date.now() })
      this.#say(entry, `Done in ${formatDuration(entry.job.secondsElapsed)}`)
    } catch (thrown) {
      const error = HeschlError.from(thrown)
      const cancelled = error.code === 'CANCELLED'
      this.#update(entry, {
        state: cancelled ? 'cancelled' : 'failed',
        secondsLeft: null,
        rate: '',
        ended: Date.now(),
        error: cancelled ? null : error.serialize(),
      })
      this.#say(entry, cancelled ? 'Stopped; what was finished is stored' : `Failed: ${error.message} (${error.code})`)
    }
    this.#running = undefined
    void this.#next()
  }

  #say({ job }: Entry, text: string): void {
    this.#listener.said({ job: job.id, at: Date.now(), text })
  }

  #update(entry: Entry, change: Partial<Job>): void {
    entry.job = {
      ...entry.job,
      ...change,
      secondsElapsed: (performance.now() - entry.since) / 1000,
      memoryBytes: process.memoryUsage.rss(),
    }
    this.#listener.changed(entry.job)
  }
}
