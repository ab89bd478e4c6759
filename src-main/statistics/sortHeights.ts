/** Memory for sorting maps of up to `vertices` values. */
export class SortBuffers {
  readonly order: Uint32Array
  readonly heights: Float64Array
  readonly spareOrder: Uint32Array
  readonly keys: Uint32Array
  readonly spareKeys: Uint32Array
  readonly rounded: Float32Array
  readonly bits: Uint32Array
  readonly buckets = new Uint32Array(3 * radix)

  constructor(vertices: number) {
    this.order = new Uint32Array(vertices)
    this.heights = new Float64Array(vertices)
    this.spareOrder = new Uint32Array(vertices)
    this.keys = new Uint32Array(vertices)
    this.spareKeys = new Uint32Array(vertices)
    this.rounded = new Float32Array(1)
    this.bits = new Uint32Array(this.rounded.buffer)
  }
}

const digits = 11
/** Places that values are moved by insertion, on average, before another sort takes over. */
const mostMoves = 16
const radix = 1 << digits

/**
 * Vertices whose value times `sign` is finite and above 0, the highest first. Radix sort by the value as float32, whose
 * bits order like the number; what float32 takes for equal is put right by insertion.
 * @param map [vertices]
 * @returns the first `count` of `order` and of `heights`; they last until the next call
 */
export function sortDescending(
  map: ArrayLike<number>,
  sign: 1 | -1,
  buffers: SortBuffers,
): { order: Uint32Array; heights: Float64Array; count: number } {
  const { order, heights, spareOrder, keys, spareKeys, rounded, bits, buckets } = buffers
  buckets.fill(0)
  let count = 0
  for (let v = 0; v < map.length; v++) {
    const value = sign * map[v]
    if (!(value > 0 && value < Infinity)) continue
    rounded[0] = value
    // Complemented, so that ascending keys are descending values.
    const key = ~bits[0] >>> 0
    buckets[key & (radix - 1)]++
    buckets[radix + ((key >>> digits) & (radix - 1))]++
    buckets[2 * radix + (key >>> (2 * digits))]++
    keys[count] = key
    order[count++] = v
  }
  for (let pass = 0; pass < 3; pass++) {
    let sum = 0
    for (let k = pass * radix; k < (pass + 1) * radix; k++) {
      const own = buckets[k]
      buckets[k] = sum
      sum += own
    }
  }
  scatter(order, keys, spareOrder, spareKeys, count, buckets, 0)
  scatter(spareOrder, spareKeys, order, keys, count, buckets, 1)
  scatter(order, keys, spareOrder, spareKeys, count, buckets, 2)
  let moves = 0
  for (let k = 0; k < count; k++) {
    const vertex = spareOrder[k]
    const height = sign * map[vertex]
    let at = k
    for (; at > 0 && heights[at - 1] < height; at--) {
      heights[at] = heights[at - 1]
      order[at] = order[at - 1]
    }
    heights[at] = height
    order[at] = vertex
    moves += k - at
    // A map whose values float32 hardly tells apart: insertion would take the square of their number.
    if (moves > mostMoves * count) {
      const sorted = spareOrder.subarray(0, count).sort((one, other) => sign * (map[other] - map[one]))
      order.set(sorted)
      for (let i = 0; i < count; i++) heights[i] = sign * map[order[i]]
      break
    }
  }
  return { order, heights, count }
}

function scatter(
  order: Uint32Array,
  keys: Uint32Array,
  toOrder: Uint32Array,
  toKeys: Uint32Array,
  count: number,
  buckets: Uint32Array,
  pass: number,
): void {
  const shift = pass * digits
  const first = pass * radix
  for (let k = 0; k < count; k++) {
    const key = keys[k]
    const at = buckets[first + ((key >>> shift) & (radix - 1))]++
    toOrder[at] = order[k]
    toKeys[at] = key
  }
}
