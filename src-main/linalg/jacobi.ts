/**
 * Singular values and vectors by one-sided Jacobi rotations, float64: slow and sure. Small singular values come out
 * with a small relative error, where a Gram matrix has lost them.
 * Source: Hestenes (1958); Drmac and Veselic (2008), SIAM J. Matrix Anal. Appl. 29:1322–1342.
 */
import { HeschlError } from '../errors.ts'

const sweeps = 60

/**
 * Rotates columns among each other, in place, until their first `top` entries are orthogonal: those then are U S of
 * the top rows' singular value decomposition U S Vᵀ, and the entries below are these rows times V.
 * @param columns k columns, each [n]
 * @param top 1 to n
 * @param pause awaited after each sweep's column, so that the caller can let others run, or throw
 * @throws HeschlError NUMERICAL where it does not converge, as with values that are not finite
 */
export async function orthogonalizeColumns(
  columns: Float64Array[],
  top: number,
  pause: () => Promise<void>,
): Promise<void> {
  const tolerance = Number.EPSILON * Math.sqrt(top)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const norms = columns.map((column) => dot(column, column, top))
    const largest = norms.reduce((a, b) => Math.max(a, b), 0)
    if (!Number.isFinite(largest)) break
    // Columns of rounding error alone have no direction worth turning.
    const negligible = largest * (Number.EPSILON * columns.length) ** 2
    let rotated = false
    for (let i = 0; i < columns.length - 1; i++) {
      for (let j = i + 1; j < columns.length; j++) {
        const a = columns[i]
        const b = columns[j]
        const aa = dot(a, a, top)
        const bb = dot(b, b, top)
        if (Math.min(aa, bb) <= negligible) {
          if (aa < bb) swap(columns, i, j)
          continue
        }
        const ab = dot(a, b, top)
        if (Math.abs(ab) > tolerance * Math.sqrt(aa) * Math.sqrt(bb)) {
          rotate(a, b, (bb - aa) / (2 * ab))
          rotated = true
        }
        if (aa < bb) swap(columns, i, j)
      }
      await pause()
    }
    if (!rotated) return
  }
  throw new HeschlError('NUMERICAL', 'The singular values of the features cannot be found', {
    expected: `convergence within ${sweeps} sweeps`,
    remedy: 'Check the features for values that are not finite',
  })
}

function rotate(a: Float64Array, b: Float64Array, zeta: number): void {
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = cosine * tangent
  for (let k = 0; k < a.length; k++) {
    const u = a[k]
    const v = b[k]
    a[k] = cosine * u - sine * v
    b[k] = sine * u + cosine * v
  }
}

function swap(columns: Float64Array[], i: number, j: number): void {
  const column = columns[i]
  columns[i] = columns[j]!
  columns[j] = column
}

function dot(a: Float64Array, b: Float64Array, count: number): number {
  let even = 0
  let odd = 0
  let k = 0
  for (; k + 1 < count; k += 2) {
    even += a[k] * b[k]
    odd += a[k + 1] * b[k + 1]
  }
  return k < count ? even + odd + a[k] * b[k] : even + odd
}
