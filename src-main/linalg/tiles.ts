/** A symmetric matrix by tiles of its lower triangle. */
import type { Matrix64 } from './matrix.ts'
import { giveScratch, takeScratch } from './scratch.ts'

/** Rows or columns `first` to `first + count`. */
export interface Block {
  readonly first: number
  readonly count: number
}

/** Columns from `first` on of the rows from `top` on. */
interface Tile extends Matrix64 {
  readonly top: number
  readonly first: number
}

/** The tiles of a block of rows, from the left to the end of its diagonal block. */
export type TileRow = readonly Tile[]

/** Rows of a block at most. */
const widest = 240

/** Nearly equal blocks, and multiples of 8, which keep the vector units full. */
export function blocksOf(n: number): readonly Block[] {
  const width = Math.ceil(n / Math.ceil(n / widest) / 8) * 8
  return Array.from({ length: Math.ceil(n / width) }, (_, i) => {
    const first = i * width
    return { first, count: Math.min(width, n - first) }
  })
}

/** Tiles of an [n, n] matrix, a row for each of `blocksOf`; what they hold is not cleared. */
export function lowerTiles(n: number): readonly TileRow[] {
  const blocks = blocksOf(n)
  return blocks.map(({ first: top, count: rows }, last) =>
    blocks.slice(0, last + 1).map(({ first, count: cols }) => {
      return { data: takeScratch(rows * cols), rows, cols, top, first }
    }),
  )
}

/** Gives the tiles' arrays back. */
export function dropTiles(rows: readonly TileRow[]): void {
  for (const { data } of rows.flat()) giveScratch(data)
}

/** Patches whose rows and columns both stay within the cache. */
const patch = 32

/**
 * Writes a symmetric matrix of whose negative the lower triangle is given.
 * @param out [n, n]
 */
export function mirrorNegated(rows: readonly TileRow[], out: Matrix64): void {
  for (const tile of rows.flat()) mirrorTile(tile, out)
}

function mirrorTile({ data, rows, cols, top, first }: Tile, out: Matrix64): void {
  const n = out.cols
  for (let left = 0; left < cols; left += patch) {
    for (let i = 0; i < rows; i++) {
      const row = top + i
      const right = Math.min(left + patch, cols, row + 1 - first)
      for (let j = left; j < right; j++) {
        const value = -data[i * cols + j]
        out.data[row * n + first + j] = value
        out.data[(first + j) * n + row] = value
      }
    }
  }
}
