import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Job } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import type { RunProgress } from './runner.ts'

export interface JobWork {
  readonly study: string
  readonly label: string
  readonly run: (watch: { progress(progress: RunProgress): void; cancelled(): boolean }) => Promise<void>
}

interface Entry {
  job: Job
  readonly work: JobWork
  began: number
}

/** Jobs one at a time, in the order asked for; the last hundred are remembered. */
export class JobQueue {
  readonly #entries: Entry[] = []
  readonly #changed: (job: Job) => void
  #running: Entry | undefined

  /** @param changed hears every change of a job, at most ten times a second for progress */
  constructor(changed: (job: Job) => void) {
    this.#changed = changed
  }

  list(): readonly Job[] {
    return this.#entries.map(({ job }) => job)
  }

  /** Adds a job; a study that is queued or running already is not queued twice. */
  add(work: JobWork): Job {
    const same = this.#entries.find(
      ({ job }) =>
        job.study === work.study && job.label === work.label && (job.state === 'queued' || job.state === 'running'),
    )
    if (same) return same.job
    const job: Job = {
      id: randomUUID(),
      study: work.study,
      label: work.label,
      state: 'queued',
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
    const entry: Entry = { job, work, began: performance.now() }
    this.#entries.push(entry)
    if (this.#entries.length > 100) this.#entries.shift()
    this.#changed(job)
    void this.#next()
    return entry.job
  }

  /** @returns false where the job is unknown or has ended */
  cancel(id: string): boolean {
    const entry = this.#entries.find(({ job }) => job.id === id)
    if (entry?.job.state === 'queued') {
      this.#update(entry, { state: 'cancelled' })
      return true
    }
    if (entry?.job.state !== 'running') return entry?.job.state === 'cancelling'
    this.#update(entry, { state: 'cancelling' })
    return true
  }

  /** The job that is being computed. */
  get running(): Job | undefined {
    return this.#running?.job
  }

  async #next(): Promise<void> {
    if (this.#running) return
    const entry = this.#entries.find(({ job }) => job.state === 'queued')
    if (!entry) return
    this.#running = entry
    entry.began = performance.now()
    this.#update(entry, { state: 'running' })
    try {
      await entry.work.run({
        progress: (progress) => this.#update(entry, progress),
        cancelled: () => entry.job.state === 'cancelling',
      })
      this.#update(entry, { state: 'done', fraction: 1, secondsLeft: 0, rate: '' })
    } catch (thrown) {
      const error = HeschlError.from(thrown)
      const cancelled = error.code === 'CANCELLED'
      this.#update(entry, {
        state: cancelled ? 'cancelled' : 'failed',
        secondsLeft: null,
        rate: '',
        error: cancelled ? null : error.serialize(),
      })
    }
    this.#running = undefined
    void this.#next()
  }

  #update(entry: Entry, change: Partial<Job>): void {
    entry.job = {
      ...entry.job,
      ...change,
      secondsElapsed: (performance.now() - entry.began) / 1000,
      memoryBytes: process.memoryUsage.rss(),
    }
    this.#changed(entry.job)
  }
}
