import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'

/**
 * z-scores each column over the given rows (population SD, as scikit-learn's StandardScaler).
 * @param x [n_samples, n_columns]
 * @param rows the run to standardise; all rows where not given
 * @returns [rows, n_columns]: those rows alone. Constant columns are 0; a column with a value that is not finite is
 *   NaN throughout.
 */
export function standardizeColumns(
  x: Matrix32,
  rows: { readonly start: number; readonly end: number } = { start: 0, end: x.rows },
): Matrix32 {
  const count = rows.end - rows.start
  const { cols } = x
  const out = zeros32(count, cols)
  const mean = new Float64Array(cols)
  const square = new Float64Array(cols)
  const constant = new Uint8Array(cols).fill(1)
  const base = rows.start * cols
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < cols; j++) {
      const value = x.data[base + i * cols + j]
      mean[j] += value
      if (value !== x.data[base + j]) constant[j] = 0
    }
  }
  for (let j = 0; j < cols; j++) mean[j] /= count
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < cols; j++) square[j] += (x.data[base + i * cols + j] - mean[j]) ** 2
  }
  for (let j = 0; j < cols; j++) {
    // NaN differs from itself, so that a NaN column is never called constant.
    square[j] = constant[j] ? Infinity : Math.sqrt(square[j] / count)
    if (!Number.isFinite(mean[j])) square[j] = NaN
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < cols; j++) out.data[i * cols + j] = (x.data[base + i * cols + j] - mean[j]) / square[j]
  }
  return out
}
