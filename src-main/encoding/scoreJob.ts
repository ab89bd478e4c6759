import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { ChunkScorer } from './chunkScorer.ts'
import { exactSolver } from './exactSolver.ts'
import { productSolver, ProductScratch } from './productSolver.ts'
import type { PreparedProblem } from './solutions.ts'
import { batchSize, momentCount, type Keep, type RidgeScores, type ScoreJob } from './solver.ts'

const [next, stop, done] = [0, 1, 2] as const

/** Batches a chunk at most: bounds the memory of a chunk's rows. */
const chunkBatches = 20

type Sizes = Pick<PreparedProblem, 'folds' | 'alphas'>
type Bytes = (count: number) => ArrayBuffer

/**
 * @param y [n_samples, n_targets]; copied to shared memory where there are several threads and it is not yet
 * @param threads that will take chunks, which are made so that each gets as many
 */
export function createJob(y: Matrix32, { folds, alphas }: Sizes, threads: number, keep: Keep): ScoreJob {
  const batches = Math.ceil(y.cols / batchSize)
  const rounds = Math.max(1, Math.ceil(batches / (threads * chunkBatches)))
  const shared = threads > 1
  const bytes = (count: number) => (shared ? new SharedArrayBuffer(count) : new ArrayBuffer(count)) as ArrayBuffer
  let { data } = y
  if (shared && !(data.buffer instanceof SharedArrayBuffer)) {
    data = new Float32Array(bytes(data.byteLength))
    data.set(y.data)
  }
  const chunk = Math.max(1, batchSize * Math.ceil(batches / (threads * rounds)))
  const chunks = Math.ceil(y.cols / chunk)
  const evaluated = keep.given ? 0 : alphas.length * folds.length * y.cols
  return {
    y: { ...y, data },
    scores: createScores(y, { folds, alphas }, keep, bytes),
    ...(keep.given && { given: keep.given }),
    ...(keep.own && { own: keep.own }),
    errors: new Float64Array(bytes(8 * evaluated)).fill(NaN),
    wanted: new Int32Array(bytes(4 * alphas.length)),
    chunk,
    stages: new Int32Array(bytes(4 * chunks)),
    told: new Int32Array(bytes(4 * chunks)),
    control: new Int32Array(bytes(12)),
  }
}

/** Scores that nothing is known of yet. @param bytes allocates them */
export function createScores(
  y: Matrix32,
  { folds: { length: folds }, alphas }: Sizes,
  keep: Keep,
  bytes: Bytes = (count) => new ArrayBuffer(count),
): RidgeScores {
  const unknown = (count: number) => new Float32Array(bytes(4 * count)).fill(NaN)
  return {
    r: unknown(folds * y.cols),
    alpha: new Uint8Array(bytes(folds * y.cols)).fill(255),
    nTargets: y.cols,
    ...(keep.r2 === true && { r2: unknown(folds * y.cols) }),
    ...(keep.moments === true && { moments: new Float64Array(bytes(8 * momentCount * folds * y.cols)).fill(NaN) }),
    ...(keep.predictions === true && { predictions: unknown(y.rows * y.cols) }),
    ...(keep.errors === true && { errors: new Float64Array(bytes(8 * folds * y.cols)).fill(Infinity) }),
    ...(keep.curves === true && { curves: new Float64Array(bytes(8 * alphas.length * folds * y.cols)).fill(NaN) }),
    ...(keep.duals === true && { duals: new Float64Array(bytes(8 * y.rows * y.cols)).fill(NaN) }),
  }
}

/** Tells all threads of a job to stop before their next product. */
export const stopJob = ({ control }: ScoreJob): void => void Atomics.store(control, stop, 1)

/** Share of the targets that is done, by all threads. */
export const progressOf = ({ control, y }: ScoreJob): number => Math.min(1, Atomics.load(control, done) / y.cols)

/** Indices of the alphas that chunks lack; none once all are done. */
export const lacking = ({ wanted }: ScoreJob): readonly number[] =>
  [...wanted.keys()].filter((alpha) => wanted[alpha] === 1)

/** Offers the chunks that are not done once more. */
export function restartJob({ control, wanted }: ScoreJob): void {
  wanted.fill(0)
  Atomics.store(control, next, 0)
}

/**
 * Takes chunks until each has been as far as it can. Each thread has a Gemm of its own.
 * @param pause awaited between products
 * @throws HeschlError CANCELLED once the job is stopped; a failure stops the other threads
 */
export async function takeChunks(
  problem: PreparedProblem,
  job: ScoreJob,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<void> {
  const { y, chunk, stages, told, control } = job
  const scratch = new ProductScratch(problem)
  const solvers = problem.solutions.map((solution) => {
    if (!solution) return undefined
    if (solution.kind === 'product') return productSolver(solution, gemm, scratch)
    return exactSolver(solution, problem.intercept, gemm)
  })
  const scorer = new ChunkScorer(problem, solvers, async () => {
    if (Atomics.load(control, stop) === 1) throw cancelled()
    await pause()
  })
  try {
    for (;;) {
      const index = Atomics.add(control, next, 1)
      if (index >= stages.length) return
      if (stages[index] === 2) continue
      const last = Math.min((index + 1) * chunk, y.cols)
      await scorer.advance(job, index, (fraction) => {
        const now = Math.round(fraction * (last - index * chunk))
        if (now <= told[index]) return
        Atomics.add(control, done, now - told[index])
        told[index] = now
      })
    }
  } catch (error) {
    stopJob(job)
    throw error
  }
}

export const cancelled = (): HeschlError => new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
