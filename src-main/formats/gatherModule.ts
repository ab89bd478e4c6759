/**
 * A WebAssembly module that takes runs of numbers out of a stretch of a file, of each type that files of volumes have:
 *
 *   i2(from, runs, end, to, slope, intercept)
 *   for each run [place, length]: to[…] = float32(slope · from[place…] + intercept), computed in float64; at least one run
 *
 * with addresses in bytes of the stretch, of pairs of int32 up to `end`, and of float32 results. One loop in JavaScript that
 * sees arrays of several types takes eight times as long.
 */
import { endianness } from 'node:os'
import { block, branch, branchIf, constant, get, less, loop, minus, moduleOf, plus, set } from '../linalg/wasmCode.ts'
import { pageBytes, tee, types, vector, WebAssembly, type Code } from '../linalg/wasmCode.ts'
import { mostNumbers, mostRuns, pieceBytes, type FramePiece, type FramePieces } from './framePieces.ts'
import type { NumberLayout } from './npy.ts'

const [from, runs, end, to, slope, intercept] = [0, 1, 2, 3, 4, 5]
/** Where the run's next number is, and how many are left of it; vectors: as loaded, two of float64, slope, intercept. */
const [at, left, loaded, low, high, slopes, intercepts] = [6, 7, 8, 9, 10, 11, 12]

const fromSigned: Code = [0xb7]
const fromUnsigned: Code = [0xb8]
const [signed, unsigned] = [0xfe, 0xff]

interface Loads {
  /** How a number is loaded (opcode, alignment, offset) and becomes float64. */
  readonly one: Code
  /** How four are: left in `low` and `high`. */
  readonly four: Code
  /** The exponent of 2 of a number's bytes. */
  readonly shift: number
}

/** Four 32-bit numbers on the stack, to two and two of float64. */
const widened = (operation: number): Code => [
  ...[...tee(loaded), ...vector(operation), ...set(low)],
  ...[...get(loaded), ...get(loaded), ...shuffled(8, 8), ...vector(operation), ...set(high)],
]
/** The eight bytes from a place in the first vector, and eight from one in both. */
const shuffled = (first: number, second: number): Code =>
  vector(0x0d, ...Array.from({ length: 16 }, (_, i) => (i < 8 ? first + i : second + i - 8)))
const bytesWidened = (toShort: number, toWhole: number): Code => [
  ...[...get(at), ...vector(0x5c, 0, 0)],
  ...[...vector(toShort), ...vector(toWhole)],
]

const loads: Readonly<Record<string, Loads>> = {
  i1: { one: [0x2c, 0, 0, ...fromSigned], four: [...bytesWidened(0x87, 0xa7), ...widened(signed)], shift: 0 },
  u1: { one: [0x2d, 0, 0, ...fromUnsigned], four: [...bytesWidened(0x89, 0xa9), ...widened(unsigned)], shift: 0 },
  i2: { one: [0x2e, 0, 0, ...fromSigned], four: [...get(at), ...vector(0x03, 0, 0), ...widened(signed)], shift: 1 },
  u2: { one: [0x2f, 0, 0, ...fromUnsigned], four: [...get(at), ...vector(0x04, 0, 0), ...widened(unsigned)], shift: 1 },
  i4: { one: [0x28, 0, 0, ...fromSigned], four: [...get(at), ...vector(0x00, 0, 0), ...widened(signed)], shift: 2 },
  u4: { one: [0x28, 0, 0, ...fromUnsigned], four: [...get(at), ...vector(0x00, 0, 0), ...widened(unsigned)], shift: 2 },
  f4: { one: [0x2a, 0, 0, 0xbb], four: [...get(at), ...vector(0x00, 0, 0), ...widened(0x5f)], shift: 2 },
  f8: {
    one: [0x2b, 0, 0],
    four: [...[low, high].flatMap((into, i) => [...get(at), ...vector(0x00, 0, 16 * i), ...set(into)])],
    shift: 3,
  },
}

const [load32, shiftLeft, multiply, add, toFloat32, storeFloat32]: readonly Code[] = [
  ...[[0x28, 0, 0], [0x74], [0xa2], [0xa0], [0xb6], [0x38, 0, 0]],
]
const moved = (local: number, bytes: number): Code => [...get(local), ...constant(bytes), ...plus, ...set(local)]
const scaledPair = (pair: number): Code => [
  ...[...get(pair), ...get(slopes), ...vector(0xf2), ...get(intercepts), ...vector(0xf0)],
  ...vector(0x5e),
]
/** Repeats while at least `count` numbers of the run are left. */
const whileLeft = (count: number, body: Code): Code =>
  block(
    loop([
      ...[...get(left), ...constant(count), ...less, ...branchIf(1)],
      ...body,
      ...[...get(left), ...constant(count), ...minus, ...set(left)],
      ...branch(0),
    ]),
  )

const kernel = ({ one, four, shift }: Loads): Code => [
  ...[slope, intercept].flatMap((number, i) => [...get(number), ...vector(0x14), ...set([slopes, intercepts][i])]),
  ...loop([
    ...[...get(from), ...get(runs), ...load32, ...constant(shift), ...shiftLeft, ...plus, ...set(at)],
    ...[...get(runs), 0x28, 0, 4, ...set(left), ...moved(runs, 8)],
    ...whileLeft(4, [
      ...four,
      ...[...get(to), ...scaledPair(low), ...scaledPair(high), ...shuffled(0, 16), ...vector(0x0b, 0, 0)],
      ...[...moved(at, 4 << shift), ...moved(to, 16)],
    ]),
    ...whileLeft(1, [
      ...[...get(to), ...get(at), ...one, ...get(slope), ...multiply, ...get(intercept), ...add],
      ...[...toFloat32, ...storeFloat32, ...moved(at, 1 << shift), ...moved(to, 4)],
    ]),
    ...[...get(runs), ...get(end), ...less, ...branchIf(0)],
  ]),
]

const { i32, f64, v128 } = types
const locals = [[2, i32] as const, [5, v128] as const]
const code = new WebAssembly.Module(
  moduleOf(
    Object.entries(loads).map(([name, how]) => ({
      ...{ name, parameters: [i32, i32, i32, i32, f64, f64], results: [], locals, body: kernel(how) },
    })),
  ),
)

type Kernel = (from: number, runs: number, end: number, to: number, slope: number, intercept: number) => void

const resultsAt = mostRuns * 8
const roomAt = resultsAt + mostNumbers * 4

/** Whether numbers of a file can be picked so: 64-bit integers and float16 cannot. */
export const isPicked = ({ type }: NumberLayout) => type in loads && endianness() === 'LE'

/** Room for a piece of a file, and for what is picked from it. */
export class Picker {
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil((roomAt + pieceBytes) / pageBytes) })
  readonly #kernels = new WebAssembly.Instance(code, { env: { memory: this.#memory } }).exports
  readonly #runs = new Int32Array(this.#memory.buffer, 0, mostRuns * 2)

  /** Where a piece of the file is to be read to. */
  room(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, roomAt, bytes)
  }

  /**
   * @param bytes the room, with the piece as it is in the file
   * @param into as many numbers as are wanted of the piece
   */
  pick(
    bytes: Uint8Array<ArrayBuffer>,
    { firstRun, endRun, cols }: FramePiece,
    { runs: all }: FramePieces,
    into: Float32Array,
    layout: NumberLayout & { readonly slope: number; readonly intercept: number },
  ): void {
    const { type, itemBytes, bigEndian, slope, intercept } = layout
    if (bigEndian) turnRound(bytes, itemBytes)
    this.#runs.set(all.subarray(2 * firstRun, 2 * endRun))
    const kernel = this.#kernels[type] as Kernel
    kernel(roomAt, 0, 8 * (endRun - firstRun), resultsAt, slope, intercept)
    into.set(new Float32Array(this.#memory.buffer, resultsAt, cols))
  }
}

function turnRound(bytes: Uint8Array<ArrayBuffer>, itemBytes: number): void {
  const turned = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (itemBytes === 2) turned.swap16()
  else if (itemBytes === 4) turned.swap32()
  else if (itemBytes === 8) turned.swap64()
}
