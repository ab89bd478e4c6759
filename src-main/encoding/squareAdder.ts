import { pageBytes, WebAssembly } from '../linalg/wasmCode.ts'
import { squaresModule } from './squaresModule.ts'

let squares: object | undefined

interface SquareAdder {
  /** [rows, batch], to be filled. */
  readonly values: Float32Array
  /** [rows] each, to be filled. */
  readonly factors: Float64Array
  readonly shifts: Float64Array
  /** [batch] each, to be filled; the latter is added to. */
  readonly mean: Float64Array
  readonly sums: Float64Array
  /** sums[t] += Σ_i (values[i, t] factors[i] + mean[t] shifts[i])² over rows `first` to `last`, exclusive; in float64. */
  readonly add: (first: number, last: number) => void
}

/**
 * An instance of `squaresModule` with memory of its own.
 * @param batch a multiple of 4
 */
export function squareAdder(rows: number, batch: number): SquareAdder {
  squares ??= new WebAssembly.Module(squaresModule())
  const bytes = 4 * rows * batch + 16 * (rows + batch)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) })
  const instance = new WebAssembly.Instance(squares, { env: { memory } })
  const add = instance.exports['add'] as (...addresses: number[]) => void
  const { buffer } = memory
  const values = new Float32Array(buffer, 0, rows * batch)
  let next = values.byteLength
  const [factors, shifts, mean, sums] = [rows, rows, batch, batch].map((length) => {
    next += 8 * length
    return new Float64Array(buffer, next - 8 * length, length)
  })
  return {
    ...{ values, factors, shifts, mean, sums },
    add(first, last) {
      const addresses = [4 * batch * first, factors.byteOffset + 8 * first, shifts.byteOffset + 8 * first]
      add(...addresses, mean.byteOffset, sums.byteOffset, last - first, 4 * batch)
    },
  }
}
