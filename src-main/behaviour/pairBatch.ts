/** Pairs of items whose frames lie in memory that threads share: what warping them onto one another costs. */
import type { SharedMemory } from '../linalg/wasmCode.ts'
import { BoundedWarp } from './boundedWarp.ts'
import { warpedCost, type DtwVariant } from './dtw.ts'
import { distanceOf, productError, type FrameDistance } from './frameDistances.ts'
import { rowFunctions, rowStep, tileRows, type RowFunctions } from './rowsModule.ts'

/** Plain data that crosses threads; all arrays are shared. */
export interface PairBatch {
  readonly distance: FrameDistance
  readonly dtw: DtwVariant
  readonly units: number
  /** Bytes from one row to the next. */
  readonly stride: number
  /** [items] addresses, frames, place of the first frame in `own`, and whether float32 tells where a path can go. */
  readonly items: Readonly<Record<'address' | 'frames' | 'first' | 'safe', Uint32Array>>
  /** [frames of all items]: norms; for `kl` negative entropies. */
  readonly own: Float64Array
  /** [pairs, 2] of items. */
  readonly pairs: Uint32Array
  /** [pairs], written: costs over the frames of the longer item. */
  readonly costs: Float64Array
  /** [1]: the first pair that no thread has taken. */
  readonly next: Int32Array
  /** [1]: pairs whose items are in memory, the first ones; -1 once all is to stop. */
  readonly ready: Int32Array
  /** A thread's room for products: the first address, and bytes a thread. */
  readonly room: number
  readonly roomBytes: number
}

/** Rows that an item takes: its frames, and rows of zeros where it has fewer than a tile. */
export const rowsOf = (frames: number): number => Math.max(frames, tileRows)

/** Bytes to whole steps of rows. */
export const padded = (bytes: number) => Math.ceil(bytes / rowStep) * rowStep

/** What a pair takes of a thread's room: products, what the second item's frames have, and bounds. */
function roomFor(a: number, b: number) {
  const columns = padded(8 * a * b)
  const bounds = columns + padded(8 * (b + 1))
  return { columns, bounds, end: bounds + padded(8 * (a * b + 1)) }
}

/** Bytes of room that the largest pair takes. @param a, b rows of the items of a pair */
export const roomBytesOf = (a: number, b: number): number => roomFor(a, b).end

/** Pairs that a thread takes at a time. */
const atOnce = 16

/** Takes some pairs that no other thread has taken, and waits for their items. @returns whether there were any */
export type TakePairs = (batch: PairBatch) => boolean

/** @param thread 0 or more: whose room is used */
export function pairTaker(memory: SharedMemory, thread: number): TakePairs {
  const functions = rowFunctions(memory)
  let known: { readonly batch: PairBatch; readonly costs: PairCosts } | undefined
  return (batch) => {
    const count = batch.costs.length
    const from = Atomics.add(batch.next, 0, atOnce)
    const to = Math.min(from + atOnce, count)
    if (from >= count || !areReady(batch, to)) {
      known = undefined
      return false
    }
    if (known?.batch !== batch) {
      const room = batch.room + thread * batch.roomBytes
      known = { batch, costs: new PairCosts(batch, functions, memory.buffer, room) }
    }
    for (let k = from; k < to; k++) batch.costs[k] = known.costs.of(batch.pairs[2 * k], batch.pairs[2 * k + 1])
    return true
  }
}

function areReady({ ready }: PairBatch, pairs: number): boolean {
  for (;;) {
    const now = Atomics.load(ready, 0)
    if (now < 0 || now >= pairs) return now >= 0
    Atomics.wait(ready, 0, now)
  }
}

/** The first so many pairs have their items in memory; -1: leave all pairs. */
export function setReady(batch: PairBatch, pairs: number): void {
  Atomics.store(batch.ready, 0, pairs)
  Atomics.notify(batch.ready, 0)
}

interface Side {
  readonly at: number
  readonly frames: number
  /** Place in `own`. */
  readonly first: number
}

let warp: BoundedWarp | undefined
/** [rows, cols] of the largest pair so far. */
let cells = new Float64Array(0)

class PairCosts {
  readonly #batch: PairBatch
  readonly #functions: RowFunctions
  readonly #float64: Float64Array
  readonly #room: number
  readonly #error: number
  constructor(batch: PairBatch, functions: RowFunctions, buffer: SharedArrayBuffer, room: number) {
    this.#batch = batch
    this.#functions = functions
    this.#float64 = new Float64Array(buffer)
    this.#room = room
    this.#error = productError(batch.units)
  }

  of(itemA: number, itemB: number): number {
    const { items, distance, dtw, own, stride } = this.#batch
    const side = (item: number): Side => ({
      at: items.address[item],
      frames: items.frames[item],
      first: items.first[item],
    })
    const [a, b] = [side(itemA), side(itemB)]
    const [rows, cols, longest] = [a.frames, b.frames, Math.max(a.frames, b.frames)]
    if (cells.length < rows * cols) cells = new Float64Array(2 * rows * cols)
    if (distance === 'kl') {
      this.#divergences(a, b)
      return warpedCost(cells, rows, cols, dtw) / longest
    }
    const product = distance === 'euclidean' ? this.#functions.square : this.#functions.dot
    const exactly = (i: number, j: number) => {
      const value = product(a.at + i * stride, b.at + j * stride, stride)
      return distanceOf(value, own[a.first + i], own[b.first + j], distance)
    }
    if (items.safe[itemA] === 1 && items.safe[itemB] === 1) {
      warp ??= new BoundedWarp()
      return warp.cost(this.#bounds(a, b), rows, cols, dtw, exactly) / longest
    }
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) cells[i * cols + j] = exactly(i, j)
    return warpedCost(cells, rows, cols, dtw) / longest
  }

  /** @returns lower bounds of all distances, [rows, cols] */
  #bounds(a: Side, b: Side): Float64Array {
    const { own, distance, stride } = this.#batch
    const [rows, cols, width, error] = [a.frames, b.frames, rowsOf(b.frames), this.#error]
    const { products32, cosines, lengths } = this.#functions
    products32(a.at, b.at, this.#room, stride, stride, rowsOf(rows), width)
    const room = roomFor(rowsOf(rows), width)
    const [columnsAt, boundsAt] = [this.#room + room.columns, this.#room + room.bounds]
    const columns = this.#float64.subarray(columnsAt >>> 3, (columnsAt >>> 3) + cols)
    const bounds = this.#float64.subarray(boundsAt >>> 3, (boundsAt >>> 3) + rows * cols)
    columns.set(own.subarray(b.first, b.first + cols))
    if (distance === 'euclidean') {
      for (let i = 0; i < rows; i++) {
        // What is written beyond a row is the next row's.
        const [from, into] = [this.#room + 4 * i * width, boundsAt + 8 * i * cols]
        lengths(from, columnsAt, into, 4 * cols, own[a.first + i], error)
      }
      return bounds
    }
    for (let j = 0; j < cols; j++) columns[j] = 1 / columns[j]
    for (let i = 0; i < rows; i++) {
      const [from, into] = [this.#room + 4 * i * width, boundsAt + 8 * i * cols]
      cosines(from, columnsAt, into, 4 * cols, 1 / own[a.first + i], 1 - error)
    }
    if (distance === 'angular')
      for (let k = 0; k < bounds.length; k++) bounds[k] = Math.acos(Math.max(-1, Math.min(1, 1 - bounds[k]))) / Math.PI
    return bounds
  }

  /** (Σ p log p + Σ q log q - Σ p log q - Σ q log p) / 2, of rows of p and then of log p. */
  #divergences(a: Side, b: Side): void {
    const { own, stride } = this.#batch
    const [rows, cols, half, width] = [a.frames, b.frames, stride / 2, rowsOf(b.frames)]
    const products = this.#float64
    const { products64 } = this.#functions
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) cells[i * cols + j] = own[a.first + i] + own[b.first + j]
    for (const [shiftA, shiftB] of [
      [0, half],
      [half, 0],
    ] as const) {
      products64(a.at + shiftA, b.at + shiftB, this.#room, stride, half, rowsOf(rows), width)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < cols; j++) cells[i * cols + j] -= products[this.#room / 8 + i * width + j]
    }
    for (let k = 0; k < rows * cols; k++) cells[k] /= 2
  }
}
