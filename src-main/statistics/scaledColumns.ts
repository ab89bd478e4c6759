import type { Matrix, Matrix64 } from '../linalg/matrix.ts'

/** Bytes of float64 copies that are kept; above that each stretch of columns is made again whenever it is needed. */
const kept = 256 * 2 ** 20
/** Columns of a stretch, at most. */
const widest = 4096

/** A matrix's columns as (value - shift) * scale in float64, in stretches that a product can take. */
export class ScaledColumns {
  readonly rows: number
  readonly cols: number
  private readonly matrix: Matrix
  private readonly shift: Float64Array
  private readonly scale: Float64Array
  private readonly stretch: number
  private readonly parts = new Map<number, Matrix64>()

  /**
   * @param shift, scale [cols]; a column of scale 0 is all zero, whatever is in it
   * @param stretch columns of a part, where 4,096 are too many
   */
  constructor(matrix: Matrix, shift: Float64Array, scale: Float64Array, stretch = widest) {
    this.rows = matrix.rows
    this.cols = matrix.cols
    this.matrix = matrix
    this.shift = shift
    this.scale = scale
    this.stretch = Math.min(widest, stretch)
  }

  /** Calls `use` with a part [rows, some columns] and the first one's index; they are not to be kept. */
  async forEachPart(use: (part: Matrix64, first: number) => Promise<void>): Promise<void> {
    const keep = this.rows * this.cols * 8 <= kept
    for (let first = 0; first < this.cols; first += this.stretch) {
      const part = this.parts.get(first) ?? this.part(first)
      if (keep) this.parts.set(first, part)
      await use(part, first)
    }
  }

  private part(first: number): Matrix64 {
    const { matrix, shift, scale, rows, cols } = this
    const width = Math.min(this.stretch, cols - first)
    const data = new Float64Array(rows * width)
    for (let row = 0; row < rows; row++) {
      const from = row * cols + first
      for (let k = 0; k < width; k++) {
        const factor = scale[first + k]
        if (factor !== 0) data[row * width + k] = (matrix.data[from + k] - shift[first + k]) * factor
      }
    }
    return { data, rows, cols: width }
  }
}
