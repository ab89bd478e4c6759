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
import { blocksOf, dropTiles, lowerTiles, mirrorNegated, type Block, type TileRow } from './tiles.ts'

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
  const rows = lowerTiles(a.rows)
  for (const row of rows) copyLower(a, row, constant, diagonal)
  const inverse = room ? { data: room, rows: a.rows, cols: a.rows } : zeros64(a.rows, a.rows)
  return invertTiles(rows, gemm, inverse, pause)
}

/**
 * As `invertPositiveDefinite`.
 * @param rows of `lowerTiles`, diagonal blocks whole; written over and given back
 * @param inverse [n, n], written and returned
 */
export async function invertTiles(
  rows: readonly TileRow[],
  gemm: Gemm,
  inverse: Matrix64,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Matrix64> {
  const n = inverse.rows
  const blocks = blocksOf(n)
  const width = blocks[0]?.count ?? 0
  const room = [0, 1, 2].map(() => takeScratch(n * width))
  for (const [k, block] of blocks.entries()) {
    await pause()
    const { first, count } = block
    const [column, y, swept] = room.map((data) => ({ data: data.subarray(0, n * count), rows: n, cols: count }))
    for (const tile of rows[k]) transpose(tile, Math.min(tile.cols, first - tile.first), rowsFrom(column, tile.first))
    for (const [i, own] of blocks.entries()) if (i >= k) copyColumns(rows[i], first, rowsOf(column, own))
    const w = await inverseFactor(rowsOf(column, block), gemm)
    // The block's own rows are not asked for.
    for (const part of [
      { first: 0, count: first },
      { first: first + count, count: n - first - count },
    ]) {
      await gemm.multiply(rowsOf(column, part), w, { transposeB: true, out: rowsOf(y, part) })
      await gemm.multiply(rowsOf(y, part), w, { out: rowsOf(swept, part) })
    }
    for (const [i, other] of blocks.entries()) {
      if (i === k) continue
      const left = rowsOf(y, other)
      for (const tile of rows[i]) {
        const right = rowsOf(y, { first: tile.first, count: tile.cols })
        await gemm.multiply(left, right, { transposeB: true, subtract: true, out: tile })
      }
      if (i > k) placeColumns(rowsOf(swept, other), 1, rows[i], first)
    }
    for (const tile of rows[k]) transposeInto(swept, tile, Math.min(tile.cols, first - tile.first))
    placeColumns(await gemm.multiply(w, w, { transposeA: true }), -1, rows[k], first)
  }
  mirrorNegated(rows, inverse)
  dropTiles(rows)
  for (const data of room) giveScratch(data)
  return inverse
}

const rowsOf = ({ data, cols }: Matrix64, { first, count }: Block): Matrix64 => ({
  data: data.subarray(first * cols, (first + count) * cols),
  rows: count,
  cols,
})

const rowsFrom = (matrix: Matrix64, first: number): Matrix64 =>
  rowsOf(matrix, { first, count: Math.max(0, matrix.rows - first) })

function copyLower({ data, cols }: Matrix64, row: TileRow, constant: number, diagonal: number): void {
  for (const tile of row) {
    for (let i = 0; i < tile.rows; i++) {
      const sample = tile.top + i
      const from = sample * cols + tile.first
      const to = i * tile.cols
      const lower = Math.max(0, Math.min(tile.cols, sample + 1 - tile.first))
      for (let j = 0; j < lower; j++) tile.data[to + j] = data[from + j] + constant
      // Within its diagonal block the other triangle, too.
      for (let j = lower; j < tile.cols; j++) tile.data[to + j] = data[(tile.first + j) * cols + sample] + constant
      const own = sample - tile.first
      if (own >= 0 && own < tile.cols) tile.data[to + own] += diagonal
    }
  }
}

/** The tile that holds a column. */
const tileOf = (row: TileRow, column: number) => row.find(({ first, cols }) => column < first + cols)!

/** out, which is narrower, from the columns of a row of tiles that begin at `first`. */
function copyColumns(row: TileRow, first: number, out: Matrix64): void {
  const from = tileOf(row, first)
  for (let i = 0; i < out.rows; i++) {
    const start = i * from.cols + first - from.first
    out.data.set(from.data.subarray(start, start + out.cols), i * out.cols)
  }
}

/** `sign` times a matrix, into the columns of a row of tiles from `first` on. */
function placeColumns(part: Matrix64, sign: number, row: TileRow, first: number): void {
  const out = tileOf(row, first)
  for (let i = 0; i < part.rows; i++) {
    const start = i * out.cols + first - out.first
    for (let j = 0; j < part.cols; j++) out.data[start + j] = sign * part.data[i * part.cols + j]
  }
}

/** Patches whose rows and columns both stay within the cache. */
const patch = 32

/** The first `count` columns of a tile, transposed, into the first rows of `out`. */
function transpose(tile: Matrix64, count: number, out: Matrix64): void {
  for (let top = 0; top < tile.rows; top += patch) {
    const bottom = Math.min(top + patch, tile.rows)
    for (let j = 0; j < count; j++) {
      for (let i = top; i < bottom; i++) out.data[j * out.cols + i] = tile.data[i * tile.cols + j]
    }
  }
}

/** The rows of a matrix that are the first `count` columns of a tile, transposed. */
function transposeInto(from: Matrix64, tile: TileRow[number], count: number): void {
  const { data, cols } = tile
  for (let top = 0; top < tile.rows; top += patch) {
    const bottom = Math.min(top + patch, tile.rows)
    for (let j = 0; j < count; j++) {
      const row = (tile.first + j) * from.cols
      for (let i = top; i < bottom; i++) data[i * cols + j] = from.data[row + i]
    }
  }
}
