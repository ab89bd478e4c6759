import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { ChunkScorer } from './chunkScorer.ts'
import { exactSolver } from './exactSolver.ts'
import { productSolver, ProductScratch } from './productSolver.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, momentCount, type Keep, type RidgeScores } from './solver.ts'

/** Targets to score, taken chunk by chunk by any number of threads; plain data. */
export interface ScoreJob {
  /** [n_samples, n_targets] */
  readonly y: Matrix32
  readonly scores: RidgeScores
  /** [folds]: indices of alphas, where none is to be chosen. */
  readonly given?: Uint8Array
  /** Targets a chunk. */
  readonly chunk: number
  /** Next chunk, whether to stop, targets done. */
  readonly control: Int32Array
}

const [next, stop, done] = [0, 1, 2] as const

/** Batches a chunk at most: bounds the memory of a chunk's errors, [alphas, folds] float64 a target. */
const chunkBatches = 12

/**
 * @param y [n_samples, n_targets]; copied to shared memory where there are several threads and it is not yet
 * @param threads that will take chunks, which are made so that each gets as many
 */
export function createJob(
  y: Matrix32,
  { folds: { length: folds }, alphas }: Pick<PreparedProblem, 'folds' | 'alphas'>,
  threads: number,
  keep: Keep,
): ScoreJob {
  const batches = Math.ceil(y.cols / batchSize)
  const rounds = Math.max(1, Math.ceil(batches / (threads * chunkBatches)))
  const shared = threads > 1
  const bytes = (count: number) => (shared ? new SharedArrayBuffer(count) : new ArrayBuffer(count))
  let { data } = y
  if (shared && !(data.buffer instanceof SharedArrayBuffer)) {
    data = new Float32Array(bytes(data.byteLength))
    data.set(y.data)
  }
  const unknown = (count: number) => new Float32Array(bytes(4 * count)).fill(NaN)
  return {
    y: { ...y, data },
    scores: {
      r: unknown(folds * y.cols),
      alpha: new Uint8Array(bytes(folds * y.cols)).fill(255),
      nTargets: y.cols,
      ...(keep.r2 === true && { r2: unknown(folds * y.cols) }),
      ...(keep.moments === true && { moments: new Float64Array(bytes(8 * momentCount * folds * y.cols)).fill(NaN) }),
      ...(keep.predictions === true && { predictions: unknown(y.rows * y.cols) }),
      ...(keep.errors === true && { errors: new Float64Array(bytes(8 * folds * y.cols)).fill(Infinity) }),
      ...(keep.curves === true && { curves: new Float64Array(bytes(8 * alphas.length * folds * y.cols)).fill(NaN) }),
      ...(keep.duals === true && { duals: new Float64Array(bytes(8 * y.rows * y.cols)).fill(NaN) }),
    },
    ...(keep.given && { given: keep.given }),
    chunk: batchSize * Math.ceil(batches / (threads * rounds)),
    control: new Int32Array(bytes(12)),
  }
}

/** Tells all threads of a job to stop before their next product. */
export const stopJob = ({ control }: ScoreJob): void => void Atomics.store(control, stop, 1)

/** Share of the targets that is done, by all threads. */
export const progressOf = ({ control, y }: ScoreJob): number => Math.min(1, Atomics.load(control, done) / y.cols)

/**
 * Scores chunks until none is left. Each thread has a Gemm of its own.
 * @param pause awaited between products
 * @throws HeschlError CANCELLED once the job is stopped; a failure stops the other threads
 */
export async function takeChunks(
  problem: PreparedProblem,
  job: ScoreJob,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<void> {
  const { y, chunk, control } = job
  const scratch = new ProductScratch(problem)
  const solvers = problem.solutions.map((solution) =>
    solution.kind === 'product'
      ? productSolver(solution, gemm, scratch)
      : exactSolver(solution, problem.intercept, gemm),
  )
  const scorer = new ChunkScorer(problem, solvers, async () => {
    if (Atomics.load(control, stop) === 1) throw cancelled()
    await pause()
  })
  try {
    for (;;) {
      const first = Atomics.add(control, next, 1) * chunk
      if (first >= y.cols) return
      const last = Math.min(first + chunk, y.cols)
      let told = 0
      await scorer.score(y, first, last, job, (fraction) => {
        const now = Math.round(fraction * (last - first))
        Atomics.add(control, done, now - told)
        told = now
      })
    }
  } catch (error) {
    stopJob(job)
    throw error
  }
}

export const cancelled = (): HeschlError => new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
