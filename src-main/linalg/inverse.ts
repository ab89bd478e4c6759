/**
 * Inverse of a symmetric positive definite matrix, float64, by sweeping out one block of columns after the other; of
 * the symmetric matrix only the lower triangle is computed, n³ operations in all and nearly all of them in products.
 * With S the block's pivot, W = L⁻¹ where L Lᵀ = S, and B its columns, Y = B Wᵀ is subtracted as Y Yᵀ from all that is
 * not in the block: what is not yet swept is Cholesky's Schur complement, and the errors are those of Cholesky's
 * factors (with B S⁻¹ Bᵀ they grow with the square of the condition).
 * Source: Goodnight (1979), A tutorial on the SWEEP operator, Am. Stat. 33:149-158, a block at a time.
 */
import { HeschlError } from '../errors.ts'
import { inverseFactor } from './cholesky.ts'
import type { Gemm } from './gemm.ts'
import { zeros64, type Matrix64 } from './matrix.ts'

/** Columns swept at a time. */
const widest = 176

interface InverseOptions {
  /** Awaited between blocks, so that the caller can let others run, or throw. */
  readonly pause?: () => Promise<void>
  /** Added to the diagonal, and to every element, before the inverse is taken. */
  readonly diagonal?: number
  readonly constant?: number
}

/**
 * @param a [n, n], symmetric, with what is added positive definite; only its lower triangle is read, and it is left as it was
 * @returns [n, n], exactly symmetric
 * @throws HeschlError NUMERICAL where `a` is not positive definite to float64 precision, or not finite
 */
export async function invertPositiveDefinite(
  a: Matrix64,
  gemm: Gemm,
  { pause = () => Promise.resolve(), diagonal = 0, constant = 0 }: InverseOptions = {},
): Promise<Matrix64> {
  if (a.rows !== a.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'A matrix to invert is not square', { found: `${a.rows} x ${a.cols}` })
  }
  const n = a.rows
  // Nearly equal blocks, and multiples of 8, which keep the vector units full.
  const width = Math.ceil(n / Math.ceil(n / widest) / 8) * 8
  const blocks = Array.from({ length: Math.ceil(n / width) }, (_, i) => {
    const first = i * width
    return { first, count: Math.min(width, n - first) }
  })
  // Block rows of the lower triangle, each [count, first + count].
  const rows = blocks.map(({ first, count }) => lowerRows(a, first, count, constant, diagonal))
  const room = [0, 1, 2].map(() => scratch.take(n * width))
  for (const [k, { first, count }] of blocks.entries()) {
    await pause()
    const own = rows[k]
    const [column, y, swept] = room.map((data) => ({ data: data.subarray(0, n * count), rows: n, cols: count }))
    transpose(own, count, first, column)
    for (const [i, block] of blocks.entries()) if (i >= k) copyColumns(rows[i], first, rowsOf(column, block))
    const w = await inverseFactor(rowsOf(column, { first, count }), gemm)
    await gemm.multiply(column, w, { transposeB: true, out: y })
    await gemm.multiply(y, w, { out: swept })
    for (const [i, block] of blocks.entries()) {
      if (i === k) continue
      const left = rowsOf(y, block)
      const right = rowsOf(y, { first: 0, count: block.first + block.count })
      await gemm.multiply(left, right, { transposeB: true, subtract: true, out: rows[i] })
      if (i > k) placeColumns(rowsOf(swept, block), 1, rows[i], first)
    }
    transpose(swept, first, count, own)
    placeColumns(await gemm.multiply(w, w, { transposeA: true }), -1, own, first)
  }
  const inverse = zeros64(n, n)
  mirrorNegated(rows, inverse)
  for (const data of [...room, ...rows.map((block) => block.data)]) scratch.give(data)
  return inverse
}

/** Bytes that are kept for the next inverse. */
const mostKept = 64e6

/** Arrays for another inverse of the same size: solvers ask for many, and new ones have to be cleared and collected. */
class Scratch {
  readonly #free = new Map<number, Float64Array[]>()
  #bytes = 0

  /** What it holds is not cleared. */
  take(length: number): Float64Array {
    const found = this.#free.get(length)?.pop()
    if (!found) return new Float64Array(length)
    this.#bytes -= found.byteLength
    return found
  }

  give(data: Float64Array): void {
    if (this.#bytes + data.byteLength > mostKept) return
    this.#bytes += data.byteLength
    const same = this.#free.get(data.length)
    if (same) same.push(data)
    else this.#free.set(data.length, [data])
  }
}

const scratch = new Scratch()

interface Block {
  readonly first: number
  readonly count: number
}

const rowsOf = ({ data, cols }: Matrix64, { first, count }: Block): Matrix64 => ({
  data: data.subarray(first * cols, (first + count) * cols),
  rows: count,
  cols,
})

function lowerRows(
  { data, cols }: Matrix64,
  first: number,
  count: number,
  constant: number,
  diagonal: number,
): Matrix64 {
  const out = { data: scratch.take(count * (first + count)), rows: count, cols: first + count }
  for (let i = 0; i < count; i++) {
    const start = (first + i) * cols
    const row = i * out.cols
    for (let j = 0; j <= first + i; j++) out.data[row + j] = data[start + j] + constant
    out.data[row + first + i] += diagonal
    // Within its diagonal block the other triangle, too.
    for (let j = i + 1; j < count; j++) out.data[row + first + j] = data[(first + j) * cols + first + i] + constant
  }
  return out
}

/** out, which is narrower, from the columns of `from` that begin at `first`. */
function copyColumns(from: Matrix64, first: number, out: Matrix64): void {
  for (let i = 0; i < out.rows; i++) {
    const start = i * from.cols + first
    out.data.set(from.data.subarray(start, start + out.cols), i * out.cols)
  }
}

/** `sign` times a matrix, into columns of `out` from `first` on. */
function placeColumns(part: Matrix64, sign: number, out: Matrix64, first: number): void {
  for (let i = 0; i < part.rows; i++) {
    const start = i * out.cols + first
    for (let j = 0; j < part.cols; j++) out.data[start + j] = sign * part.data[i * part.cols + j]
  }
}

/** Tiles whose rows and columns both stay within the cache. */
const tile = 32

/** The leading `rows` by `cols` of `from`, transposed, into the leading part of `out`. */
function transpose(from: Matrix64, rows: number, cols: number, out: Matrix64): void {
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows)
    for (let left = 0; left < cols; left += tile) {
      const right = Math.min(left + tile, cols)
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) out.data[j * out.cols + i] = from.data[i * from.cols + j]!
      }
    }
  }
}

/**
 * Writes a symmetric matrix of whose negative the lower triangle is given.
 * @param blockRows from the top, each [count, first + count]
 * @param out [n, n]
 */
export function mirrorNegated(blockRows: readonly Matrix64[], out: Matrix64): void {
  const n = out.cols
  let first = 0
  for (const { data, rows, cols } of blockRows) {
    for (let left = 0; left < cols; left += tile) {
      for (let i = 0; i < rows; i++) {
        const row = first + i
        const right = Math.min(left + tile, row + 1)
        for (let j = left; j < right; j++) {
          const value = -data[i * cols + j]
          out.data[row * n + j] = value
          out.data[j * n + row] = value
        }
      }
    }
    first += rows
  }
}
