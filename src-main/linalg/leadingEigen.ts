/**
 * The largest eigenvalues of a symmetric positive semidefinite matrix and their vectors, float64, by subspace iteration
 * with Chebyshev polynomials of the matrix, in products of whole blocks: eigenvectors that stand are taken out of the
 * matrix, and the polynomial grows with what is left. All that is not such a product is of the size of the block.
 * Source: Zhou and Saad (2007), SIAM J. Matrix Anal. Appl. 29:954-971; Saad, Numerical Methods for Large Eigenvalue
 * Problems, 2nd ed., 5.2 and 5.3.
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from './gemm.ts'
import type { Matrix64 } from './matrix.ts'
import { zeros64 } from './matrix.ts'
import { symmetricEigen } from './symmetricEigen.ts'
import { norm2 } from './vector.ts'

export interface Eigen {
  /** [count], descending. */
  readonly values: Float64Array
  /** [count, n]: orthonormal rows. */
  readonly vectors: Matrix64
}

/** A Ritz vector stands when what the matrix adds to it is smaller than this share of the largest eigenvalue. */
const tolerance = 1e-11
/** A direction is exhausted when the others leave less than this share of its length. */
const exhausted = 1e-10
/** Directions beyond those asked for, as a share of them and at least: the more, the faster the last ones stand. */
const beyond = { share: 0.5, least: 24 }
/** Degrees of the polynomial, and the power of ten by which it may lift one wanted direction above another. */
const degrees = { least: 2, most: 40, lift: 9 }
/** Rounds of filtering; some ten are usual. */
const mostRounds = 200
/** Up to this size all eigenvalues are found at once. */
const smallest = 64

/**
 * @param a [n, n], symmetric, positive semidefinite
 * @param count at most n; fewer are returned where the rank is lower
 * @param pause awaited between blocks, so that the caller can let others run, or throw
 * @throws HeschlError NUMERICAL for values that are not finite, or where eigenvectors do not settle
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
  const width = wanted + Math.max(beyond.least, Math.ceil(wanted * beyond.share))
  if (n <= Math.max(smallest, 2 * width)) return ofAll(a, wanted, pause)
  const values: number[] = []
  const found: Float64Array[] = []
  const rest: Matrix64 = { ...a, data: a.data.slice() }
  // Once through the matrix: a block that has more rows than the matrix has rank spans all of it.
  let block = await orthonormal(await gemm.multiply(start(width, n), rest), gemm, pause)
  let largest = 0
  for (let round = 0; block.rows > 0; round++) {
    await pause()
    if (round === mostRounds) {
      throw new HeschlError('NUMERICAL', 'The eigenvalues of a matrix cannot be found', {
        expected: `${wanted} eigenvectors`,
        found: `${found.length} in ${mostRounds} rounds`,
        remedy: 'Ask for fewer principal components',
      })
    }
    const { theta, vectors, residuals } = await ritz(block, rest, gemm, pause)
    largest = Math.max(largest, theta[0])
    // Only from the top: what stands further down may have a larger one above it yet.
    let stands = 0
    const worth = (k: number) => theta[k] > largest * n * Number.EPSILON
    while (stands < vectors.rows && residuals[stands] <= tolerance * largest && worth(stands)) stands++
    // A block that is all there is, or all that is left of any size.
    const all = vectors.rows < width - found.length && residuals.every((size) => size <= tolerance * largest)
    const taken = all ? theta.findLastIndex((_, k) => worth(k)) + 1 : stands
    for (let k = 0; k < taken; k++) {
      values.push(theta[k])
      found.push(vectors.data.slice(k * n, (k + 1) * n))
    }
    if (all || found.length >= wanted || !worth(0)) break
    await takeOut(rest, rowsOf(vectors, 0, taken), theta, gemm)
    block = rowsOf(vectors, taken, vectors.rows)
    const filtered = await filter(
      block,
      rest,
      { largest: theta[taken], unwanted: theta[theta.length - 1] },
      gemm,
      pause,
    )
    block = await orthonormal(await without(filtered, found, gemm), gemm, pause)
  }
  return sorted(values, found, wanted, n)
}

/** From the decomposition of the whole matrix. */
async function ofAll(a: Matrix64, wanted: number, pause: () => Promise<void>): Promise<Eigen> {
  const n = a.rows
  const { values, vectors } = await symmetricEigen(symmetric(a), pause)
  const largest = values[n - 1]
  const rank = values.filter((value) => value > largest * n * Number.EPSILON).length
  const rows = Array.from({ length: Math.min(wanted, rank) }, (_, k) => {
    return vectors.data.subarray((n - 1 - k) * n, (n - k) * n)
  })
  return { values: values.slice(n - rows.length).reverse(), vectors: stack(rows, n) }
}

/** Eigenvalues and vectors within the space of some orthonormal rows, descending, and how far each is from standing. */
async function ritz(block: Matrix64, a: Matrix64, gemm: Gemm, pause: () => Promise<void>) {
  const image = await gemm.multiply(block, a)
  const projected = symmetric(await gemm.multiply(image, block, { transposeB: true }))
  const { values, vectors: turn } = await symmetricEigen(projected, pause)
  const m = block.rows
  const descending = stack(
    Array.from({ length: m }, (_, k) => turn.data.subarray((m - 1 - k) * m, (m - k) * m)),
    m,
  )
  const theta = values.toReversed()
  const vectors = await gemm.multiply(descending, block)
  const images = await gemm.multiply(descending, image)
  const residuals = Float64Array.from(theta, (value, k) => {
    const residual = images.data.subarray(k * a.cols, (k + 1) * a.cols)
    for (let j = 0, at = k * a.cols; j < a.cols; j++, at++) residual[j] -= value * vectors.data[at]
    return norm2(residual)
  })
  return { theta, vectors, residuals }
}

/**
 * Rows times a Chebyshev polynomial of the matrix that is at most 1 from 0 to the unwanted eigenvalue and grows beyond
 * it, as steeply as the digits of the smaller wanted ones bear.
 */
async function filter(
  block: Matrix64,
  a: Matrix64,
  { largest, unwanted }: { readonly largest: number; readonly unwanted: number },
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Matrix64> {
  const half = Math.max(unwanted, 1e-3 * largest) / 2
  const lift = Math.log10(Math.max(2, (2 * largest) / half - 2))
  const degree = Math.min(degrees.most, Math.max(degrees.least, Math.floor(degrees.lift / lift)))
  let before = block
  // (A / half - 1) of the block, then twice that of each less the one before.
  let now = await step(block, a, half, gemm)
  for (let j = 0; j < now.data.length; j++) now.data[j] /= 2
  for (let k = 1; k < degree; k++) {
    await pause()
    const next = await step(now, a, half, gemm)
    for (let j = 0; j < next.data.length; j++) next.data[j] -= before.data[j]
    before = now
    now = next
  }
  return now
}

/** 2 (A / half - 1) of the rows. */
async function step(block: Matrix64, a: Matrix64, half: number, gemm: Gemm): Promise<Matrix64> {
  const out = await gemm.multiply(block, a)
  for (let j = 0; j < out.data.length; j++) out.data[j] = 2 * (out.data[j] / half - block.data[j])
  return out
}

/** Takes eigenvectors out of a matrix. @param vectors orthonormal rows */
async function takeOut(a: Matrix64, vectors: Matrix64, values: Float64Array, gemm: Gemm): Promise<void> {
  if (vectors.rows === 0) return
  const scaled = { ...vectors, data: vectors.data.slice() }
  for (let k = 0; k < vectors.rows; k++) for (let j = 0; j < a.cols; j++) scaled.data[k * a.cols + j] *= values[k]
  await gemm.multiply(vectors, scaled, { transposeA: true, subtract: true, out: a })
}

/** Rows less what they have of others, which are orthonormal. */
async function without(block: Matrix64, others: readonly Float64Array[], gemm: Gemm): Promise<Matrix64> {
  if (others.length === 0) return block
  const q = stack(others, block.cols)
  const shares = await gemm.multiply(block, q, { transposeB: true })
  return gemm.multiply(shares, q, { subtract: true, out: block })
}

/**
 * Orthonormal rows of the same space, fewer where it has fewer dimensions: of rows of length 1, through the
 * eigenvectors of their products, twice, the second time for the digits.
 */
async function orthonormal(block: Matrix64, gemm: Gemm, pause: () => Promise<void>): Promise<Matrix64> {
  let out = normalised(block)
  for (let pass = 0; pass < 2 && out.rows > 0; pass++) {
    const products = symmetric(await gemm.multiply(out, out, { transposeB: true }))
    const { values, vectors } = await symmetricEigen(products, pause)
    const kept = [...values.keys()].filter((k) => values[k] > exhausted ** (2 - pass) * values[values.length - 1])
    const turn = zeros64(kept.length, out.rows)
    for (const [to, k] of kept.entries())
      for (let j = 0; j < out.rows; j++) turn.data[to * out.rows + j] = vectors.data[k * out.rows + j]
    out = normalised(await gemm.multiply(turn, out))
  }
  return out
}

/** Rows of length 1; those of length 0 are left out. */
function normalised(block: Matrix64): Matrix64 {
  const kept: Float64Array[] = []
  for (let i = 0; i < block.rows; i++) {
    const row = block.data.subarray(i * block.cols, (i + 1) * block.cols)
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    if (largest > 0) {
      const scaled = row.map((value) => value / largest)
      const length = norm2(scaled)
      kept.push(scaled.map((value) => value / length))
    }
  }
  return stack(kept, block.cols)
}

/** The first of them in descending order. */
function sorted(values: readonly number[], rows: readonly Float64Array[], wanted: number, n: number): Eigen {
  const order = [...values.keys()].sort((i, j) => values[j] - values[i]).slice(0, wanted)
  return {
    values: Float64Array.from(order, (i) => values[i]),
    vectors: stack(
      order.map((i) => rows[i]),
      n,
    ),
  }
}

/** The mean of a matrix and its transpose. */
function symmetric({ data, rows: n }: Matrix64): Matrix64 {
  const out = zeros64(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out.data[i * n + j] = (data[i * n + j] + data[j * n + i]) / 2
  return out
}

/** Rows `from` to `to`, as a view. */
const rowsOf = ({ data, cols }: Matrix64, from: number, to: number): Matrix64 => ({
  ...{ data: data.subarray(from * cols, to * cols), rows: to - from, cols },
})

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

function stack(list: readonly Float64Array[], cols: number): Matrix64 {
  const matrix = zeros64(list.length, cols)
  for (const [i, row] of list.entries()) matrix.data.set(row, i * cols)
  return matrix
}
