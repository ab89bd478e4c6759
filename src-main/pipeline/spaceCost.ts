import type { SpaceSolver } from '../encoding/banded/fitSpaces.ts'
import type { RidgeOptions } from '../encoding/ridge.ts'
import { bytesAtRest } from './memory.ts'

interface SpaceSizes {
  readonly samples: number
  readonly targets: number
  readonly spaces: number
  /** Features of the largest space. */
  readonly features: number
}

/** Bytes that a regression on several spaces takes beside the responses that are there at a time. */
export function spaceBytes(
  { samples, targets, spaces, features }: SpaceSizes,
  { folds, alphas, selection }: Pick<RidgeOptions, 'folds' | 'alphas' | 'selection'>,
  how: SpaceSolver,
): number {
  const inner = typeof selection === 'object' ? 4 * samples * (samples + (samples * folds.length) / 2) : 0
  return (
    bytesAtRest +
    // One space as it is read, and in float32; a Gram matrix each, mixed ones, and what preparing an alpha takes.
    24 * samples * features +
    8 * (spaces + 10) * samples ** 2 +
    // Of two candidates, as the threads let the last one go when they are given the next.
    2 * alphas.length * (8 * samples ** 2 + inner) +
    (how.solver === 'banded-gradient' ? 80 * spaces * samples ** 2 : 0) +
    folds.length * targets * (40 + 24 * spaces)
  )
}
