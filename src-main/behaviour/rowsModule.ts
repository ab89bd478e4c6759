/**
 * A WebAssembly module of products of rows in memory that threads share, with the vector units:
 *
 *   products32(a, b, out, stride, bytes, rowsA, rowsB)   out[i, j] = Σ_k a[i, k] b[j, k] in float32
 *   products64(a, b, out, stride, bytes, rowsA, rowsB)   the same in float64
 *   dot(a, b, bytes)                                     Σ_k a[k] b[k] of float32 rows, in float64
 *   square(a, b, bytes)                                  Σ_k (a[k] - b[k])² of float32 rows, in float64
 *   cosines(products, inverses, out, bytes, inverse, most)   out[j] = most - products[j] inverse inverses[j]
 *   lengths(products, norms, out, bytes, norm, error)
 *       out[j] = √max(0, (norm² + norms[j]²)(1 - 1e-9) - 2 (products[j] + error norm norms[j]))
 *
 * with addresses `a` and `b` of rows that are `stride` bytes apart, and `bytes` of a row a multiple of 64 that is not 0.
 * Products are of at least three rows a side. `cosines` and `lengths` read float32 and write float64, of an even number of
 * products: `bytes` is rounded up. `products32` rounds once or twice a product, as the machine can; what the others give is
 * the same on every machine.
 */
import { branchIf, constant, get, less, load, loop, minus, moduleOf, number64, plus, set } from '../linalg/wasmCode.ts'
import { store, tee, times, types, vector, WebAssembly, type Code, type SharedMemory } from '../linalg/wasmCode.ts'

/** Rows of a side that are multiplied at a time: nine sums, and what they are made of, fill the registers. */
export const tileRows = 3
/** Bytes of a row that are taken at a time. */
export const rowStep = 64

const multiply64 = vector(0xf2)
const add64 = vector(0xf0)
const subtract64 = vector(0xf1)
const larger64 = vector(0xf5)
const root64 = vector(0xef)
/** A product added to a sum, in one operation where the machine has one (relaxed SIMD). */
const multiplyAdd32 = vector(0x105)
/** The same in float64: of products of float32, which float64 holds exactly, the same bits in one operation or two. */
const multiplyAdd64 = vector(0x107)
const lane32 = (at: number) => vector(0x1f, at)
/** Of squared norms in float64, more than they can be wrong for any number of units. */
const roundingOfNorms = 1e-9

const splat64 = vector(0x14)
const lane64 = (at: number) => vector(0x21, at)
const addNumbers32: Code = [0x92]
const addNumbers64: Code = [0xa0]
const storeNumber32 = (offset: number): Code => [0x38, 2, offset]
const storeNumber64 = (offset: number): Code => [0x39, 3, offset]
/** Two float32 as float64. */
const loadWidened = (offset: number): Code => [...vector(0x5d, 3, offset), ...vector(0x5f)]

const parts = [0, 1, 2, 3].map((part) => 16 * part)

interface Lanes {
  /** Of a vector, left as one number on the stack. */
  readonly sum: (local: number) => Code
  /** sum += a b */
  readonly accumulate: (sum: number, a: number, b: number) => Code
  readonly store: (offset: number) => Code
  readonly bytes: number
}

const float32: Lanes = {
  sum: (local) => [
    ...[...get(local), ...lane32(0), ...get(local), ...lane32(1), ...addNumbers32],
    ...[...get(local), ...lane32(2), ...get(local), ...lane32(3), ...addNumbers32, ...addNumbers32],
  ],
  accumulate: (sum, a, b) => [...get(a), ...get(b), ...get(sum), ...multiplyAdd32, ...set(sum)],
  store: storeNumber32,
  bytes: 4,
}

const sum64 = (local: number): Code => [...get(local), ...lane64(0), ...get(local), ...lane64(1), ...addNumbers64]
const float64: Lanes = {
  sum: sum64,
  accumulate: (sum, a, b) => [...get(sum), ...get(a), ...get(b), ...multiply64, ...add64, ...set(sum)],
  store: storeNumber64,
  bytes: 8,
}

function tile(name: string, { sum, accumulate, store, bytes: width }: Lanes) {
  const [a, b, out, stride, bytes, outStride] = [0, 1, 2, 3, 4, 5]
  const [rowsA, rowsB, end] = [[6, 7, 8], [9, 10, 11], 12]
  const sums = Array.from({ length: tileRows * tileRows }, (_, k) => 13 + k)
  const [ofB, ofA] = [[22, 23, 24], 25]
  const pointers = (first: number, rows: readonly number[]): Code =>
    rows.flatMap((row, i) => (i === 0 ? [...get(first), ...set(row)] : [...next(rows[i - 1], stride), ...set(row)]))
  const step = parts.flatMap((part) => [
    ...rowsB.flatMap((row, j) => [...get(row), ...load(part), ...set(ofB[j])]),
    ...rowsA.flatMap((row, i) => [
      ...[...get(row), ...load(part), ...set(ofA)],
      ...ofB.flatMap((value, j) => accumulate(sums[tileRows * i + j], ofA, value)),
    ]),
  ])
  const stored = rowsA.flatMap((_, i) => [
    ...rowsB.flatMap((__, j) => [...get(out), ...sum(sums[tileRows * i + j]), ...store(width * j)]),
    ...[...next(out, outStride), ...set(out)],
  ])
  return {
    name,
    parameters: Array<number>(6).fill(types.i32),
    results: [],
    locals: [
      [7, types.i32],
      [13, types.v128],
    ] as const,
    body: [
      ...[...pointers(a, rowsA), ...pointers(b, rowsB), ...next(a, bytes), ...set(end)],
      ...loop([
        ...step,
        ...[...rowsB, ...rowsA].flatMap((row) => [...get(row), ...constant(rowStep), ...plus, ...set(row)]),
        ...[...get(rowsA[0]), ...get(end), ...less, ...branchIf(0)],
      ]),
      ...stored,
    ],
  }
}

const next = (pointer: number, by: number): Code => [...get(pointer), ...get(by), ...plus]

/** One number of two rows: `add` leaves a sum with what is added of two float64 of `a` and two of `b`. */
function reduction(name: string, add: (both: Code, sum: number) => Code) {
  const [a, b, bytes, end] = [0, 1, 2, 3]
  const sums = [4, 5, 6, 7]
  const step = Array.from({ length: rowStep / 8 }, (_, k) => {
    const sum = sums[k % sums.length]
    return [...add([...get(a), ...loadWidened(8 * k), ...get(b), ...loadWidened(8 * k)], sum), ...set(sum)]
  }).flat()
  return {
    name,
    parameters: [types.i32, types.i32, types.i32],
    results: [types.f64],
    locals: [
      [1, types.i32],
      [5, types.v128],
    ] as const,
    body: [
      ...[...next(a, bytes), ...set(end)],
      ...loop([
        ...step,
        ...[a, b].flatMap((row) => [...get(row), ...constant(rowStep), ...plus, ...set(row)]),
        ...[...get(a), ...get(end), ...less, ...branchIf(0)],
      ]),
      ...sums.flatMap((sum, k) => [...sum64(sum), ...(k === 0 ? [] : addNumbers64)]),
    ],
  }
}

/** All products of two sides by tiles; the last tile of a side covers rows that the one before it has covered, too. */
function products(name: string, tileNumber: number, size: number) {
  const [a, b, out, stride, bytes, rowsA, rowsB] = [0, 1, 2, 3, 4, 5, 6]
  const [i, j, row, column, outStride] = [7, 8, 9, 10, 11]
  const lastOf = (at: number, rows: number): Code => [
    ...[...get(at), ...get(rows), ...constant(tileRows), ...minus, ...get(at)],
    ...[...get(rows), ...constant(tileRows), ...minus, ...less, 0x1b],
  ]
  const along = (start: number, at: number): Code => [...get(start), ...get(at), ...get(stride), ...times, ...plus]
  const further = (at: number, rows: number): Code => [
    ...[...get(at), ...constant(tileRows), ...plus, ...tee(at), ...get(rows), ...less, ...branchIf(0)],
  ]
  return {
    name,
    parameters: Array<number>(7).fill(types.i32),
    results: [],
    locals: [[5, types.i32]] as const,
    body: [
      ...[...get(rowsB), ...constant(size), ...times, ...set(outStride)],
      ...loop([
        ...[...lastOf(i, rowsA), ...set(row), ...constant(0), ...set(j)],
        ...loop([
          ...[...lastOf(j, rowsB), ...set(column), ...along(a, row), ...along(b, column)],
          ...[...get(out), ...get(row), ...get(outStride), ...times, ...plus],
          ...[...get(column), ...constant(size), ...times, ...plus],
          ...[...get(stride), ...get(bytes), ...get(outStride), 0x10, tileNumber],
          ...further(j, rowsB),
        ]),
        ...further(i, rowsA),
      ]),
    ],
  }
}

/** Two numbers at a time of a row of products, of what the columns' frames have and of what the row's frame has. */
function perColumn(name: string, bound: (product: Code, ofColumn: Code, ofRow: number, setting: number) => Code) {
  const [from, columns, out, bytes, ofRow, setting, end, rowTwice, settingTwice] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  return {
    name,
    parameters: [types.i32, types.i32, types.i32, types.i32, types.f64, types.f64],
    results: [],
    locals: [
      [1, types.i32],
      [2, types.v128],
    ] as const,
    body: [
      ...[...next(from, bytes), ...set(end), ...get(ofRow), ...splat64, ...set(rowTwice)],
      ...[...get(setting), ...splat64, ...set(settingTwice)],
      ...loop([
        ...get(out),
        ...bound([...get(from), ...loadWidened(0)], [...get(columns), ...load(0)], rowTwice, settingTwice),
        ...[...store(0), ...get(from), ...constant(8), ...plus, ...set(from)],
        ...[columns, out].flatMap((pointer) => [...get(pointer), ...constant(16), ...plus, ...set(pointer)]),
        ...[...get(from), ...get(end), ...less, ...branchIf(0)],
      ]),
    ],
  }
}

const cosines = perColumn('cosines', (product, inverse, ofRow, most) => [
  ...[...get(most), ...product, ...get(ofRow), ...multiply64, ...inverse, ...multiply64, ...subtract64],
])

const lengths = perColumn('lengths', (product, norm, ofRow, error) => [
  ...[...get(ofRow), ...get(ofRow), ...multiply64, ...norm, ...norm, ...multiply64, ...add64],
  ...[...number64(1 - roundingOfNorms), ...splat64, ...multiply64, ...product, ...get(error), ...get(ofRow)],
  ...[...multiply64, ...norm, ...multiply64, ...add64, ...number64(2), ...splat64, ...multiply64, ...subtract64],
  ...[...number64(0), ...splat64, ...larger64, ...root64],
])

export interface RowFunctions {
  readonly products32: Products
  readonly products64: Products
  readonly dot: (a: number, b: number, bytes: number) => number
  readonly square: (a: number, b: number, bytes: number) => number
  readonly cosines: Bounds
  readonly lengths: Bounds
}

export type Products = (
  ...all: [a: number, b: number, out: number, stride: number, bytes: number, rowsA: number, rowsB: number]
) => void
export type Bounds = (
  ...all: [products: number, ofColumns: number, out: number, bytes: number, ofRow: number, setting: number]
) => void

/** Of a memory: 4 GB. */
export const mostPages = 65_536

let compiled: object | undefined

export function rowFunctions(memory: SharedMemory): RowFunctions {
  compiled ??= new WebAssembly.Module(rowsModule())
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as RowFunctions
}

function rowsModule(): Uint8Array<ArrayBuffer> {
  const difference = 8
  const product = (both: Code, sum: number) => [...both, ...get(sum), ...multiplyAdd64]
  const squared = (both: Code, sum: number) => [
    ...[...both, ...subtract64, ...set(difference), ...get(sum)],
    ...[...get(difference), ...get(difference), ...multiply64, ...add64],
  ]
  const functions = [
    tile('tile32', float32),
    tile('tile64', float64),
    products('products32', 0, 4),
    products('products64', 1, 8),
    reduction('dot', product),
    reduction('square', squared),
    cosines,
    lengths,
  ]
  return moduleOf(functions, mostPages)
}
