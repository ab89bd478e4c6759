import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { createGemm, type Gemm } from '../linalg/gemm.ts'
import { createJob, progressOf, stopJob, takeChunks, type ScoreJob } from './scoreJob.ts'
import type { HelperReply, HelperRequest } from './scoreWorker.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, type Keep, type RidgeScores } from './solver.ts'
import type { Matrix32 } from '../linalg/matrix.ts'

/**
 * Threads that score targets together: the calling one and, from the first large job on, helpers. Each multiplies with
 * one thread of its own, which leaves no core waiting for another between products, and gives the same results for any
 * number of threads.
 */
export class ScoreThreads {
  readonly #helpers: Helper[] = []
  readonly #threads: number
  readonly #gemm: Promise<Gemm>

  /** @param threads at least 1, the calling one among them */
  constructor(threads: number) {
    this.#threads = threads
    this.#gemm = createGemm({ threads: 1 })
  }

  /**
   * One job at a time.
   * @param y [n_samples, n_targets]
   * @param pause awaited between the calling thread's products; throws to stop all
   * @param report called with 0–1
   */
  async score(
    problem: PreparedProblem,
    y: Matrix32,
    pause: () => Promise<void>,
    report: (fraction: number) => void,
    keep: Keep = {},
  ): Promise<RidgeScores> {
    const threads = Math.max(1, Math.min(this.#threads, Math.ceil(y.cols / batchSize)))
    const job = createJob(y, problem, threads, keep)
    while (this.#helpers.length < threads - 1) this.#helpers.push(this.#start())
    const helping = this.#helpers.slice(0, threads - 1).map((helper) => helper.run(problem, job))
    const gemm = await this.#gemm
    const watched = async () => {
      await pause()
      report(progressOf(job))
    }
    const outcomes = Promise.allSettled([takeChunks(problem, job, gemm, watched), ...helping])
    const errors = (await watchedWhile(outcomes, watched, () => stopJob(job))).flatMap((outcome) =>
      outcome.status === 'rejected' ? [HeschlError.from(outcome.reason)] : [],
    )
    // Threads that were stopped because of another's failure are cancelled, too.
    const error = errors.find(({ code }) => code !== 'CANCELLED') ?? errors[0]
    if (error) throw error
    report(1)
    return job.scores
  }

  /** Ends the helpers; no job may be running. */
  async close(): Promise<void> {
    await Promise.all(this.#helpers.splice(0).map((helper) => helper.close()))
    await (await this.#gemm).close()
  }

  #start(): Helper {
    const helper = new Helper(() => {
      const at = this.#helpers.indexOf(helper)
      if (at >= 0) this.#helpers.splice(at, 1)
    })
    return helper
  }
}

/** Waits, and goes on watching: the calling thread may have finished before the others. */
async function watchedWhile<T>(result: Promise<T>, watched: () => Promise<void>, stop: () => void): Promise<T> {
  const timer = setInterval(() => {
    watched().catch(() => {
      clearInterval(timer)
      stop()
    })
  }, 50)
  try {
    return await result
  } finally {
    clearInterval(timer)
  }
}

class Helper {
  readonly #worker: Worker
  #problem: PreparedProblem | undefined
  #pending: { resolve(): void; reject(error: unknown): void } | undefined

  constructor(lost: () => void) {
    // TypeScript when the sources run unbuilt, JavaScript once they are bundled.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(fileURLToPath(new URL(`./scoreWorker.${extension}`, import.meta.url)))
    // Idle helpers keep no process alive.
    this.#worker.unref()
    const fail = (cause: unknown) => {
      lost()
      this.#settle((pending) => pending.reject(cause))
    }
    this.#worker.on('message', ({ error }: HelperReply) =>
      this.#settle((pending) => {
        if (error === undefined) pending.resolve()
        else pending.reject(HeschlError.deserialize(error as never))
      }),
    )
    this.#worker.on('error', fail)
    this.#worker.on('exit', () => fail(new Error('A scoring thread ended unexpectedly')))
  }

  run(problem: PreparedProblem, job: ScoreJob): Promise<void> {
    const request: HelperRequest = problem === this.#problem ? { job } : { job, problem }
    this.#problem = problem
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
      this.#worker.postMessage(request)
    })
  }

  close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    this.#worker.ref()
    this.#worker.postMessage('close' satisfies HelperRequest)
    return ended
  }

  #settle(how: (pending: { resolve(): void; reject(error: unknown): void }) => void): void {
    const pending = this.#pending
    this.#pending = undefined
    this.#worker.unref()
    if (pending) how(pending)
  }
}
