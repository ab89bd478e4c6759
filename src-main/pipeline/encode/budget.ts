import { primalBytes, primalIsCheaper } from '../../encoding/primal/primal.ts'
import { batchSize } from '../../encoding/solver.ts'
import type { EncodingOptions } from '../../encoding/protocol/options.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import { bytesAtRest, checkMemory, defaultMemory } from '../memory.ts'
import type { Model } from './model.ts'

export interface Sizes {
  readonly samples: number
  readonly features: number
  readonly targets: number
  /** Targets of a stripe. */
  readonly width: number
  /** Bytes of a response as it is in the file. */
  readonly itemBytes: number
}

/** Of the limit, what reading ahead may fill: the rest is the command's own process, and memory not collected yet. */
const ahead = 0.93

/**
 * Checks that the computation fits its limit before anything is read.
 * @returns targets that can be read at a time
 * @throws HeschlError OPTION_INVALID
 */
export function readAhead(sizes: Sizes, task: EncodeArraysTask, { options }: Model): number {
  const { samples, features, targets, width, itemBytes } = sizes
  const { memory, predictions, weights } = task
  const alphas = options.alphas.length
  const folds = options.folds.length
  // A stripe in shared memory, its samples once more as rows of a chunk, its predictions; dual coefficients and weights.
  const perStripeTarget =
    (8 + (predictions === undefined ? 0 : 4) + (weights === undefined ? 0 : 8)) * samples +
    (weights === undefined ? 0 : 4) * features
  const stripe = perStripeTarget * Math.min(targets, width)
  const fixed =
    bytesAtRest +
    // X as it is read, in float32, and a panel of it in float64.
    16 * samples * features +
    // A few matrices in float64 while an alpha is prepared, and what is kept of it.
    (primalIsCheaper(samples, features)
      ? primalBytes(samples, features, 1)
      : alphas * solutionBytes(samples, options) + 64 * samples ** 2) +
    stripe +
    16 * folds * targets +
    8 * folds * alphas * batchSize * 24
  const perTarget = 2 * itemBytes * samples
  const what = 'This ridge regression'
  checkMemory(what, fixed + perTarget * Math.min(targets, width), 'Use fewer alphas, features or samples', memory)
  const most = Math.floor((ahead * (memory ?? defaultMemory()) - fixed) / perTarget)
  return Math.max(Math.min(targets, width), most)
}

/** Bytes of what a fit at one alpha is made of: P and M; the inner folds' matrices. */
function solutionBytes(samples: number, { folds: { length: folds }, selection }: EncodingOptions): number {
  const products = 8 * samples ** 2
  if (selection === 'leave-one-out') return products
  const training = samples - samples / folds
  const inner = 'kfold' in selection ? selection.kfold : selection.runs.length
  return products + 4 * folds * training * (training / inner + samples / folds)
}
