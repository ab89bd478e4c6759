import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { createGemm, type Gemm } from '../linalg/gemm.ts'
import { stopPreparing, takeAlphas, type PrepareJob, type Solved } from './prepareJob.ts'
import { createJob, progressOf, stopJob, takeChunks, type ScoreJob } from './scoreJob.ts'
import type { HelperReply, HelperRequest } from './scoreWorker.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, type Keep, type RidgeScores } from './solver.ts'
import type { Matrix32 } from '../linalg/matrix.ts'

/** n³ times alphas below which starting a thread takes longer than solving. */
const fewOperations = 3e9

/**
 * Threads that solve alphas and score targets together: the calling one and, from the first large job on, helpers. Each multiplies with
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
    const run = (helper: Helper) => helper.score(problem, job)
    const own = (gemm: Gemm, watched: () => Promise<void>) => takeChunks(problem, job, gemm, watched)
    const watched = async () => {
      await pause()
      report(progressOf(job))
    }
    await this.#together(threads, run, own, watched, () => stopJob(job))
    report(1)
    return job.scores
  }

  /**
   * Solves the alphas of a job; parameters as of `score`.
   * @returns the solutions in any order
   */
  async prepare(job: PrepareJob, pause: () => Promise<void>, report: () => void): Promise<Solved> {
    const large = job.k.rows ** 3 * job.alphas.length > fewOperations
    const run = (helper: Helper) => helper.prepare(job)
    const own = (gemm: Gemm, watched: () => Promise<void>) => takeAlphas(job, gemm, watched)
    const watched = async () => {
      await pause()
      report()
    }
    const threads = large ? Math.min(this.#threads, job.alphas.length) : 1
    const solved = await this.#together(threads, run, own, watched, () => stopPreparing(job))
    report()
    return solved.flat()
  }

  /** What the calling thread and its helpers give; @throws the first failure that is not a consequence of another. */
  async #together<T>(
    threads: number,
    run: (helper: Helper) => Promise<T>,
    own: (gemm: Gemm, watched: () => Promise<void>) => Promise<T>,
    watched: () => Promise<void>,
    stop: () => void,
  ): Promise<readonly T[]> {
    while (this.#helpers.length < threads - 1) this.#helpers.push(this.#start())
    const helping = this.#helpers.slice(0, threads - 1).map(run)
    const gemm = await this.#gemm
    const outcomes = await watchedWhile(Promise.allSettled([own(gemm, watched), ...helping]), watched, stop)
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [HeschlError.from(outcome.reason)] : [],
    )
    // Threads that were stopped because of another's failure are cancelled, too.
    const error = errors.find(({ code }) => code !== 'CANCELLED') ?? errors[0]
    if (error) throw error
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
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
  #pending: { resolve(solved: Solved): void; reject(error: unknown): void } | undefined

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
    this.#worker.on('message', ({ error, solved = [] }: HelperReply) =>
      this.#settle((pending) => {
        if (error === undefined) pending.resolve(solved)
        else pending.reject(HeschlError.deserialize(error as never))
      }),
    )
    this.#worker.on('error', fail)
    this.#worker.on('exit', () => fail(new Error('A scoring thread ended unexpectedly')))
  }

  async score(problem: PreparedProblem, job: ScoreJob): Promise<void> {
    const request: HelperRequest = problem === this.#problem ? { job } : { job, problem }
    this.#problem = problem
    await this.#ask(request)
  }

  prepare(job: PrepareJob): Promise<Solved> {
    // What was prepared before is not needed any more.
    this.#problem = undefined
    return this.#ask({ prepare: job })
  }

  #ask(request: HelperRequest): Promise<Solved> {
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

  #settle(how: (pending: { resolve(solved: Solved): void; reject(error: unknown): void }) => void): void {
    const pending = this.#pending
    this.#pending = undefined
    this.#worker.unref()
    if (pending) how(pending)
  }
}
