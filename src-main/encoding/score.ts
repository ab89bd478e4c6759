import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { cancelled, createJob, lacking, progressOf, restartJob, takeChunks } from './scoreJob.ts'
import type { ScoreThreads } from './scoreThreads.ts'
import type { PreparedProblem } from './solutions.ts'
import type { Keep, RidgeScores } from './solver.ts'

export interface Watch {
  /** Called with 0–1. */
  readonly onProgress?: (fraction: number) => void
  /** Looked at between units of work. */
  readonly cancelled?: () => boolean
}

/** A problem whose alphas are solved when they are asked for. */
export interface LazyProblem {
  /** As far as it is solved. */
  readonly current: PreparedProblem
  /** @param alphas indices of alphas that are not solved yet */
  solve(alphas: readonly number[], pause: () => Promise<void>): Promise<void>
}

/** @param computing threads to share the work with, or what to compute with on this one */
export async function scoreTargets(
  lazy: LazyProblem,
  y: Matrix32,
  watch: Watch,
  computing: ScoreThreads | Gemm,
  keep: Keep,
): Promise<RidgeScores> {
  const { nSamples } = lazy.current
  if (y.rows !== nSamples) {
    throw new HeschlError('SHAPE_MISMATCH', 'The responses and the design matrix differ in length', {
      expected: `${nSamples} volumes`,
      found: `${y.rows} volumes`,
    })
  }
  const pause = pauser(watch)
  const threads = 'multiply' in computing ? 1 : computing.threadsFor(y.cols)
  const job = createJob(y, lazy.current, threads, keep)
  const watched = async () => {
    await pause()
    watch.onProgress?.(progressOf(job))
  }
  for (;;) {
    if ('multiply' in computing) await takeChunks(lazy.current, job, computing, watched)
    else await computing.score(lazy.current, job, threads, watched)
    const lacks = lacking(job)
    if (lacks.length === 0) break
    await lazy.solve(lacks, pause)
    restartJob(job)
  }
  watch.onProgress?.(1)
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
