/** Distances between the frames of two items, in float64. */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts'
import { sum } from '../linalg/vector.ts'

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
  if (!Number.isFinite(sum(values.data)))
    throw unfit(name, 'finite activations', 'NaN or infinity', 'Look at the model and the audio')
  if (distance === 'kl') return divergence(values, name)
  const own = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let square = 0
    for (let k = i * cols; k < (i + 1) * cols; k++) square += values.data[k] * values.data[k]
    own[i] = square
    // The direction of a frame of zeros is not defined: it becomes NaN, and so do the item's distances, as scipy's.
    const scale = distance === 'euclidean' ? 1 : 1 / Math.sqrt(square)
    if (scale !== 1) for (let k = i * cols; k < (i + 1) * cols; k++) values.data[k] *= scale
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

/** Frames that are compared with an item's at a time: bounds the copies. */
const framesAtOnce = 2048

/**
 * Distances of one item's frames from those of several others, whose frames go into one product together: a product of
 * two items alone takes less time than asking for it.
 * @param each is given the place of another item among `others`, and the distances [its frames, the item's frames],
 *   valid until it returns
 */
export async function distancesFrom(
  item: PreparedItem,
  others: readonly PreparedItem[],
  distance: FrameDistance,
  gemm: Gemm,
  each: (at: number, costs: Float64Array) => void,
): Promise<void> {
  for (let first = 0; first < others.length;) {
    let last = first
    let rows = 0
    do rows += others[last++].frames
    while (last < others.length && rows + others[last].frames <= framesAtOnce)
    const part = others.slice(first, last)
    const stacked = part.length === 1 ? part[0].left : stack(part, rows)
    const { data } = await gemm.multiply(stacked, item.right, { transposeB: true })
    let at = 0
    for (const [k, other] of part.entries()) {
      const costs = data.subarray(at, (at += other.frames * item.frames))
      fromProducts(costs, other, item, distance)
      each(first + k, costs)
    }
    first = last
  }
}

function stack(items: readonly PreparedItem[], rows: number): Matrix64 {
  const { cols } = items[0].left
  const out = zeros64(rows, cols)
  let at = 0
  for (const { left } of items) {
    out.data.set(left.data, at)
    at += left.data.length
  }
  return out
}

/** In place. @param costs [a's frames, b's frames] of inner products */
function fromProducts(costs: Float64Array, a: PreparedItem, b: PreparedItem, distance: FrameDistance): void {
  if (distance === 'cosine') {
    for (let k = 0; k < costs.length; k++) costs[k] = 1 - costs[k]
    return
  }
  for (let i = 0, k = 0; i < a.frames; i++)
    for (let j = 0; j < b.frames; j++, k++) costs[k] = fromProduct(costs[k], a, i, b, j, distance)
}

function fromProduct(
  product: number,
  a: PreparedItem,
  i: number,
  b: PreparedItem,
  j: number,
  distance: Exclude<FrameDistance, 'cosine'>,
): number {
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
