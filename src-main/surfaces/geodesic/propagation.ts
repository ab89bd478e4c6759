/**
 * Exact shortest distances along a triangle mesh, edges and vertices included.
 * Sources: Mitchell, Mount and Papadimitriou (1987), The discrete geodesic problem, SIAM J. Comput. 16:647; Chen and Han
 * (1990), one window an angle splits in two; Xin and Wang (2009), Improving Chen and Han's algorithm, ACM Trans. Graph.
 * 28:104, windows that a vertex serves better are dropped, and the nearest are taken first.
 */
import { lastSide, nextSide } from './halfEdges.ts'
import type { HalfEdges } from './halfEdges.ts'
import { before, end, sourceX, sourceY, start, width, Windows } from './windows.ts'

/** Rays that miss a vertex by less, as an angle, are taken to reach it. */
const reach = 1e-8
/** Windows that are worse by a smaller share are kept: the difference may be rounding. */
const slack = 1 - 1e-12
/** Windows between two looks at whether to go on. */
const checkEvery = 8192

export interface PropagationOptions {
  /** Called often, with how far every distance is known, in units of the mesh's longest edge; may throw. */
  readonly check?: ((reached: number) => void) | undefined
  /** Stops as soon as this vertex's distance is known, and keeps where every window came from. */
  readonly target?: number | undefined
}

export class Propagation {
  /** [vertices], in units of the mesh's longest edge; Infinity where no source is connected. */
  readonly distance: Float64Array
  /** [vertices]: the window that gave the distance; ~u where it is along the edge from u; a source is ~itself. */
  readonly origin: Int32Array
  readonly windows: Windows
  private readonly mesh: HalfEdges
  /** [vertices]: 1 while a vertex waits to be left. */
  private readonly waits: Uint8Array
  /** Of the window that splits at the corner opposite a half-edge: the corner's distance, where the line to it crosses. */
  private readonly split: Float64Array
  private readonly crossing: Float64Array

  constructor(mesh: HalfEdges, sources: ArrayLike<number>, { check, target }: PropagationOptions = {}) {
    this.mesh = mesh
    this.distance = new Float64Array(mesh.vertices).fill(Infinity)
    this.origin = new Int32Array(mesh.vertices)
    this.waits = new Uint8Array(mesh.vertices)
    this.split = new Float64Array(mesh.from.length).fill(Infinity)
    this.crossing = new Float64Array(mesh.from.length)
    const meanLength = mesh.length.reduce((sum, length) => sum + length, 0) / mesh.length.length
    this.windows = new Windows(meanLength / 4, target !== undefined)
    for (let i = 0; i < sources.length; i++) this.improve(sources[i], 0, ~sources[i])
    this.run(target, check)
  }

  private run(target: number | undefined, check: ((reached: number) => void) | undefined): void {
    const { windows, distance, waits } = this
    for (let step = 0; ; step++) {
      if (step % checkEvery === 0) check?.(windows.reached)
      const place = windows.nearest()
      if (place < 0 || (target !== undefined && windows.reached > distance[target])) return
      const edge = windows.edge[place]
      if (edge >= 0) this.cross(place, edge)
      else if (waits[~edge] === 1) {
        waits[~edge] = 0
        this.leave(~edge)
      }
      windows.release(place)
    }
  }

  private improve(v: number, distance: number, origin: number): void {
    if (!(distance < this.distance[v])) return
    this.windows.hold(origin)
    if (this.distance[v] < Infinity) this.windows.drop(this.origin[v])
    this.distance[v] = distance
    this.origin[v] = origin
    this.waits[v] = 1
    this.windows.wait(this.windows.take(~v, -1), distance)
  }

  /** From a vertex along its edges, and where paths may bend there, as from a source, into the triangles beyond. */
  private leave(v: number): void {
    const { offsets, opposite, from, length, along, height, twin, bends } = this.mesh
    const distance = this.distance[v]
    const emits = bends[v] === 1 || distance === 0
    for (let i = offsets[v]; i < offsets[v + 1]; i++) {
      const h = opposite[i]
      const a = from[h]
      const b = from[nextSide(h)]
      const toB = length[nextSide(h)]
      const toA = length[lastSide(h)]
      this.improve(a, distance + toA, ~v)
      this.improve(b, distance + toB, ~v)
      if (!emits || twin[h] < 0) continue
      if (this.distance[a] + length[h] < (distance + toB) * slack) continue
      if (this.distance[b] + length[h] < (distance + toA) * slack) continue
      // The twin mostly runs the other way.
      const same = from[twin[h]] === a
      this.add(twin[h], 0, length[h], same ? along[h] : length[h] - along[h], height[h], distance, ~v)
    }
  }

  private add(edge: number, from: number, to: number, x: number, y: number, base: number, parent: number): void {
    const { windows } = this
    const place = windows.take(edge, parent)
    const at = place * width
    const { numbers } = windows
    numbers[at + start] = from
    numbers[at + end] = to
    numbers[at + sourceX] = x
    numbers[at + sourceY] = y
    numbers[at + before] = base
    const beside = x < from ? from - x : x > to ? x - to : 0
    windows.wait(place, base + root(beside, y))
  }

  /** A window's lines through its triangle: to the corner opposite, and on to the other two sides. */
  private cross(place: number, h: number): void {
    const { mesh, distance } = this
    const { numbers } = this.windows
    const at = place * width
    const b0 = numbers[at + start]
    const b1 = numbers[at + end]
    const x = numbers[at + sourceX]
    const y = numbers[at + sourceY]
    const base = numbers[at + before]
    const right = nextSide(h)
    const left = lastSide(h)
    const full = mesh.length[h]
    // Vertices may have been reached since the window was made.
    if (distance[mesh.from[h]] + b1 < (base + root(b1 - x, y)) * slack) return
    if (distance[mesh.from[right]] + full - b0 < (base + root(b0 - x, y)) * slack) return
    const cx = mesh.along[h]
    const cy = mesh.height[h]
    const middle = x + ((cx - x) * y) / (y + cy)
    const allowance = reach * (y + full)
    const seesLeft = middle > b0
    const seesRight = middle < b1
    let goLeft = seesLeft
    let goRight = seesRight
    if (middle >= b0 - allowance && middle <= b1 + allowance) {
      const there = base + root(cx - x, cy + y)
      this.improve(mesh.from[left], there, place)
      if (there < this.split[h]) {
        this.split[h] = there
        this.crossing[h] = middle
      } else if (seesLeft && seesRight && there * slack > this.split[h]) {
        // Lines of this window that would cross the better window's line to the corner are longer from there on.
        if (middle > this.crossing[h]) goLeft = false
        else if (middle < this.crossing[h]) goRight = false
      }
    }
    if (goLeft) {
      const from = (b0 * y) / ((x - b0) * cy + cx * y)
      const to = seesRight ? 1 : Math.min(1, (b1 * y) / ((x - b1) * cy + cx * y))
      this.enter(place, h, left, 1 - to, 1 - Math.min(1, from))
    }
    if (goRight) {
      const near = ((full - b1) * y) / ((b1 - x) * cy + (full - cx) * y)
      const far = seesLeft ? 1 : Math.min(1, ((full - b0) * y) / ((b0 - x) * cy + (full - cx) * y))
      this.enter(place, h, right, Math.min(1, near), far)
    }
  }

  /**
   * A window on the next side that the lines reach.
   * @param side half-edge of the triangle that was crossed, from p to q
   * @param s, t shares of the side from p where the lines reach it, s <= t
   */
  private enter(place: number, h: number, side: number, s: number, t: number): void {
    const { mesh, distance } = this
    const next = mesh.twin[side]
    if (next < 0 || !(s < t)) return
    const { numbers } = this.windows
    const at = place * width
    const x = numbers[at + sourceX]
    const y = numbers[at + sourceY]
    const base = numbers[at + before]
    const full = mesh.length[h]
    const cx = mesh.along[h]
    const cy = mesh.height[h]
    const size = mesh.length[side]
    const right = side === nextSide(h)
    // Of the side: where it starts, and its direction.
    const px = right ? full : cx
    const py = right ? 0 : cy
    const ux = (right ? cx - full : -cx) / size
    const uy = (right ? cy : -cy) / size
    const along = (x - px) * ux + (-y - py) * uy
    const height = Math.abs((x - px) * uy - (-y - py) * ux)
    const from = s * size
    const to = t * size
    const toFrom = base + root(from - along, height)
    const toTo = base + root(to - along, height)
    const p = mesh.from[side]
    if (distance[p] + to < toTo * slack) return
    if (distance[mesh.from[nextSide(side)]] + size - from < toFrom * slack) return
    // The third corner serves the window better if it does so at the end that is farther from it.
    const shared = right ? from : to
    const way = root(px + shared * ux - (right ? 0 : full), py + shared * uy)
    if (distance[mesh.from[lastSide(side)]] + way < (right ? toFrom : toTo) * slack) return
    if (mesh.from[next] === p) this.add(next, from, to, along, height, base, place)
    else this.add(next, size - to, size - from, size - along, height, base, place)
  }
}

const root = (a: number, b: number): number => Math.sqrt(a * a + b * b)
