import { zeros32, type Matrix32 } from '../../linalg/matrix.ts'

/** The rows of a matrix in another order; the matrix itself where there is none. */
export function takeRows(x: Matrix32, order: Uint32Array | undefined): Matrix32 {
  if (order === undefined) return x
  const out = zeros32(order.length, x.cols)
  for (const [i, from] of order.entries()) out.data.set(x.data.subarray(from * x.cols, (from + 1) * x.cols), i * x.cols)
  return out
}

/** Undoes `takeRows`. @param data [order.length, cols] */
export function restoreRows(data: Float32Array, cols: number, order: Uint32Array | undefined): Float32Array {
  if (order === undefined) return data
  const out = new Float32Array(data.length)
  for (const [i, to] of order.entries()) out.set(data.subarray(i * cols, (i + 1) * cols), to * cols)
  return out
}

/** Columns `from` to `to`; the matrix itself where that is all. */
export function takeColumns(x: Matrix32, from: number, to: number): Matrix32 {
  if (from === 0 && to === x.cols) return x
  const out = zeros32(x.rows, to - from)
  for (let i = 0; i < x.rows; i++) out.data.set(x.data.subarray(i * x.cols + from, i * x.cols + to), i * out.cols)
  return out
}
