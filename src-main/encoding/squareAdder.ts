import { squaresModule } from './squaresModule.ts'

/** What is used of the global that the types of Node leave to browsers. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object
    Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer }
    Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
  }
}

let squares: object | undefined

interface SquareAdder {
  readonly buffer: ArrayBuffer
  /** `add` of squaresModule.ts. */
  readonly add: (...addresses: number[]) => void
}

/** An instance of `squaresModule` with memory of its own. */
export function squareAdder(bytes: number): SquareAdder {
  squares ??= new WebAssembly.Module(squaresModule())
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) })
  const instance = new WebAssembly.Instance(squares, { env: { memory } })
  return { buffer: memory.buffer, add: instance.exports['add'] as SquareAdder['add'] }
}
