/**
 * Largest absolute eigenvalue of a small symmetric matrix, by cyclic Jacobi rotations.
 * @param a [n, n], row-major; overwritten
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., 8.5.
 */
export function spectralRadius(a: Float64Array, n: number): number {
  const size = a.reduce((sum, value) => sum + value * value, 0)
  for (let sweep = 0; sweep < 30; sweep++) {
    let rest = 0
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        rest += a[p * n + q] ** 2
        rotate(a, n, p, q)
      }
    }
    if (!(rest > 1e-24 * size)) break
  }
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]))
  return largest
}

/** Makes one element 0. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]
  if (off === 0) return
  const zeta = (a[q * n + q] - a[p * n + p]) / (2 * off)
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = cosine * tangent
  for (let k = 0; k < n; k++) {
    const [u, v] = [a[k * n + p], a[k * n + q]]
    a[k * n + p] = cosine * u - sine * v
    a[k * n + q] = sine * u + cosine * v
  }
  for (let k = 0; k < n; k++) {
    const [u, v] = [a[p * n + k], a[q * n + k]]
    a[p * n + k] = cosine * u - sine * v
    a[q * n + k] = sine * u + cosine * v
  }
}
