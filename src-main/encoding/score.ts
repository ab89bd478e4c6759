import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { GroupScorer } from './groupScorer.ts'
import type { PreparedProblem, RidgeScores } from './solver.ts'
import { targetRows, type TargetRow } from './targets.ts'

export interface Watch {
  /** Called with 0–1. */
  readonly onProgress?: (fraction: number) => void
  /** Looked at between units of work. */
  readonly cancelled?: () => boolean
}

/** Rows scored together: bounds the memory of their errors, [alphas, folds] float64 each. */
const groupSize = 4096

export async function scoreTargets(
  problem: PreparedProblem,
  y: Matrix32,
  watch: Watch,
  pause: () => Promise<void>,
): Promise<RidgeScores> {
  if (y.rows !== problem.nSamples) {
    throw new HeschlError('SHAPE_MISMATCH', 'The responses and the design matrix differ in length', {
      expected: `${problem.nSamples} volumes`,
      found: `${y.rows} volumes`,
    })
  }
  const folds = problem.folds.length
  const scores: RidgeScores = {
    r: new Float32Array(folds * y.cols).fill(NaN),
    alpha: new Uint8Array(folds * y.cols).fill(255),
    nTargets: y.cols,
  }
  let group: TargetRow[] = []
  let first = 0
  for (let target = 0; target < y.cols; target++) {
    const rows = targetRows(y, target, problem.folds)
    if (rows) for (let fold = 0; fold < folds; fold++) scores.r[fold * y.cols + target] = 0
    if (rows && problem.solvers.length > 0) group.push(...rows)
    await pause()
    if (group.length < groupSize && target < y.cols - 1) continue
    const from = first
    const report = (share: number) => watch.onProgress?.((from + share * (target + 1 - from)) / y.cols)
    await new GroupScorer(problem, group, pause).score(y, scores, report)
    group = []
    first = target + 1
  }
  return scores
}
