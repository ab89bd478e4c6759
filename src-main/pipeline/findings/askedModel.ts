import type { FindingSpace } from './input.ts'

/** A model's distances: delta = d(other, X) - d(target, X). */
export interface AskedModel {
  readonly space: FindingSpace
  /** [member][triplets]: of all seeds, or of a series' last checkpoint. */
  readonly members: readonly Float64Array[]
}
