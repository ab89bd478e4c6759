import type { Gemm } from '../../linalg/gemm.ts'
import { zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts'
import { batchSize } from '../solver.ts'

/**
 * Aᵀ B or A B in float64: weights from dual coefficients (Xᵀ D), or from those of components. Columns of B a
 * product of one width, the last ones padded, so that a target's weights do not depend on which others it is computed
 * with.
 * @param b [·, n_targets]
 * @param pause awaited between products
 * @returns [·, n_targets]
 */
export async function weightsOf(
  { a, transposeA }: { readonly a: Matrix; readonly transposeA: boolean },
  b: Matrix64,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Float32Array> {
  const rows = transposeA ? a.cols : a.rows
  const out = new Float32Array(rows * b.cols)
  const wide: Matrix64 = { ...a, data: Float64Array.from(a.data) }
  const batch = zeros64(b.rows, batchSize)
  const product = zeros64(rows, batchSize)
  for (let first = 0; first < b.cols; first += batchSize) {
    const count = Math.min(batchSize, b.cols - first)
    batch.data.fill(0)
    for (let i = 0; i < b.rows; i++) {
      const at = i * b.cols + first
      batch.data.set(b.data.subarray(at, at + count), i * batchSize)
    }
    await gemm.multiply(wide, batch, { transposeA, out: product })
    for (let j = 0; j < rows; j++)
      out.set(product.data.subarray(j * batchSize, j * batchSize + count), j * b.cols + first)
    await pause()
  }
  return out
}
