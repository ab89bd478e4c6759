import { HeschlError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'

/** Columns that are gathered at a time, so that rows are read in long stretches. */
const stretch = 256

export type ColumnProgress = (done: number, total: number) => void

/**
 * Hands over every column's finite values, in row order.
 * @param matrix [n, vertices]
 * @param use its `values` are the column's first `count` ones; they may be overwritten, and are gone after the call
 * @param progress called with the columns that are done every 256; may throw to stop
 * @throws HeschlError SHAPE_MISMATCH
 */
export function forEachColumn(
  matrix: Matrix,
  use: (column: number, values: Float64Array, count: number) => void,
  progress?: ColumnProgress,
): void {
  const { data, rows, cols } = matrix
  checkShape(matrix)
  const gathered = new Float64Array(stretch * rows)
  const counts = new Uint32Array(stretch)
  for (let first = 0; first < cols; first += stretch) {
    const width = Math.min(stretch, cols - first)
    progress?.(first, cols)
    counts.fill(0)
    for (let row = 0; row < rows; row++) {
      const start = row * cols + first
      for (let k = 0; k < width; k++) {
        const value = data[start + k]
        if (Number.isFinite(value)) gathered[k * rows + counts[k]++] = value
      }
    }
    for (let k = 0; k < width; k++) use(first + k, gathered.subarray(k * rows, (k + 1) * rows), counts[k])
  }
}

export function checkShape({ data, rows, cols }: Matrix): void {
  if (data.length !== rows * cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'A matrix of scores has a wrong number of values', {
      expected: `${rows} subjects x ${cols} vertices`,
      found: `${data.length} values`,
    })
  }
}

/** @throws HeschlError SHAPE_MISMATCH where two matrices do not have the same vertices */
export function checkSameVertices(a: Matrix, b: Matrix): void {
  if (a.cols !== b.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'Two groups of maps differ in length', {
      expected: `${a.cols} vertices`,
      found: `${b.cols} vertices`,
    })
  }
}

/**
 * a - b, what paired tests are made of: NaN where a subject lacks one of the two.
 * @param a, b [subjects, vertices], the same subjects in the same order
 * @throws HeschlError SHAPE_MISMATCH
 */
export function pairedDifferences(a: Matrix, b: Matrix): Matrix {
  checkShape(a)
  checkShape(b)
  checkSameVertices(a, b)
  if (a.rows !== b.rows) {
    throw new HeschlError('SHAPE_MISMATCH', 'Paired maps are not of the same subjects', {
      expected: `${a.rows} subjects`,
      found: `${b.rows} subjects`,
    })
  }
  // float64 even of float32 scores: two of them that differ must not come out as equal.
  const data = Float64Array.from(a.data, (value, i) => value - b.data[i])
  return { data, rows: a.rows, cols: a.cols }
}
