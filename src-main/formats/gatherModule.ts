/**
 * A WebAssembly module that picks numbers out of a stretch of a file, of each type that files of volumes have:
 *
 *   i2(from, index, end, to, slope, intercept)
 *   to[k] = float32(slope · from[index[k]] + intercept), computed in float64; at least one
 *
 * with addresses in bytes of the stretch, of int32 indices up to `end`, and of float32 results. One loop in JavaScript that
 * sees arrays of several types takes four times as long.
 */
import { endianness } from 'node:os'
import { branchIf, constant, get, less, loop, moduleOf, pageBytes, plus, set, types } from '../linalg/wasmCode.ts'
import { WebAssembly, type Code } from '../linalg/wasmCode.ts'
import type { NumberLayout } from './npy.ts'

const [from, index, end, to, slope, intercept] = [0, 1, 2, 3, 4, 5]

const fromSigned: Code = [0xb7]
const fromUnsigned: Code = [0xb8]
/** How a number is loaded (opcode, alignment, offset) and becomes float64; the exponent of 2 of its bytes. */
const loads: Readonly<Record<string, { readonly load: Code; readonly shift: number }>> = {
  i1: { load: [0x2c, 0, 0, ...fromSigned], shift: 0 },
  u1: { load: [0x2d, 0, 0, ...fromUnsigned], shift: 0 },
  i2: { load: [0x2e, 1, 0, ...fromSigned], shift: 1 },
  u2: { load: [0x2f, 1, 0, ...fromUnsigned], shift: 1 },
  i4: { load: [0x28, 2, 0, ...fromSigned], shift: 2 },
  u4: { load: [0x28, 2, 0, ...fromUnsigned], shift: 2 },
  f4: { load: [0x2a, 2, 0, 0xbb], shift: 2 },
  f8: { load: [0x2b, 3, 0], shift: 3 },
}
const [loadIndex, shiftLeft, multiply, add, toFloat32, storeFloat32]: readonly Code[] = [
  ...[[0x28, 2, 0], [0x74], [0xa2], [0xa0], [0xb6], [0x38, 2, 0]],
]

const kernel = ({ load, shift }: { readonly load: Code; readonly shift: number }): Code =>
  loop([
    ...get(to),
    ...[...get(from), ...get(index), ...loadIndex, ...constant(shift), ...shiftLeft, ...plus, ...load],
    ...[...get(slope), ...multiply, ...get(intercept), ...add, ...toFloat32, ...storeFloat32],
    ...[...get(to), ...constant(4), ...plus, ...set(to), ...get(index), ...constant(4), ...plus, ...set(index)],
    ...[...get(index), ...get(end), ...less, ...branchIf(0)],
  ])

const { i32, f64 } = types
const code = new WebAssembly.Module(
  moduleOf(
    Object.entries(loads).map(([name, how]) => ({
      ...{ name, parameters: [i32, i32, i32, i32, f64, f64], results: [], locals: [], body: kernel(how) },
    })),
  ),
)

type Kernel = (from: number, index: number, end: number, to: number, slope: number, intercept: number) => void

/** Indices, and results, at a time: both stay in a core's cache. */
const atOnce = 16_384
const resultsAt = atOnce * 4
const roomsAt = 2 * resultsAt

/** Whether numbers of a file can be picked so: 64-bit integers and float16 cannot. */
export const isPicked = ({ type }: NumberLayout) => type in loads && endianness() === 'LE'

/** Room for two stretches of a file, of which one can be read while numbers are picked from the other. */
export class Picker {
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil(roomsAt / pageBytes) })
  readonly #kernels = new WebAssembly.Instance(code, { env: { memory: this.#memory } }).exports
  #roomBytes = 0

  /** @param roomBytes of each of the two stretches, at most */
  #grow(roomBytes: number): void {
    this.#roomBytes = 8 * Math.ceil(roomBytes / 8)
    const missing = roomsAt + 2 * this.#roomBytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
  }

  /**
   * Hands a picker to `use`; its memory is kept for the next one, since the engine reserves gigabytes of addresses for each.
   * @throws whatever `use` throws
   */
  static async with<Result>(roomBytes: number, use: (picker: Picker) => Promise<Result>): Promise<Result> {
    const picker = idle.pop() ?? new Picker()
    picker.#grow(roomBytes)
    try {
      return await use(picker)
    } finally {
      idle.push(picker)
    }
  }

  /** Where a stretch of the file is to be read to. */
  room(turn: number, bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, roomsAt + turn * this.#roomBytes, bytes)
  }

  /**
   * @param bytes of a room, as they are in the file
   * @param indices of numbers in it, of which `first` is its first
   * @param into as long as `indices`
   */
  pick(
    bytes: Uint8Array<ArrayBuffer>,
    first: number,
    indices: Int32Array,
    into: Float32Array,
    layout: NumberLayout & { readonly slope: number; readonly intercept: number },
  ): void {
    const { type, itemBytes, bigEndian, slope, intercept } = layout
    if (bigEndian) turnRound(bytes, itemBytes)
    const kernel = this.#kernels[type] as Kernel
    // Addresses wrap around, so that it may lie before the memory's beginning: only sums with an index are used
    const base = bytes.byteOffset - first * itemBytes
    const { buffer } = this.#memory
    for (let done = 0; done < indices.length; done += atOnce) {
      const some = indices.subarray(done, done + atOnce)
      new Int32Array(buffer, 0, some.length).set(some)
      kernel(base, 0, some.length * 4, resultsAt, slope, intercept)
      into.set(new Float32Array(buffer, resultsAt, some.length), done)
    }
  }
}

const idle: Picker[] = []

function turnRound(bytes: Uint8Array<ArrayBuffer>, itemBytes: number): void {
  const turned = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (itemBytes === 2) turned.swap16()
  else if (itemBytes === 4) turned.swap32()
  else if (itemBytes === 8) turned.swap64()
}
