import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { sharedMatrix64, type Matrix64 } from '../linalg/matrix.ts'
import { dropScratch } from '../linalg/scratch.ts'
import { fastSolver, type Validation } from './fastSolver.ts'
import { cancelled } from './scoreJob.ts'
import type { ProductSolution } from './solutions.ts'

/** Alphas to solve for, taken one by one by any number of threads; plain data. */
export interface PrepareJob {
  /** As of `fastSolver`; in shared memory. */
  readonly k: Matrix64
  readonly norm: number
  /** In units of the mean eigenvalue. */
  readonly alphas: readonly number[]
  readonly validation: Validation
  /** Next alpha, whether to stop, alphas done. */
  readonly control: Int32Array
}

/** Indices of alphas and their solutions, undefined where the result would not be trustworthy. */
export type Solved = readonly (readonly [alpha: number, solution: ProductSolution | undefined])[]

const [next, stop, done] = [0, 1, 2] as const

export function createPrepareJob(
  k: Matrix64,
  norm: number,
  alphas: readonly number[],
  validation: Validation,
): PrepareJob {
  const shared = k.data.buffer instanceof SharedArrayBuffer ? k : sharedMatrix64(k.rows, k.cols)
  if (shared !== k) shared.data.set(k.data)
  return { k: shared, norm, alphas, validation, control: new Int32Array(new SharedArrayBuffer(12)) }
}

export const stopPreparing = ({ control }: PrepareJob): void => void Atomics.store(control, stop, 1)

/** Share of the alphas that is solved, by all threads. */
export const preparedOf = ({ control, alphas }: PrepareJob): number =>
  alphas.length === 0 ? 1 : Atomics.load(control, done) / alphas.length

/**
 * Solves alphas until none is left. Each thread has a Gemm of its own.
 * @param pause awaited between products
 * @throws HeschlError CANCELLED once the job is stopped; a failure stops the other threads
 */
export async function takeAlphas(job: PrepareJob, gemm: Gemm, pause: () => Promise<void>): Promise<Solved> {
  const { k, norm, alphas, validation, control } = job
  const watched = async () => {
    if (Atomics.load(control, stop) === 1) throw cancelled()
    await pause()
  }
  const solved: (readonly [number, ProductSolution | undefined])[] = []
  try {
    for (;;) {
      const alpha = Atomics.add(control, next, 1)
      if (alpha >= alphas.length) return solved
      solved.push([alpha, await trusted(fastSolver(k, norm, alphas[alpha], validation, gemm, watched))])
      Atomics.add(control, done, 1)
    }
  } catch (error) {
    stopPreparing(job)
    throw error
  } finally {
    dropScratch()
  }
}

/** A matrix that is not positive definite to float64 precision is one more sign that the fast way will not do. */
async function trusted(solution: Promise<ProductSolution | undefined>): Promise<ProductSolution | undefined> {
  try {
    return await solution
  } catch (error) {
    if (error instanceof HeschlError && error.code === 'NUMERICAL') return undefined
    throw error
  }
}
