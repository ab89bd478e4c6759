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
import { giveScratch, takeScratch } from './scratch.ts'

/** Columns swept at a time. */
const widest = 176

interface InverseOptions {
  /** Awaited between blocks, so that the caller can let others run, or throw. */
  readonly pause?: () => Promise<void>
  /** Added to the diagonal, and to every element, before the inverse is taken. */
  readonly diagonal?: number
  readonly constant?: number
  /** [n n], where the inverse is written; a new array where it is left out. */
  readonly room?: Float64Array
}

/**
 * @param a [n, n], symmetric, with what is added positive definite; only its lower triangle is read, and it is left as it was
 * @returns [n, n], exactly symmetric
 * @throws HeschlError NUMERICAL where `a` is not positive definite to float64 precision, or not finite
 */
export async function invertPositiveDefinite(
  a: Matrix64,
  gemm: Gemm,
  { pause, diagonal = 0, constant = 0, room }: InverseOptions = {},
): Promise<Matrix64> {
  if (a.rows !== a.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'A matrix to invert is not square', { found: `${a.rows} x ${a.cols}` })
  }
  const rows = blocksOf(a.rows).map(({ first, count }) => lowerRows(a, first, count, constant, diagonal))
  const inverse = room ? { data: room, rows: a.rows, cols: a.rows } : zeros64(a.rows, a.rows)
  return invertBlockRows(rows, gemm, inverse, pause)
}

/** Nearly equal blocks of rows, and multiples of 8, which keep the vector units full. */
export function blocksOf(n: number): readonly Block[] {
  const width = Math.ceil(n / Math.ceil(n / widest) / 8) * 8
  return Array.from({ length: Math.ceil(n / width) }, (_, i) => {
    const first = i * width
    return { first, count: Math.min(width, n - first) }
  })
}

/**
 * As `invertPositiveDefinite`.
 * @param rows of the lower triangle, as `blocksOf` has them, each [count, first + count] and its diagonal block whole: scratch,
 *   written over and given back
 * @param inverse [n, n], written and returned
 */
export async function invertBlockRows(
  rows: readonly Matrix64[],
  gemm: Gemm,
  inverse: Matrix64,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Matrix64> {
  const n = inverse.rows
  const blocks = blocksOf(n)
  const width = blocks[0]?.count ?? 0
  const room = [0, 1, 2].map(() => takeScratch(n * width))
  for (const [k, { first, count }] of blocks.entries()) {
    await pause()
    const own = rows[k]
    const [column, y, swept] = room.map((data) => ({ data: data.subarray(0, n * count), rows: n, cols: count }))
    transpose(own, count, first, column)
    for (const [i, block] of blocks.entries()) if (i >= k) copyColumns(rows[i], first, rowsOf(column, block))
    const w = await inverseFactor(rowsOf(column, { first, count }), gemm)
    // The block's own rows are not asked for.
    for (const part of [{ first: 0, count: first }, { first: first + count, count: n - first - count }]) {
      await gemm.multiply(rowsOf(column, part), w, { transposeB: true, out: rowsOf(y, part) })
      await gemm.multiply(rowsOf(y, part), w, { out: rowsOf(swept, part) })
    }
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
  mirrorNegated(rows, inverse)
  for (const data of [...room, ...rows.map((block) => block.data)]) giveScratch(data)
  return inverse
}

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
  const out = { data: takeScratch(count * (first + count)), rows: count, cols: first + count }
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
