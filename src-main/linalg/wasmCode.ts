/**
 * What WebAssembly modules are put together from, byte by byte: a few dozen instructions need no compiler in the build.
 * Source of the encodings: WebAssembly Core Specification 2.0, chapter 5; relaxed SIMD proposal.
 */

export type Code = readonly number[]

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))]
const sized = (content: Code): Code => [...unsigned(content.length), ...content]
const section = (id: number, content: Code): Code => [id, ...sized(content)]
const nameOf = (text: string): Code => sized([...text].map((letter) => letter.charCodeAt(0)))

export const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const
const empty = 0x40

export const get = (local: number): Code => [0x20, local]
export const set = (local: number): Code => [0x21, local]
export const tee = (local: number): Code => [0x22, local]
/** 0 to 8191. */
export const constant = (value: number): Code => (value < 64 ? [0x41, value] : [0x41, (value & 127) | 128, value >> 7])
export const number64 = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)]
export const plus: Code = [0x6a]
export const minus: Code = [0x6b]
export const times: Code = [0x6c]
export const less: Code = [0x49]
export const loop = (body: Code): Code => [0x03, empty, ...body, 0x0b]
export const block = (body: Code): Code => [0x02, empty, ...body, 0x0b]
export const branch = (depth: number): Code => [0x0c, depth]
export const branchIf = (depth: number): Code => [0x0d, depth]

export const vector = (operation: number, ...immediates: number[]): Code => [
  0xfd,
  ...unsigned(operation),
  ...immediates,
]
/** Alignments are hints, as exponents of 2. */
export const load = (offset: number): Code => vector(0x00, 4, offset)
export const store = (offset: number): Code => vector(0x0b, 4, offset)

interface WasmFunction {
  readonly name: string
  readonly parameters: Code
  readonly results: Code
  /** Runs of locals of one type: how many, and the type. */
  readonly locals: readonly (readonly [number, number])[]
  readonly body: Code
}

/**
 * @param sharedPages the most pages of a memory that threads share; one thread's own memory where it is left out
 * @returns a module that imports `env.memory` and exports the functions
 */
export function moduleOf(functions: readonly WasmFunction[], sharedPages?: number): Uint8Array<ArrayBuffer> {
  const limits = sharedPages === undefined ? [0, 1] : [3, 1, ...unsigned(sharedPages)]
  const list = (entries: readonly Code[]): Code => [...unsigned(entries.length), ...entries.flat()]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(({ parameters, results }) => [0x60, ...sized(parameters), ...sized(results)]))),
    ...section(2, [1, ...nameOf('env'), ...nameOf('memory'), 2, ...limits]),
    ...section(3, list(functions.map((_, i) => [i]))),
    ...section(7, list(functions.map(({ name }, i) => [...nameOf(name), 0, i]))),
    ...section(
      10,
      list(
        functions.map(({ locals, body }) =>
          sized([...list(locals.map(([count, type]) => [...unsigned(count), type])), ...body, 0x0b]),
        ),
      ),
    ),
  ])
}

interface Memory<Buffer> {
  readonly buffer: Buffer
  /** @returns the pages there were; `buffer` is another afterwards */
  grow(pages: number): number
}

export type SharedMemory = Memory<SharedArrayBuffer>

export const pageBytes = 65_536

/** What is used of the global that the types of Node leave to browsers. */
export const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object
    Memory: {
      new (size: { initial: number }): Memory<ArrayBuffer>
      new (size: { initial: number; maximum: number; shared: true }): SharedMemory
    }
    Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
  }
}
