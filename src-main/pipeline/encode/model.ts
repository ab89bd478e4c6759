import { isCoupled, prepareEncoding } from '../../encoding/protocol/prepareEncoding.ts'
import type { EncodingOptions, EncodingProblem } from '../../encoding/protocol/options.ts'
import { logspace } from '../../encoding/ridge.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import type { StepContext } from '../context.ts'
import { checkRuns, encodingOptions, heldOutOf, scaleByRun } from '../encodingModel.ts'
import type { Computing } from '../fits.ts'

/** What a task asks for, of so many samples. */
export interface Model {
  readonly options: EncodingOptions
  readonly runs: readonly number[]
  /** Rows of the scores: folds, or one of all predictions together. */
  readonly lines: number
  /** Columns of the chosen alphas. */
  readonly alphaColumns: (targets: number) => number
  /** Whether all targets have to be scored at once. */
  readonly coupled: boolean
  /** What a target may be before it is fitted, without a change of its scores: less its mean, divided by a number. */
  readonly free: { readonly centre: boolean; readonly divide: boolean }
}

/** @throws HeschlError SHAPE_MISMATCH where the lengths of the runs are not those of the samples */
export function modelOf({ options: said, weights }: EncodeArraysTask, nSamples: number): Model {
  const { alphas: grid, over, intercept, standardizeY } = said
  const runs = said.runs ?? [nSamples]
  checkRuns(runs, nSamples)
  const folds = heldOutOf(said.folds, nSamples, runs, said.gap)
  const alphas = 'count' in grid ? logspace(grid.from, grid.to, grid.count) : grid
  const options = encodingOptions(said, { folds, alphas, runs, weights: weights !== undefined })
  const coupled = isCoupled(options)
  const scaled = standardizeY !== 'none'
  return {
    options,
    runs,
    lines: over === 'concatenated' ? 1 : folds.length,
    alphaColumns: (targets) => (said.pcaY === 'none' ? targets : said.pcaY),
    coupled,
    free: { centre: intercept || scaled, divide: !coupled || scaled },
  }
}

/** Bytes that folds prepared one by one may take together, so that further stripes are scored without preparing again. */
const keepBytes = 1e9

/** All of a regression that depends on X alone. @param x [samples, features]; written over */
export function prepareModel(
  x: Matrix32,
  { standardizeX }: EncodeArraysTask['options'],
  { options, runs }: Model,
  computing: Computing,
  context: StepContext,
): Promise<EncodingProblem> {
  const onProgress = (fraction: number) => context.progress({ fraction })
  const watch = { cancelled: context.cancelled, onProgress }
  return prepareEncoding(scaleByRun(x, standardizeX, runs), options, { ...computing, keepBytes }, watch)
}
