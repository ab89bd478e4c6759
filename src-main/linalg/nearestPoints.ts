/** Finds the nearest of fixed points, by cells of a cube around them. */
export class NearestPoints {
  private readonly points: ArrayLike<number>
  private readonly side: number
  private readonly cell: number
  private readonly origin: readonly [number, number, number]
  /** The points of cell c are `members[starts[c]]` up to `members[starts[c + 1]]`. */
  private readonly starts: Uint32Array
  private readonly members: Uint32Array

  /** @param points [n, 3], finite, on a surface: cells hold about four of them */
  constructor(points: ArrayLike<number>) {
    const n = points.length / 3
    const low: [number, number, number] = [Infinity, Infinity, Infinity]
    let span = 0
    for (let axis = 0; axis < 3; axis++) {
      let high = -Infinity
      for (let i = axis; i < points.length; i += 3) {
        low[axis] = Math.min(low[axis], points[i])
        high = Math.max(high, points[i])
      }
      span = Math.max(span, high - low[axis])
    }
    this.points = points
    this.origin = low
    this.side = Math.max(1, Math.min(128, Math.floor(Math.sqrt(n / 12))))
    this.cell = span > 0 ? (span * (1 + 1e-9)) / this.side : 1
    const cells = Uint32Array.from({ length: n }, (_, v) =>
      this.indexOf(this.at(points[3 * v], 0), this.at(points[3 * v + 1], 1), this.at(points[3 * v + 2], 2)),
    )
    this.starts = new Uint32Array(this.side ** 3 + 1)
    for (const cell of cells) this.starts[cell + 1]++
    for (let c = 0; c < this.side ** 3; c++) this.starts[c + 1] += this.starts[c]
    this.members = new Uint32Array(n)
    const next = this.starts.slice()
    cells.forEach((cell, v) => (this.members[next[cell]++] = v))
  }

  /** Index of the point nearest to (x, y, z), the first of equals. */
  find(x: number, y: number, z: number): number {
    const { points, side, starts, members } = this
    const [i, j, k] = [this.at(x, 0), this.at(y, 1), this.at(z, 2)]
    let best = -1
    let least = Infinity
    // Rings of cells around its own: what lies beyond ring r is more than r cells away.
    for (let ring = 0; ring <= side && (best < 0 || least > this.clear(x, y, z, ring - 1) ** 2); ring++) {
      for (let a = Math.max(0, i - ring); a <= Math.min(side - 1, i + ring); a++) {
        const alongX = this.gap(x, 0, a)
        if (alongX > least) continue
        for (let b = Math.max(0, j - ring); b <= Math.min(side - 1, j + ring); b++) {
          const alongXY = alongX + this.gap(y, 1, b)
          if (alongXY > least) continue
          const inner = Math.abs(a - i) < ring && Math.abs(b - j) < ring
          for (let c = k - ring; c <= k + ring; c += inner ? 2 * ring : 1) {
            if (c < 0 || c >= side || alongXY + this.gap(z, 2, c) > least) continue
            const cell = this.indexOf(a, b, c)
            for (let m = starts[cell]; m < starts[cell + 1]; m++) {
              const v = members[m]
              const square = (points[3 * v] - x) ** 2 + (points[3 * v + 1] - y) ** 2 + (points[3 * v + 2] - z) ** 2
              if (square < least || (square === least && v < best)) {
                least = square
                best = v
              }
            }
          }
        }
      }
    }
    return best
  }

  /** A distance within which everything lies in the cells up to this ring. */
  private clear(x: number, y: number, z: number, ring: number): number {
    if (ring < 0) return 0
    return Math.max(0, Math.min(this.room(x, 0, ring), this.room(y, 1, ring), this.room(z, 2, ring)))
  }

  private room(value: number, axis: number, ring: number): number {
    const from = this.origin[axis] + (this.at(value, axis) - ring) * this.cell
    return Math.min(value - from, from + (2 * ring + 1) * this.cell - value)
  }

  /** Square of the distance along an axis from a value to a cell; 0 inside. */
  private gap(value: number, axis: number, cell: number): number {
    const from = this.origin[axis] + cell * this.cell
    const beyond = Math.max(0, from - value, value - from - this.cell)
    // Less a little, as a point may lie on the edge by rounding.
    return beyond * beyond * (1 - 1e-9)
  }

  /** Cell along an axis; outside the cube, the nearest one. */
  private at(value: number, axis: number): number {
    return Math.min(this.side - 1, Math.max(0, Math.floor((value - this.origin[axis]) / this.cell)))
  }

  private indexOf(i: number, j: number, k: number): number {
    return (i * this.side + j) * this.side + k
  }
}
