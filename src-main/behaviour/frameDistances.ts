/** Distances between the frames of two items, in float64, from their products. */
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'

/**
 * `cosine`: 1 - cos; `angular`: arccos(cos) / π; `euclidean`; `kl`: Kullback and Leibler's divergence, the mean of both
 * directions, of frames that are non-negative and are made to sum to 1, with the rounding unit of float64 added before.
 */
export type FrameDistance = 'cosine' | 'angular' | 'euclidean' | 'kl'
export const frameDistances: readonly FrameDistance[] = ['cosine', 'angular', 'euclidean', 'kl']

/** Distance of a product (of a squared difference, for `euclidean`) of two frames whose norms are given. */
export function distanceOf(product: number, normA: number, normB: number, distance: FrameDistance): number {
  if (distance === 'euclidean') return Math.sqrt(product)
  // The direction of a frame of zeros is not defined: NaN, and so is an item's distance, as scipy's.
  const cosine = product / (normA * normB)
  return distance === 'cosine' ? 1 - cosine : Math.acos(Math.min(1, Math.max(-1, cosine))) / Math.PI
}

/**
 * What float32 can be wrong in a product of two rows, over the product of their norms: a sum of n terms, each rounded,
 * is wrong by at most n u / (1 - n u) times the sum of their sizes (Higham 2002, Accuracy and Stability, 3.1), which is
 * at most the product of the norms (Cauchy and Schwarz). Each of four lanes adds up a quarter of the terms.
 */
export function productError(units: number): number {
  const terms = Math.ceil(units / 4) + 20
  const unit = 2 ** -24
  return (terms * unit) / (1 - terms * unit)
}

/** Norms between which products in float32 neither overflow nor lose digits to underflow. */
export const safeNorms = { least: 1e-12, most: 1e15 } as const

/**
 * Frames as probabilities and their logarithms, side by side: [frames, 2 units], and each frame's negative entropy.
 * @throws HeschlError NUMERICAL for frames that are negative or sum to 0
 */
export function probabilities({ data, rows, cols }: Matrix32, name: string) {
  const values = new Float64Array(rows * 2 * cols)
  const own = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const frame = data.subarray(i * cols, (i + 1) * cols)
    let total = 0
    let negative = false
    for (const value of frame) {
      total += value
      negative ||= value < 0
    }
    if (!(total > 0) || negative)
      throw unfit(
        name,
        'frames of probabilities for the divergence of Kullback and Leibler',
        negative ? 'a negative value' : 'a frame that sums to 0',
        'Take another distance: cosine, angular or euclidean',
      )
    for (let k = 0; k < cols; k++) {
      const p = (frame[k] / total + Number.EPSILON) / (1 + cols * Number.EPSILON)
      const log = Math.log(p)
      own[i] = own[i] + p * log
      values[2 * i * cols + k] = p
      values[(2 * i + 1) * cols + k] = log
    }
  }
  return { values, own }
}

/** @throws HeschlError NUMERICAL */
export function checkFinite(sums: Float64Array, name: string): void {
  if (sums.every((value) => Number.isFinite(value))) return
  throw unfit(name, 'finite activations', 'NaN or infinity', 'Look at the model and the audio')
}

function unfit(name: string, expected: string, found: string, remedy: string): HeschlError {
  return new HeschlError('NUMERICAL', 'Distances between the frames of an item cannot be taken', {
    where: { stimulus: name },
    expected,
    found,
    remedy,
  })
}
