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
    for (const [i, other] of blocks.entries()) {
      if (i < k) transpose(rows[k][i], rowsOf(column, other))
      else rowsOf(column, other).data.set(rows[i][k].data)
    }
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
      for (const [j, tile] of rows[i].entries()) {
        if (j === k) continue
        await gemm.multiply(left, rowsOf(y, blocks[j]), { transposeB: true, subtract: true, out: tile })
      }
      if (i > k) rows[i][k].data.set(rowsOf(swept, other).data)
      else transpose(rowsOf(swept, other), rows[k][i])
    }
    const pivot = rows[k][k]
    await gemm.multiply(w, w, { transposeA: true, out: pivot })
    for (let i = 0; i < pivot.data.length; i++) pivot.data[i] = -pivot.data[i]
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

/** Patches whose rows and columns both stay within the cache. */
const patch = 32

/** Writes the transpose. */
function transpose(from: Matrix64, out: Matrix64): void {
  for (let top = 0; top < from.rows; top += patch) {
    const bottom = Math.min(top + patch, from.rows)
    for (let j = 0; j < from.cols; j++) {
      for (let i = top; i < bottom; i++) out.data[j * out.cols + i] = from.data[i * from.cols + j]
    }
  }
}
