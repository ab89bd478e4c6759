import type { Matrix } from '../linalg/matrix.ts'

const known = new WeakMap<Matrix, Map<string, Matrix>>()

/** Rows `first` to `end`, exclusive, as a view: the same object each time, so that what is made for it once is found again. */
export function rowView(matrix: Matrix, first: number, end: number): Matrix {
  let made = known.get(matrix)
  if (!made) known.set(matrix, (made = new Map<string, Matrix>()))
  const key = `${first} ${end}`
  let view = made.get(key)
  if (!view) {
    const data = matrix.data.subarray(first * matrix.cols, end * matrix.cols)
    made.set(key, (view = { ...matrix, data, rows: end - first } as Matrix))
  }
  return view
}
