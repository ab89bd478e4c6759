import { batchSize } from '../../encoding/solver.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import { bytesAtRest, checkMemory, defaultMemory } from '../memory.ts'

export interface Sizes {
  readonly samples: number
  readonly features: number
  readonly targets: number
  readonly alphas: number
  /** Targets of a stripe. */
  readonly width: number
  /** Bytes of a response as it is in the file. */
  readonly itemBytes: number
}

/**
 * Checks that the computation fits its limit before anything is read.
 * @returns targets that can be read at a time
 * @throws HeschlError OPTION_INVALID
 */
export function readAhead(sizes: Sizes, task: EncodeArraysTask): number {
  const { samples, features, targets, alphas, width, itemBytes } = sizes
  const { folds, memory, predictions } = task
  // A stripe in shared memory, its samples once more as rows of a chunk, and its predictions.
  const stripe = (8 + (predictions === undefined ? 0 : 4)) * samples * Math.min(targets, width)
  const fixed =
    bytesAtRest +
    // X as it is read, in float32, and a panel of it in float64.
    16 * samples * features +
    alphas * solutionBytes(samples, task) +
    // A few matrices in float64 while an alpha is prepared.
    64 * samples ** 2 +
    stripe +
    16 * folds * targets +
    8 * folds * alphas * batchSize * 24
  const perTarget = 2 * itemBytes * samples
  const what = 'This ridge regression'
  checkMemory(what, fixed + perTarget * Math.min(targets, width), 'Use fewer alphas, features or samples', memory)
  return Math.floor(((memory ?? defaultMemory()) - fixed) / perTarget)
}

/** Bytes of what a fit at one alpha is made of: P and M; the inner folds' matrices. */
function solutionBytes(samples: number, { folds, selection }: EncodeArraysTask): number {
  const products = 8 * samples ** 2
  if (selection === 'leave-one-out') return products
  const training = samples - samples / folds
  const inner = 'kfold' in selection ? selection.kfold : folds
  return products + 4 * folds * training * (training / inner + samples / folds)
}
