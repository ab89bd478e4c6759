import { prepareRidge } from '../../encoding/ridge.ts'
import type { RidgeProblem } from '../../encoding/ridge.ts'
import { contiguousFolds } from '../../encoding/folds.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import type { StepContext } from '../context.ts'
import type { Computing } from '../fits.ts'

/** All of a regression that depends on X alone. @param x [samples, features] */
export function prepareModel(
  x: Matrix32,
  task: EncodeArraysTask,
  alphas: readonly number[],
  computing: Computing,
  context: StepContext,
): Promise<RidgeProblem> {
  const folds = contiguousFolds(x.rows, task.folds)
  const options = { folds, alphas, selection: task.selection, ...computing }
  const onProgress = (fraction: number) => context.progress({ fraction })
  return prepareRidge(x, options, { cancelled: context.cancelled, onProgress })
}
