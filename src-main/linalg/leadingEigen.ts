/**
 * The largest eigenvalues of a symmetric positive semidefinite matrix and their vectors, float64, by block Lanczos with
 * full orthogonalisation: the matrix meets a growing orthonormal basis in products of whole blocks.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., 10.3.6; Saad, Numerical Methods for Large Eigenvalue
 * Problems, 6.4.
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from './gemm.ts'
import type { Matrix64 } from './matrix.ts'
import { zeros64 } from './matrix.ts'
import { symmetricEigen } from './symmetricEigen.ts'
import { dot, norm2 } from './vector.ts'

export interface Eigen {
  /** [count], descending. */
  readonly values: Float64Array
  /** [count, n]: orthonormal rows. */
  readonly vectors: Matrix64
}

/** A Ritz vector stands when what the matrix adds to it is smaller than this share of the largest eigenvalue. */
const tolerance = 1e-11
/** A direction is exhausted when orthogonalisation leaves less than this share of it. */
const exhausted = 1e-10
/** Up to this size all eigenvalues are found at once. */
const smallest = 64

/**
 * @param a [n, n], symmetric, positive semidefinite
 * @param count at most n; fewer are returned where the rank is lower
 * @param pause awaited between blocks, so that the caller can let others run, or throw
 * @throws HeschlError NUMERICAL for values that are not finite
 */
export async function leadingEigen(
  a: Matrix64,
  count: number,
  gemm: Gemm,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Eigen> {
  const n = a.rows
  if (!a.data.every(Number.isFinite)) {
    throw new HeschlError('NUMERICAL', 'Principal components cannot be found', {
      expected: 'finite values',
      found: 'NaN or infinity among the samples',
      remedy: 'Leave out the targets that are not finite',
    })
  }
  // The largest value of such a matrix is on its diagonal: divided by it, no square leaves the range of float64.
  let scale = 0
  for (let i = 0; i < n; i++) scale = Math.max(scale, a.data[i * n + i])
  if (scale === 0) return { values: new Float64Array(0), vectors: zeros64(0, n) }
  const scaled: Matrix64 = { ...a, data: a.data.map((value) => value / scale) }
  const { values, vectors } = await leading(scaled, Math.min(count, n), gemm, pause)
  return { values: values.map((value) => value * scale), vectors }
}

async function leading(a: Matrix64, wanted: number, gemm: Gemm, pause: () => Promise<void>): Promise<Eigen> {
  const n = a.rows
  const width = Math.min(n, Math.max(16, Math.ceil(wanted / 2)))
  if (n <= Math.max(smallest, wanted + width)) return ritz(identity(n), a, wanted, gemm, pause)
  const basis = new Basis(n)
  let block = basis.extend(start(width, n))
  let next = wanted + width
  for (;;) {
    await pause()
    block = basis.extend(await basis.orthogonal(await gemm.multiply(block, a), gemm))
    const whole = block.rows === 0 || basis.size >= n
    if (!whole && basis.size < next) continue
    const q = basis.matrix()
    const image = await gemm.multiply(q, a)
    const projected = await gemm.multiply(image, q, { transposeB: true })
    const found = await ritz(q, projected, wanted, gemm, pause)
    if (whole || (await settled(found, a, gemm))) return found
    next = basis.size + Math.max(2 * width, Math.ceil(basis.size / 4))
  }
}

/** Orthonormal rows that grow. */
class Basis {
  readonly #n: number
  readonly #rows: Float64Array[] = []

  constructor(n: number) {
    this.#n = n
  }

  get size(): number {
    return this.#rows.length
  }

  matrix(): Matrix64 {
    return stack(this.#rows, this.#n)
  }

  /** What a block has beside the basis. Twice is enough (Kahan). */
  async orthogonal(block: Matrix64, gemm: Gemm): Promise<Matrix64> {
    const q = this.matrix()
    const rest = { ...block, data: block.data.slice() }
    const lengths = lengthsOf(block)
    for (let pass = 0; pass < 2; pass++) {
      const part = await gemm.multiply(await gemm.multiply(rest, q, { transposeB: true }), q)
      for (let i = 0; i < rest.data.length; i++) rest.data[i] -= part.data[i]
    }
    const left = lengthsOf(rest)
    const kept = rows(rest).filter((_, i) => left[i] > exhausted * lengths[i])
    return stack(kept, this.#n)
  }

  /** Adds the directions of a block that is orthogonal to the basis, and gives them. */
  extend(block: Matrix64): Matrix64 {
    const added: Float64Array[] = []
    for (const row of rows(block)) {
      if (this.#rows.length === this.#n) break
      const before = norm2(row)
      for (let pass = 0; pass < 2; pass++) for (const known of added) subtract(row, known)
      const after = norm2(row)
      if (!(after > exhausted * before)) continue
      for (let i = 0; i < row.length; i++) row[i] /= after
      added.push(row)
      this.#rows.push(row)
    }
    return stack(added, this.#n)
  }
}

/**
 * Eigenvalues and vectors within a subspace.
 * @param q [m, n] its orthonormal basis
 * @param projected [m, m] q a qᵀ
 */
async function ritz(
  q: Matrix64,
  projected: Matrix64,
  count: number,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Eigen> {
  const m = q.rows
  const symmetric = zeros64(m, m)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) symmetric.data[i * m + j] = (projected.data[i * m + j] + projected.data[j * m + i]) / 2
  const { values, vectors } = await symmetricEigen(symmetric, pause)
  const largest = values[m - 1]
  const rank = values.filter((value) => value > largest * m * Number.EPSILON).length
  const kept = Math.min(count, rank)
  const weights = zeros64(kept, m)
  for (let k = 0; k < kept; k++) weights.data.set(vectors.data.subarray((m - 1 - k) * m, (m - k) * m), k * m)
  return { values: values.slice(m - kept).reverse(), vectors: await gemm.multiply(weights, q) }
}

async function settled({ values, vectors }: Eigen, a: Matrix64, gemm: Gemm): Promise<boolean> {
  const image = await gemm.multiply(vectors, a)
  for (let k = 0; k < vectors.rows; k++) {
    const residual = image.data.subarray(k * a.cols, (k + 1) * a.cols)
    for (let j = 0; j < a.cols; j++) residual[j] -= values[k] * vectors.data[k * a.cols + j]
    if (norm2(residual) > tolerance * values[0]) return false
  }
  return true
}

function identity(n: number): Matrix64 {
  const matrix = zeros64(n, n)
  for (let i = 0; i < n; i++) matrix.data[i * n + i] = 1
  return matrix
}

/** The first block: numbers without structure, the same every time (mulberry32). */
function start(width: number, n: number): Matrix64 {
  let state = 1
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5
  }
  return { data: Float64Array.from({ length: width * n }, uniform), rows: width, cols: n }
}

const rows = ({ data, rows: count, cols }: Matrix64) =>
  Array.from({ length: count }, (_, i) => data.slice(i * cols, (i + 1) * cols))

const lengthsOf = (matrix: Matrix64) => rows(matrix).map(norm2)

function stack(list: readonly Float64Array[], cols: number): Matrix64 {
  const matrix = zeros64(list.length, cols)
  for (const [i, row] of list.entries()) matrix.data.set(row, i * cols)
  return matrix
}

function subtract(from: Float64Array, unit: Float64Array): void {
  const share = dot(from, unit)
  for (let i = 0; i < from.length; i++) from[i] -= share * unit[i]
}
