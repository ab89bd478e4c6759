/**
 * A WebAssembly module of one function that adds up squares with the vector units:
 *
 *   add(values, factors, shifts, mean, sums, rows, rowBytes)
 *   sums[t] += Σ_i (values[i, t] factors[i] + mean[t] shifts[i])²,  i < rows, t < rowBytes / 4
 *
 * with addresses of float32 [rows, batch] `values`, float64 [rows] `factors` and `shifts`, [batch] `mean` and `sums`; batch
 * a multiple of 4; all that is computed is float64.
 */
import { block, branch, branchIf, constant, get, less, load, loop, minus, moduleOf } from '../linalg/wasmCode.ts'
import { plus, set, store, tee, times, types, vector, type Code } from '../linalg/wasmCode.ts'

const [values, factors, shifts, mean, sums, rows, rowBytes] = [0, 1, 2, 3, 4, 5, 6]
const [column, atValue, atMean, atSum] = [7, 8, 9, 10]
const [factor, shift, four, two, meanLow, meanHigh, sumLow, sumHigh] = [11, 15, 19, 20, 21, 22, 23, 24]

const loadTwice = (offset: number): Code => vector(0x0a, 3, offset)
/** Of the vector on the stack, given twice. */
const upperHalf: Code = [
  ...[...tee(two), ...get(two)],
  ...vector(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
]
const widenLower = vector(0x5f)
const add64 = vector(0xf0)
const multiply64 = vector(0xf2)

const move = (pointer: number, by: Code): Code => [...get(pointer), ...by, ...plus, ...set(pointer)]

/** Adds the squares of two of the four values, the ones that `half` leaves of a vector on the stack. */
const addHalf = (half: Code, twoMeans: number, row: number, sum: number): Code => [
  ...[...get(four), ...half, ...widenLower, ...get(factor + row), ...multiply64],
  ...[...get(twoMeans), ...get(shift + row), ...multiply64, ...add64, ...set(two)],
  ...[...get(sum), ...get(two), ...get(two), ...multiply64, ...add64, ...set(sum)],
]

/** Goes on as long as `count` rows are left, 1 to 4: their sum is loaded and stored once. */
function pass(count: number): Code {
  const each = Array.from({ length: count }, (_, row) => row)
  const columns: Code = [
    ...[...get(values), ...get(column), ...plus, ...set(atValue)],
    ...[...get(mean), ...get(column), ...get(column), ...plus, ...plus, ...set(atMean)],
    ...[...get(sums), ...get(column), ...get(column), ...plus, ...plus, ...set(atSum)],
    ...[...get(atMean), ...load(0), ...set(meanLow), ...get(atMean), ...load(16), ...set(meanHigh)],
    ...[...get(atSum), ...load(0), ...set(sumLow), ...get(atSum), ...load(16), ...set(sumHigh)],
    ...each.flatMap((row) => [
      ...[...get(atValue), ...load(0), ...set(four)],
      ...addHalf([], meanLow, row, sumLow),
      ...addHalf(upperHalf, meanHigh, row, sumHigh),
      ...move(atValue, get(rowBytes)),
    ]),
    ...[...get(atSum), ...get(sumLow), ...store(0), ...get(atSum), ...get(sumHigh), ...store(16)],
    ...move(column, constant(16)),
    ...[...get(column), ...get(rowBytes), ...less, ...branchIf(0)],
  ]
  const bytes: Code = [...get(rowBytes), ...constant(count), ...times]
  const body: Code = [
    ...[...get(rows), ...constant(count), ...less, ...branchIf(1)],
    ...each.flatMap((row) => [...get(factors), ...loadTwice(8 * row), ...set(factor + row)]),
    ...each.flatMap((row) => [...get(shifts), ...loadTwice(8 * row), ...set(shift + row)]),
    ...[...constant(0), ...set(column), ...loop(columns)],
    ...[...move(values, bytes), ...move(factors, constant(8 * count)), ...move(shifts, constant(8 * count))],
    ...[...get(rows), ...constant(count), ...minus, ...set(rows)],
    ...branch(0),
  ]
  return block(loop(body))
}

/** @returns the module: imports `env.memory`, exports `add` */
export function squaresModule(): Uint8Array<ArrayBuffer> {
  return moduleOf([
    {
      name: 'add',
      parameters: Array<number>(7).fill(types.i32),
      results: [],
      locals: [
        [4, types.i32],
        [14, types.v128],
      ],
      body: [...pass(4), ...pass(1)],
    },
  ])
}
