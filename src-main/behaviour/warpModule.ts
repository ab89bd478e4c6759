/**
 * A WebAssembly module of one function, which accumulates a row of costs along the cheapest paths:
 *
 *   row(costs, above, below, bytes)   below[j + 1] = costs[j] + min(above[j], above[j + 1], below[j]),  j < bytes / 8
 *
 * with addresses of float64; `bytes` is not 0. The least of three is taken without a jump: which one it is cannot be
 * foreseen, and waiting for wrong guesses takes longer than all else. None of the numbers may be NaN.
 */
import {
  branchIf,
  constant,
  get,
  less,
  loop,
  moduleOf,
  plus,
  set,
  types,
  vector,
  WebAssembly,
} from '../linalg/wasmCode.ts'
import type { Code } from '../linalg/wasmCode.ts'

const [costs, above, below, bytes, end] = [0, 1, 2, 3, 4]
const [corner, up, left] = [5, 6, 7]

const loadOne = (offset: number): Code => vector(0x5d, 3, offset)
const storeOne = (offset: number): Code => vector(0x5b, 3, offset, 0)
const add64 = vector(0xf0)
const least64 = vector(0xf6)

const body: Code = [
  ...[...get(costs), ...get(bytes), ...plus, ...set(end)],
  ...[...get(above), ...loadOne(0), ...set(corner), ...get(below), ...loadOne(0), ...set(left)],
  ...loop([
    ...[...get(above), ...loadOne(8), ...set(up)],
    ...[...get(corner), ...get(up), ...least64, ...get(left), ...least64],
    ...[...get(costs), ...loadOne(0), ...add64, ...set(left)],
    ...[...get(below), ...get(left), ...storeOne(8), ...get(up), ...set(corner)],
    ...[costs, above, below].flatMap((pointer) => [...get(pointer), ...constant(8), ...plus, ...set(pointer)]),
    ...[...get(costs), ...get(end), ...less, ...branchIf(0)],
  ]),
]

export type AccumulateRow = (costs: number, above: number, below: number, bytes: number) => void

let compiled: object | undefined

export function rowAccumulator(memory: object): AccumulateRow {
  compiled ??= new WebAssembly.Module(
    moduleOf([
      {
        ...{ name: 'row', parameters: Array<number>(4).fill(types.i32), results: [], body },
        locals: [
          [1, types.i32],
          [3, types.v128],
        ],
      },
    ]),
  )
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports['row'] as AccumulateRow
}
