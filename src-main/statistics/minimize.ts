const golden = (Math.sqrt(5) - 1) / 2

/** The end of the range in which a coordinate is looked for. */
export const highest = 1000

/** Values that each coordinate is tried at: 0, and from 10^-3 on in 24 steps. */
const tried = [0, ...Array.from({ length: 25 }, (_, k) => highest * 10 ** (k / 4 - 6))]

/**
 * Minimum of a smooth function of a few coordinates of at least 0: one after the other along a coarse grid, then by the
 * golden section around its best value, until none moves.
 */
export function minimize(f: (point: Float64Array) => number, size: number): Float64Array {
  const point = new Float64Array(size).fill(1)
  for (let round = 0; round < 100; round++) {
    let moved = 0
    for (let k = 0; k < size; k++) {
      const before = point[k]
      const along = (x: number): number => {
        point[k] = x
        return f(point)
      }
      const values = tried.map(along)
      const best = values.reduce((least, value, i) => (value < values[least] ? i : least), 0)
      const low = tried[Math.max(0, best - 1)]
      const high = tried[Math.min(tried.length - 1, best + 1)]
      point[k] = section(along, low, high, tried[best])
      moved = Math.max(moved, Math.abs(point[k] - before) / (point[k] + 1e-3))
    }
    if (size === 1 || moved < 1e-9) break
  }
  return point
}

/** @param best a point inside that is kept where no other is lower: the edge, above all */
function section(f: (x: number) => number, low: number, high: number, best: number): number {
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)]
  let [fLeft, fRight] = [f(left), f(right)]
  while (high - low > 1e-10 * (high + low)) {
    if (fLeft <= fRight) {
      high = right
      ;[right, fRight] = [left, fLeft]
      left = high - golden * (high - low)
      fLeft = f(left)
    } else {
      low = left
      ;[left, fLeft] = [right, fRight]
      right = low + golden * (high - low)
      fRight = f(right)
    }
    if (left >= right) break
  }
  const middle = (low + high) / 2
  return f(middle) <= f(best) ? middle : best
}
