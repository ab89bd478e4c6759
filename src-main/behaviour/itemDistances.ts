/** Distances of pairs of items: what warping their frames onto one another costs, over the frames of the longer. */
import type { Matrix32 } from '../linalg/matrix.ts'
import type { DtwVariant } from './dtw.ts'
import { checkFinite, probabilities, safeNorms, type FrameDistance } from './frameDistances.ts'
import { rowsOf, setReady, type PairBatch } from './pairBatch.ts'
import type { PairThreads } from './pairThreads.ts'
import { rowFunctions, rowStep } from './rowsModule.ts'

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
 * @param pairs best those of an item side by side
 * @returns [pairs]
 * @throws HeschlError NUMERICAL for values that are not finite or, for `kl`, are negative or sum to 0
 */
export async function itemDistances(
  frames: ReadonlyMap<string, Matrix32>,
  pairs: readonly (readonly [string, string])[],
  { distance, dtw, threads, watched, limit = mostBytes }: ItemDistanceOptions,
): Promise<Float64Array> {
  const out = new Float64Array(pairs.length)
  const units = frames.get(pairs[0]?.[0] ?? '')?.cols ?? 1
  const stride = distance === 'kl' ? 2 * padded(8 * units) : padded(4 * units)
  const bytesOf = (id: string) => rowsOf(frames.get(id)!.rows) * stride
  for (let first = 0; first < pairs.length;) {
    const ids = new Map<string, number>()
    let [last, bytes, roomBytes, cells, rows] = [first, 0, 0, 0, 0]
    for (; last < pairs.length; last++) {
      const missing = [...new Set(pairs[last])].filter((id) => !ids.has(id))
      const more = missing.reduce((sum, id) => sum + bytesOf(id), 0)
      if (last > first && bytes + more > limit) break
      for (const id of missing) {
        ids.set(id, ids.size)
        rows += frames.get(id)!.rows
      }
      bytes += more
      const [a, b] = pairs[last].map((id) => rowsOf(frames.get(id)!.rows)) as [number, number]
      roomBytes = Math.max(roomBytes, padded(8 * a * b))
      cells += a * b
    }
    threads.reach(bytes + threads.count * roomBytes)
    const shared = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length))
    const counter = () => new Int32Array(new SharedArrayBuffer(4))
    const items = {
      address: shared(ids.size),
      frames: shared(ids.size),
      first: shared(ids.size),
      safe: shared(ids.size),
    }
    const batch: PairBatch = {
      ...{ distance, dtw, units, stride, items, room: bytes, roomBytes, next: counter(), ready: counter() },
      own: new Float64Array(new SharedArrayBuffer(8 * rows)),
      pairs: shared(2 * (last - first)),
      costs: new Float64Array(new SharedArrayBuffer(8 * (last - first))),
    }
    for (let k = 0; k < batch.pairs.length; k++) batch.pairs[k] = ids.get(pairs[first + (k >> 1)][k & 1])!
    const before = first
    await threads.compare(
      batch,
      cells * units,
      () => writeItems([...ids.keys()], frames, batch, threads),
      () => watched(Math.min(last, before + Atomics.load(batch.next, 0))),
    )
    out.set(batch.costs, first)
    first = last
  }
  return out
}

/** What lies beyond a row's units is 0. */
const padded = (bytes: number) => Math.ceil(bytes / rowStep) * rowStep

/** Pairs of which the items are written before threads are told. */
const pairsAtOnce = 32

/** Writes the items of a batch into memory, one after the other, in the order in which pairs need them. */
function writeItems(
  ids: readonly string[],
  frames: ReadonlyMap<string, Matrix32>,
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
    const item = frames.get(ids[at])!
    const values = own.subarray(first, first + item.rows)
    items.address[at] = address
    items.frames[at] = item.rows
    items.first[at] = first
    if (distance === 'kl') values.set(writeProbabilities(item, ids[at], buffer, address, stride))
    else {
      writeFrames(item, buffer, address, stride)
      for (let row = 0; row < item.rows; row++) {
        const start = address + row * stride
        values[row] = Math.sqrt(dot(start, start, stride))
      }
      checkFinite(values, ids[at])
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
