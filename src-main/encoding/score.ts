import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { cancelled, createJob, progressOf, takeChunks } from './scoreJob.ts'
import type { ScoreThreads } from './scoreThreads.ts'
import type { PreparedProblem } from './solutions.ts'
import type { Keep, RidgeScores } from './solver.ts'

export interface Watch {
  /** Called with 0–1. */
  readonly onProgress?: (fraction: number) => void
  /** Looked at between units of work. */
  readonly cancelled?: () => boolean
}

/** @param computing threads to share the work with, or what to compute with on this one */
export async function scoreTargets(
  problem: PreparedProblem,
  y: Matrix32,
  watch: Watch,
  computing: ScoreThreads | Gemm,
  keep: Keep,
): Promise<RidgeScores> {
  if (y.rows !== problem.nSamples) {
    throw new HeschlError('SHAPE_MISMATCH', 'The responses and the design matrix differ in length', {
      expected: `${problem.nSamples} volumes`,
      found: `${y.rows} volumes`,
    })
  }
  const report = (fraction: number) => watch.onProgress?.(fraction)
  const pause = pauser(watch)
  if (!('multiply' in computing)) return computing.score(problem, y, pause, report, keep)
  const job = createJob(y, problem, 1, keep)
  await takeChunks(problem, job, computing, async () => {
    await pause()
    report(progressOf(job))
  })
  report(1)
  return job.scores
}

/** Lets events in a few times a second, and stops when the user has cancelled. */
export function pauser(watch: Watch): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < 50) return
    await new Promise((resolve) => setImmediate(resolve))
    last = performance.now()
    if (watch.cancelled?.()) throw cancelled()
  }
}
