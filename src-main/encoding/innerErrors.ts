import type { Matrix, Matrix32 } from '../linalg/matrix.ts'
import { zeros32, zeros64 } from '../linalg/matrix.ts'
import type { Fold } from './folds.ts'
import { innerSize, type InnerFold } from './innerFolds.ts'
import { squareAdder } from './squareAdder.ts'

/** Inner folds' errors of a batch of targets from products with P: mean squares a fold, averaged over the folds. */
export interface InnerErrors {
  /** [n_samples, batch], to be filled with P y. */
  readonly c: Matrix
  /** [inner + outer held out, batch]: the rows of `c` that an inner fold and its outer one hold out. */
  gather(inner: InnerFold, outer: Fold): Matrix
  /** [rows, batch], to be filled with an inner fold's residuals. */
  residuals(rows: number): Matrix
  /** Adds `share` times the mean squares of the residuals over their rows to row `index` of `out` [folds, batch]. */
  add(rows: number, share: number, out: Float64Array, index: number): void
}

/**
 * @param most rows of `gather`, of `residuals`
 * @param batch a multiple of 4
 */
export function innerErrors(nSamples: number, most: readonly [number, number], batch: number, float64: boolean) {
  const c = (float64 ? zeros64 : zeros32)(nSamples, batch)
  const stacked = (float64 ? zeros64 : zeros32)(most[0], batch)
  const squares = float64 ? squares64(most[1], batch) : squares32(most[1], batch)
  return {
    c,
    gather(inner, outer) {
      let at = 0
      for (const { start, end } of [...inner, outer]) {
        // The same element type on both sides, which the union of the two does not say.
        stacked.data.set(c.data.subarray(start * batch, end * batch), at)
        at += (end - start) * batch
      }
      return views(stacked, innerSize(inner) + outer.end - outer.start)
    },
    residuals: (rows) => views(squares.values, rows),
    add(rows, share, out, index) {
      const sums = squares.sum(rows)
      for (let t = 0; t < batch; t++) out[index * batch + t] += (share / rows) * sums[t]
    },
  } satisfies InnerErrors as InnerErrors
}

interface Squares {
  readonly values: Matrix
  /** [batch], valid until the next call. */
  sum(rows: number): Float64Array
}

function squares64(most: number, batch: number): Squares {
  const values = zeros64(most, batch)
  const sums = new Float64Array(batch)
  return {
    values,
    sum(rows) {
      sums.fill(0)
      for (let i = 0, k = 0; i < rows; i++) for (let t = 0; t < batch; t++, k++) sums[t] += values.data[k] ** 2
      return sums
    },
  }
}

/** With the vector units, whose function squares (a + b + mean) w: of a value twice, halved. */
function squares32(most: number, batch: number): Squares {
  const bytes = 4 * most * batch
  const { buffer, add } = squareAdder(bytes + 8 * (most + 2 * batch))
  const values: Matrix32 = { data: new Float32Array(buffer, 0, most * batch), rows: most, cols: batch }
  const sums = new Float64Array(buffer, bytes, batch)
  const mean = new Float64Array(buffer, bytes + 8 * batch, batch)
  const weights = new Float64Array(buffer, bytes + 16 * batch, most).fill(0.5)
  return {
    values,
    sum(rows) {
      sums.fill(0)
      add(0, 0, weights.byteOffset, mean.byteOffset, sums.byteOffset, rows, 4 * batch)
      return sums
    },
  }
}

const known = new WeakMap<Matrix, Map<number, Matrix>>()

/** The first rows; the same object each time, so that what is made for it once (a tensor) is found again. */
function views(matrix: Matrix, rows: number): Matrix {
  let made = known.get(matrix)
  if (!made) known.set(matrix, (made = new Map<number, Matrix>()))
  let view = made.get(rows)
  if (!view) made.set(rows, (view = { ...matrix, data: matrix.data.subarray(0, rows * matrix.cols), rows } as Matrix))
  return view
}
