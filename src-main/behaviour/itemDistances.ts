/** Distances of pairs of items: what warping their frames onto one another costs, over the frames of the longer. */
import type { Matrix32 } from '../linalg/matrix.ts'
import type { DtwVariant } from './dtw.ts'
import { checkFinite, probabilities, safeNorms, type FrameDistance } from './frameDistances.ts'
import { padded, roomBytesOf, rowsOf, setReady, type PairBatch } from './pairBatch.ts'
import type { PairThreads } from './pairThreads.ts'
import { rowFunctions } from './rowsModule.ts'

/** What items may take in memory before they make room for others. */
const mostBytes = 256 * 1024 * 1024

export interface ItemDistanceOptions {
  readonly distance: FrameDistance
  readonly dtw: DtwVariant
  /** Whose memory's content is replaced. */
  readonly threads: PairThreads
  /** Awaited now and then with the pairs that are done; throws to stop. */
  readonly watched: (done: number) => Promise<void>
  /** Bytes that items may take, but for two at least; 256 MB where it is left out. */
  readonly limit?: number
}

/**
 * @param frames of each item: [frames, units], at least one frame, all with as many units
 * @param names of the items, for errors
 * @param pairs [pairs, 2] of items, best those of an item side by side
 * @returns [pairs]
 * @throws HeschlError NUMERICAL for values that are not finite or, for `kl`, are negative or sum to 0
 */
export async function itemDistances(
  frames: readonly Matrix32[],
  names: readonly string[],
  pairs: Uint32Array,
  { distance, dtw, threads, watched, limit = mostBytes }: ItemDistanceOptions,
): Promise<Float64Array> {
  const count = pairs.length / 2
  const out = new Float64Array(count)
  const units = frames[0]?.cols ?? 1
  // What lies beyond a row's units is 0.
  const stride = distance === 'kl' ? 2 * padded(8 * units) : padded(4 * units)
  const rowsOfItem = Uint32Array.from(frames, ({ rows }) => rowsOf(rows))
  /** Of an item in the batch that takes it last: that batch's first pair + 1, and the item's number there. */
  const [taken, numbers] = [new Uint32Array(frames.length), new Uint32Array(frames.length)]
  for (let first = 0; first < count;) {
    const items: number[] = []
    let [last, bytes, roomBytes, cells, rows] = [first, 0, 0, 0, 0]
    for (; last < count; last++) {
      const [a, b] = [pairs[2 * last], pairs[2 * last + 1]]
      const more =
        (taken[a] === first + 1 ? 0 : rowsOfItem[a]) + (b === a || taken[b] === first + 1 ? 0 : rowsOfItem[b])
      if (last > first && bytes + more * stride > limit) break
      for (let side = 0; side < 2; side++) {
        const item = pairs[2 * last + side]
        if (taken[item] === first + 1) continue
        taken[item] = first + 1
        numbers[item] = items.length
        items.push(item)
        rows += frames[item].rows
      }
      bytes += more * stride
      roomBytes = Math.max(roomBytes, roomBytesOf(rowsOfItem[a], rowsOfItem[b]))
      cells += rowsOfItem[a] * rowsOfItem[b]
    }
    threads.reach(bytes + threads.count * roomBytes)
    const shared = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length))
    const counter = () => new Int32Array(new SharedArrayBuffer(4))
    const places = {
      address: shared(items.length),
      frames: shared(items.length),
      first: shared(items.length),
      safe: shared(items.length),
    }
    const batch: PairBatch = {
      ...{ distance, dtw, units, stride, items: places, room: bytes, roomBytes, next: counter(), ready: counter() },
      own: new Float64Array(new SharedArrayBuffer(8 * rows)),
      pairs: shared(2 * (last - first)),
      costs: new Float64Array(new SharedArrayBuffer(8 * (last - first))),
    }
    for (let k = 0; k < batch.pairs.length; k++) batch.pairs[k] = numbers[pairs[2 * first + k]]
    const before = first
    await threads.compare(
      batch,
      cells * units,
      () =>
        writeItems(
          items.map((item) => frames[item]),
          items.map((item) => names[item]),
          batch,
          threads,
        ),
      () => watched(Math.min(last, before + Atomics.load(batch.next, 0))),
    )
    out.set(batch.costs, first)
    first = last
  }
  return out
}

/** Pairs of which the items are written before threads are told. */
const pairsAtOnce = 32

/** Writes the items of a batch into memory, one after the other, in the order in which pairs need them. */
function writeItems(
  frames: readonly Matrix32[],
  names: readonly string[],
  batch: PairBatch,
  threads: PairThreads,
): void {
  const { distance, stride, items, own, pairs } = batch
  const { dot } = rowFunctions(threads.memory)
  const { buffer } = threads.memory
  let [address, first, written] = [0, 0, 0]
  for (let k = 0; k < pairs.length; k++) {
    if (k % (2 * pairsAtOnce) === 0) setReady(batch, k / 2)
    const at = pairs[k]
    // The items are numbered as the pairs name them.
    if (at < written) continue
    const item = frames[at]
    const values = own.subarray(first, first + item.rows)
    items.address[at] = address
    items.frames[at] = item.rows
    items.first[at] = first
    if (distance === 'kl') values.set(writeProbabilities(item, names[at], buffer, address, stride))
    else {
      writeFrames(item, buffer, address, stride)
      for (let row = 0; row < item.rows; row++) {
        const start = address + row * stride
        values[row] = Math.sqrt(dot(start, start, stride))
      }
      checkFinite(values, names[at])
      items.safe[at] = values.every((norm) => norm > safeNorms.least && norm < safeNorms.most) ? 1 : 0
    }
    address += rowsOf(item.rows) * stride
    first += item.rows
    written++
  }
  setReady(batch, pairs.length / 2)
}

function writeFrames({ data, rows, cols }: Matrix32, buffer: SharedArrayBuffer, at: number, stride: number): void {
  const into = new Float32Array(buffer, at, (rowsOf(rows) * stride) / 4)
  if (into.length === data.length) {
    into.set(data)
    return
  }
  into.fill(0)
  for (let row = 0; row < rows; row++) into.set(data.subarray(row * cols, (row + 1) * cols), (row * stride) / 4)
}

/** @returns negative entropies [frames] */
function writeProbabilities(
  item: Matrix32,
  name: string,
  buffer: SharedArrayBuffer,
  at: number,
  stride: number,
): Float64Array {
  const { values, own } = probabilities(item, name)
  const into = new Float64Array(buffer, at, (rowsOf(item.rows) * stride) / 8)
  into.fill(0)
  for (let part = 0; part < 2 * item.rows; part++)
    into.set(values.subarray(part * item.cols, (part + 1) * item.cols), (part * stride) / 16)
  return own
}
