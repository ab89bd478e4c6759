import type { Matrix64 } from './matrix.ts'
import { zeros64 } from './matrix.ts'

/**
 * L of a = L Qᵀ, where a is wide: Householder reflections of its rows, one after the other.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., 5.2.2.
 * @param a [n, p], n <= p; overwritten
 * @param pause awaited after each row
 * @returns [n, n], lower triangular, with a aᵀ = L Lᵀ
 */
export async function lowerFactor(a: Matrix64, pause: () => Promise<void>): Promise<Matrix64> {
  const { data, rows, cols } = a
  for (let j = 0; j < rows; j++) {
    const v = data.subarray(j * cols + j, (j + 1) * cols)
    const largest = v.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    if (largest === 0) continue
    let square = 0
    for (const value of v) square += (value / largest) ** 2
    const norm = largest * Math.sqrt(square)
    const head = v[0] < 0 ? norm : -norm
    // The reflection I - 2 w wᵀ / (wᵀw) with w = v - head e takes v to head e; wᵀw = -2 head w₀.
    v[0] -= head
    const scale = -1 / (head * v[0])
    for (let i = j + 1; i < rows; i++) {
      const start = i * cols + j
      let sum = 0
      for (let k = 0; k < v.length; k++) sum += v[k] * data[start + k]
      const factor = sum * scale
      for (let k = 0; k < v.length; k++) data[start + k] -= factor * v[k]
    }
    v.fill(0)
    v[0] = head
    await pause()
  }
  const l = zeros64(rows, rows)
  for (let i = 0; i < rows; i++) l.data.set(data.subarray(i * cols, i * cols + i + 1), i * rows)
  return l
}
