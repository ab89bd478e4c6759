/** Distances between the frames of two items, in float64. */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'

/**
 * `cosine`: 1 - cos; `angular`: arccos(cos) / π; `euclidean`; `kl`: Kullback and Leibler's divergence, the mean of both
 * directions, of frames that are non-negative and are made to sum to 1, with the rounding unit of float64 added before.
 */
export type FrameDistance = 'cosine' | 'angular' | 'euclidean' | 'kl'
export const frameDistances: readonly FrameDistance[] = ['cosine', 'angular', 'euclidean', 'kl']

/** An item's frames in the form in which a distance needs them: products of `left` and `right` are nearly all of it. */
export interface PreparedItem {
  readonly frames: number
  readonly left: Matrix64
  readonly right: Matrix64
  /** [frames]: squared norm (euclidean), negative entropy (kl); nothing for the others. */
  readonly own: Float64Array
}

/**
 * @param item [frames, units]
 * @param name of the item, for errors
 * @throws HeschlError NUMERICAL for values that are not finite or, for `kl`, are negative or sum to 0
 */
export function prepareItem(item: Matrix, distance: FrameDistance, name: string): PreparedItem {
  const { rows, cols, data } = item
  const values = zeros64(rows, cols)
  values.data.set(data)
  if (values.data.some((value) => !Number.isFinite(value)))
    throw unfit(name, 'finite activations', 'NaN or infinity', 'Look at the model and the audio')
  if (distance === 'kl') return divergence(values, name)
  const own = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const frame = values.data.subarray(i * cols, (i + 1) * cols)
    const norm = norm2(frame)
    own[i] = norm * norm
    // The direction of a frame of zeros is not defined: it becomes NaN, and so do the item's distances, as scipy's.
    if (distance !== 'euclidean') for (let k = 0; k < cols; k++) frame[k] = frame[k] / norm
  }
  return { frames: rows, left: values, right: values, own }
}

function divergence(values: Matrix64, name: string): PreparedItem {
  const { rows, cols } = values
  const left = zeros64(rows, 2 * cols)
  const right = zeros64(rows, 2 * cols)
  const own = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const frame = values.data.subarray(i * cols, (i + 1) * cols)
    const total = sum(frame)
    if (!(total > 0) || frame.some((value) => value < 0))
      throw unfit(
        name,
        'frames of probabilities for the divergence of Kullback and Leibler',
        total > 0 ? 'a negative value' : 'a frame that sums to 0',
        'Take another distance: cosine, angular or euclidean',
      )
    for (let k = 0; k < cols; k++) {
      const p = (frame[k] / total + Number.EPSILON) / (1 + cols * Number.EPSILON)
      const log = Math.log(p)
      own[i] = own[i] + p * log
      left.data[2 * i * cols + k] = p
      left.data[(2 * i + 1) * cols + k] = log
      right.data[2 * i * cols + k] = log
      right.data[(2 * i + 1) * cols + k] = p
    }
  }
  return { frames: rows, left, right, own }
}

/** @returns [a's frames, b's frames] */
export async function distancesBetween(
  a: PreparedItem,
  b: PreparedItem,
  distance: FrameDistance,
  gemm: Gemm,
): Promise<Matrix64> {
  const costs = await gemm.multiply(a.left, b.right, { transposeB: true })
  const { data, cols } = costs
  for (let i = 0; i < costs.rows; i++) {
    for (let j = 0; j < cols; j++) {
      const product = data[i * cols + j]
      data[i * cols + j] = fromProduct(product, a, i, b, j, distance)
    }
  }
  return costs
}

function fromProduct(
  product: number,
  a: PreparedItem,
  i: number,
  b: PreparedItem,
  j: number,
  distance: FrameDistance,
): number {
  if (distance === 'cosine') return 1 - product
  if (distance === 'angular') return Math.acos(Math.min(1, Math.max(-1, product))) / Math.PI
  const [ownA, ownB] = [a.own[i], b.own[j]]
  if (distance === 'kl') return (ownA + ownB - product) / 2
  const square = ownA + ownB - 2 * product
  // Frames so near each other that their difference has lost its digits are subtracted one by one.
  return square > 1e-6 * (ownA + ownB) ? Math.sqrt(square) : between(a.left, i, b.left, j)
}

function between(a: Matrix64, i: number, b: Matrix64, j: number): number {
  let square = 0
  for (let k = 0; k < a.cols; k++) square += (a.data[i * a.cols + k] - b.data[j * b.cols + k]) ** 2
  return Math.sqrt(square)
}

function unfit(name: string, expected: string, found: string, remedy: string): HeschlError {
  return new HeschlError('NUMERICAL', 'Distances between the frames of an item cannot be taken', {
    where: { stimulus: name },
    expected,
    found,
    remedy,
  })
}
