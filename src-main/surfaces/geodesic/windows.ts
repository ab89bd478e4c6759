/**
 * Windows: stretches of an edge that the same source, or the same vertex where paths bend, sees along straight lines over
 * unfolded triangles (Mitchell, Mount and Papadimitriou 1987). They wait in buckets by their distance, nearest first.
 */

/** Numbers of a window in `numbers`, from `width` times its place. */
export const width = 5
/** The stretch along the half-edge, from its start. */
export const start = 0
export const end = 1
/** The source in the half-edge's plane: along it, and at right angles behind it (not negative). */
export const sourceX = 2
export const sourceY = 3
/** Distance of the vertex that the window's lines come from. */
export const before = 4

/** What lies beyond is all in the last bucket: the order costs time when it is wrong, and changes no result. */
const mostBuckets = 2 ** 20

export class Windows {
  numbers = new Float64Array(1024 * width)
  /** The half-edge, in the triangle that the window's lines enter; ~v in place of a window: vertex v, to be left. */
  edge = new Int32Array(1024)
  /** The window that this one came from; ~v where it came from vertex v. */
  parent = new Int32Array(1024)
  /** Of each window: itself while it waits, its children, and vertices that it gave the distance. */
  private uses = new Int32Array(1024)
  /** What waits in the same bucket, or is free too. */
  private next = new Int32Array(1024)
  private free = -1
  private used = 0
  private heads = new Int32Array(1024).fill(-1)
  private bucket = 0
  private readonly size: number
  private readonly keep: boolean

  /**
   * @param size distances that one bucket holds
   * @param keep whether windows stay as long as one that came from them is in use
   */
  constructor(size: number, keep: boolean) {
    this.size = size
    this.keep = keep
  }

  /** The distance up to which nothing waits any more. */
  get reached(): number {
    return this.bucket * this.size
  }

  /** A place, whose numbers the caller writes. */
  take(edge: number, parent: number): number {
    let place = this.free
    if (place >= 0) this.free = this.next[place]
    else {
      if (this.used === this.edge.length) this.grow()
      place = this.used++
    }
    this.edge[place] = edge
    this.parent[place] = parent
    if (this.keep) {
      this.uses[place] = 1
      this.hold(parent)
    }
    return place
  }

  /** @param place of a window that is used once more; negative: of none */
  hold(place: number): void {
    if (this.keep && place >= 0) this.uses[place]++
  }

  /** The opposite of `hold`. */
  drop(place: number): void {
    if (this.keep) this.release(place)
  }

  /** Of a window that waited; it is gone unless it is used. */
  release(place: number): void {
    let freed = place
    while (freed >= 0) {
      if (this.keep && --this.uses[freed] > 0) return
      this.next[freed] = this.free
      this.free = freed
      freed = this.keep ? this.parent[freed] : -1
    }
  }

  wait(place: number, distance: number): void {
    const bucket = Math.min(mostBuckets - 1, Math.floor(distance / this.size))
    if (bucket >= this.heads.length) {
      const heads = new Int32Array(2 ** Math.ceil(Math.log2(bucket + 1))).fill(-1)
      heads.set(this.heads)
      this.heads = heads
    }
    this.next[place] = this.heads[bucket]
    this.heads[bucket] = place
    // Rounding may put a child before its parent.
    if (bucket < this.bucket) this.bucket = bucket
  }

  /** One of the nearest that wait; −1 when none does. */
  nearest(): number {
    const { heads } = this
    let { bucket } = this
    while (bucket < heads.length && heads[bucket] < 0) bucket++
    this.bucket = bucket
    if (bucket === heads.length) return -1
    const place = heads[bucket]
    heads[bucket] = this.next[place]
    return place
  }

  private grow(): void {
    const numbers = new Float64Array(this.numbers.length * 2)
    numbers.set(this.numbers)
    this.numbers = numbers
    this.edge = doubled(this.edge)
    this.parent = doubled(this.parent)
    this.uses = doubled(this.uses)
    this.next = doubled(this.next)
  }
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(values.length * 2)
  out.set(values)
  return out
}
