/** A sparse matrix by rows, of weights that take sources to targets. */
import type { Matrix32 } from './matrix.ts'

export interface SparseRows {
  /** uint32 [rows + 1]: where each row's entries begin. */
  readonly offsets: Uint32Array
  /** int32 [entries]: sources. */
  readonly columns: Int32Array
  /** float64 [entries]. */
  readonly weights: Float64Array
}

/** Takes entries row by row; those of one row and one column are added up. */
export class SparseRowsBuilder {
  readonly #offsets: Uint32Array
  #columns = new Int32Array(1024)
  #weights = new Float64Array(1024)
  #rows = 0
  #start = 0
  #end = 0

  constructor(rows: number) {
    this.#offsets = new Uint32Array(rows + 1)
  }

  /** To the row at hand. Rows are short: its entries are looked through. */
  add(column: number, weight: number): void {
    for (let i = this.#start; i < this.#end; i++)
      if (this.#columns[i] === column) {
        this.#weights[i] += weight
        return
      }
    if (this.#end === this.#columns.length) this.#grow()
    this.#columns[this.#end] = column
    this.#weights[this.#end++] = weight
  }

  /** @param factor of all weights of the row */
  endRow(factor = 1): void {
    for (let i = this.#start; i < this.#end; i++) this.#weights[i] *= factor
    this.#offsets[++this.#rows] = this.#end
    this.#start = this.#end
  }

  done(): SparseRows {
    return {
      offsets: this.#offsets,
      columns: this.#columns.slice(0, this.#end),
      weights: this.#weights.slice(0, this.#end),
    }
  }

  #grow(): void {
    const [columns, weights] = [this.#columns, this.#weights]
    this.#columns = new Int32Array(2 * columns.length)
    this.#columns.set(columns)
    this.#weights = new Float64Array(2 * weights.length)
    this.#weights.set(weights)
  }
}

/** Rows of one matrix below those of another, of sources of their own. @param columns of the first matrix */
export function besideRows(first: SparseRows, second: SparseRows, columns: number): SparseRows {
  const end = first.columns.length
  const rows = first.offsets.length - 1
  const offsets = new Uint32Array(rows + second.offsets.length)
  const named = new Int32Array(end + second.columns.length)
  const weights = new Float64Array(named.length)
  offsets.set(first.offsets)
  second.offsets.forEach((offset, row) => (offsets[rows + row] = end + offset))
  named.set(first.columns)
  second.columns.forEach((column, i) => (named[end + i] = column + columns))
  weights.set(first.weights)
  weights.set(second.weights, end)
  return { offsets, columns: named, weights }
}

/** Some rows, with the sources that they name in rising order: their columns are places in `sources`. */
export interface RowsOfSources extends SparseRows {
  readonly sources: Int32Array
}

/**
 * Rows `from` to `to` (exclusive) on their own.
 * @param columns of the whole matrix
 */
export function rowsBetween(rows: SparseRows, columns: number, from: number, to: number): RowsOfSources {
  const [first, end] = [rows.offsets[from], rows.offsets[to]]
  const named = rows.columns.subarray(first, end)
  const place = new Int32Array(columns).fill(-1)
  for (const column of named) place[column] = 0
  let count = 0
  for (let column = 0; column < columns; column++) if (place[column] === 0) place[column] = count++
  const sources = new Int32Array(count)
  for (const column of named) sources[place[column]] = column
  return {
    sources,
    offsets: rows.offsets.slice(from, to + 1).map((offset) => offset - first),
    columns: named.map((column) => place[column]),
    weights: rows.weights.subarray(first, end),
  }
}

/**
 * Weighted sums of sources, in float64, rounded once; NaN for rows without an entry.
 * @param values [samples, sources]
 * @param out [samples, rows]
 */
export function weightedSums({ offsets, columns, weights }: SparseRows, values: Matrix32, out: Float32Array): void {
  const rows = offsets.length - 1
  for (let sample = 0; sample < values.rows; sample++) {
    const own = values.data.subarray(sample * values.cols, (sample + 1) * values.cols)
    for (let row = 0; row < rows; row++) {
      const [first, end] = [offsets[row], offsets[row + 1]]
      let sum = first === end ? NaN : 0
      for (let i = first; i < end; i++) sum += weights[i] * own[columns[i]]
      out[sample * rows + row] = sum
    }
  }
}
