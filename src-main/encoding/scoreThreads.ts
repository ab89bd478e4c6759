import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { createGemm, type Gemm, type Operations } from '../linalg/gemm.ts'
import { stopPreparing, takeAlphas, type PrepareJob, type Solved } from './prepareJob.ts'
import { stopJob, takeChunks } from './scoreJob.ts'
import type { HelperReply, HelperRequest } from './scoreWorker.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, type ScoreJob } from './solver.ts'

/** n³ times alphas below which starting a thread takes longer than solving. */
const fewOperations = 3e9

/**
 * Threads that solve alphas and score targets together: the calling one and, from the first large job on, helpers. Each
 * multiplies with one thread of its own, which leaves no core waiting for another between products, and gives the same
 * results for any number of threads.
 */
export class ScoreThreads {
  readonly #helpers: Helper[] = []
  /** Threads that may work together, the calling one among them. */
  readonly count: number
  readonly #gemm: Promise<Gemm>

  /** @param threads at least 1, the calling one among them */
  constructor(threads: number) {
    this.count = threads
    this.#gemm = createGemm({ threads: 1 })
  }

  /** Threads worth having for this number of targets. */
  threadsFor(targets: number): number {
    return Math.max(1, Math.min(this.count, Math.ceil(targets / batchSize)))
  }

  /** Threads worth having for this number of alphas. */
  threadsForAlphas(nSamples: number, alphas: number): number {
    return nSamples ** 3 * alphas > fewOperations ? Math.min(this.count, alphas) : 1
  }

  /**
   * Takes the chunks of a job; one job at a time.
   * @param threads as the job was created for
   * @param watched awaited between the calling thread's products; throws to stop all
   */
  async score(problem: PreparedProblem, job: ScoreJob, threads: number, watched: () => Promise<void>): Promise<void> {
    const run = (helper: Helper) => helper.score(problem, job)
    const own = (gemm: Gemm) => takeChunks(problem, job, gemm, watched)
    await this.#together(threads, run, own, watched, () => stopJob(job))
  }

  /**
   * Solves the alphas of a job, one job at a time.
   * @param watched as of `score`
   * @returns the solutions in any order
   */
  async prepare(job: PrepareJob, watched: () => Promise<void>): Promise<Solved> {
    const run = (helper: Helper) => helper.prepare(job)
    const own = (gemm: Gemm) => takeAlphas(job, gemm, watched)
    const threads = this.threadsForAlphas(job.k.rows, job.alphas.length)
    return (await this.#together(threads, run, own, watched, () => stopPreparing(job))).flat()
  }

  /** What the calling thread and its helpers give; @throws the first failure that is not a consequence of another. */
  async #together<T>(
    threads: number,
    run: (helper: Helper) => Promise<T>,
    own: (gemm: Gemm) => Promise<T>,
    watched: () => Promise<void>,
    stop: () => void,
  ): Promise<readonly T[]> {
    while (this.#helpers.length < threads - 1) this.#helpers.push(this.#start())
    const helping = this.#helpers.slice(0, threads - 1).map(run)
    const gemm = await this.#gemm
    const outcomes = await watchedWhile(Promise.allSettled([own(gemm), ...helping]), watched, stop)
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [HeschlError.from(outcome.reason)] : [],
    )
    // Threads that were stopped because of another's failure are cancelled, too.
    const error = errors.find(({ code }) => code !== 'CANCELLED') ?? errors[0]
    if (error) throw error
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  }

  /** What has been multiplied so far, by jobs that are done. */
  async operations(): Promise<Operations> {
    const all = [(await this.#gemm).operations(), ...this.#helpers.map(({ operations }) => operations)]
    const sum = (type: keyof Operations) => all.reduce((total, one) => total + one[type], 0)
    return { float32: sum('float32'), float64: sum('float64') }
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
  operations: Operations = { float32: 0, float64: 0 }
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
    this.#worker.on('message', ({ error, solved = [], operations }: HelperReply) => {
      this.operations = operations
      this.#settle((pending) => {
        if (error === undefined) pending.resolve(solved)
        else pending.reject(HeschlError.deserialize(error as never))
      })
    })
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
