import { pageBytes, WebAssembly } from '../linalg/wasmCode.ts'
import { squaresModule } from './squaresModule.ts'

let squares: object | undefined

interface SquareAdder {
  readonly buffer: ArrayBuffer
  /** `add` of squaresModule.ts. */
  readonly add: (...addresses: number[]) => void
}

/** An instance of `squaresModule` with memory of its own. */
export function squareAdder(bytes: number): SquareAdder {
  squares ??= new WebAssembly.Module(squaresModule())
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) })
  const instance = new WebAssembly.Instance(squares, { env: { memory } })
  return { buffer: memory.buffer, add: instance.exports['add'] as SquareAdder['add'] }
}
