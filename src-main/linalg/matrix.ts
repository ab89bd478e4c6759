/** Row-major matrices over typed arrays: the one shape in which numbers travel between modules. */

/** float32, row-major: element (i, j) is `data[i * cols + j]`. */
export interface Matrix32 {
  readonly data: Float32Array
  readonly rows: number
  readonly cols: number
}

/** float64, row-major: element (i, j) is `data[i * cols + j]`. */
export interface Matrix64 {
  readonly data: Float64Array
  readonly rows: number
  readonly cols: number
}

export type Matrix = Matrix32 | Matrix64

export const zeros32 = (rows: number, cols: number): Matrix32 => ({
  data: new Float32Array(rows * cols),
  rows,
  cols,
})

export const zeros64 = (rows: number, cols: number): Matrix64 => ({
  data: new Float64Array(rows * cols),
  rows,
  cols,
})

/** Zeros in shared memory: threads that are sent the matrix read one copy. */
export const sharedMatrix32 = (rows: number, cols: number): Matrix32 => ({
  data: new Float32Array(new SharedArrayBuffer(4 * rows * cols)),
  rows,
  cols,
})

export const sharedMatrix64 = (rows: number, cols: number): Matrix64 => ({
  data: new Float64Array(new SharedArrayBuffer(8 * rows * cols)),
  rows,
  cols,
})
