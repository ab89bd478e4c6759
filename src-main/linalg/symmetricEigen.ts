/**
 * All eigenvalues and vectors of a symmetric matrix, float64: Householder tridiagonalisation, then QL with implicit
 * shifts.
 * Source: Bowdler, Martin, Reinsch and Wilkinson, tred2 and tql2, in Wilkinson and Reinsch, Handbook for Automatic
 * Computation II (1971); in the form of the public-domain JAMA library. Vectors are rows here, so that every inner loop
 * runs along memory.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix64 } from './matrix.ts'

/** Steps of QL per eigenvalue; two or three are usual. */
const mostSteps = 60

/**
 * @param a [n, n], symmetric and finite
 * @param pause awaited now and then
 * @returns values [n], ascending, and vectors [n, n] as orthonormal rows
 * @throws HeschlError NUMERICAL where QL does not converge
 */
export async function symmetricEigen(
  a: Matrix64,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly values: Float64Array; readonly vectors: Matrix64 }> {
  const n = a.rows
  const v = a.data.slice()
  const d = new Float64Array(n)
  const e = new Float64Array(n)
  if (n > 0) {
    await tridiagonalize(v, d, e, pause)
    await accumulate(v, d, pause)
    e.copyWithin(0, 1)
    e[n - 1] = 0
    await diagonalize(v, d, e, pause)
  }
  const order = Array.from(d, (_, i) => i).sort((i, j) => d[i] - d[j])
  const vectors = new Float64Array(n * n)
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), to * n)
  return { values: Float64Array.from(order, (i) => d[i]), vectors: { ...a, data: vectors } }
}

/** Leaves the reflections in `v`, the squares of their lengths in `d`, what stands beside the diagonal in `e`. */
async function tridiagonalize(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  pause: () => Promise<void>,
): Promise<void> {
  const n = d.length
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]
  for (let i = n - 1; i > 0; i--) {
    if (i % 16 === 0) await pause()
    let scale = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k])
    if (scale === 0) {
      e[i] = d[i - 1]
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]
        v[j * n + i] = 0
        v[i * n + j] = 0
      }
      d[i] = 0
      continue
    }
    let h = 0
    for (let k = 0; k < i; k++) {
      d[k] /= scale
      h += d[k] * d[k]
    }
    const last = d[i - 1]
    const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h)
    e[i] = scale * g
    h -= last * g
    d[i - 1] = last - g
    e.fill(0, 0, i)
    for (let j = 0; j < i; j++) {
      const f = d[j]
      v[i * n + j] = f
      const row = j * n
      let sum = e[j] + v[row + j] * f
      for (let k = j + 1; k < i; k++) {
        sum += v[row + k] * d[k]
        e[k] += v[row + k] * f
      }
      e[j] = sum
    }
    let f = 0
    for (let j = 0; j < i; j++) {
      e[j] /= h
      f += e[j] * d[j]
    }
    const half = f / (h + h)
    for (let j = 0; j < i; j++) e[j] -= half * d[j]
    for (let j = 0; j < i; j++) {
      const [dj, ej, row] = [d[j], e[j], j * n]
      for (let k = j; k < i; k++) v[row + k] -= dj * e[k] + ej * d[k]
      d[j] = v[row + i - 1]
      v[row + i] = 0
    }
    d[i] = h
  }
}

/** The product of the reflections, in `v`; the diagonal, in `d`. */
async function accumulate(v: Float64Array, d: Float64Array, pause: () => Promise<void>): Promise<void> {
  const n = d.length
  for (let i = 0; i < n - 1; i++) {
    if (i % 16 === 0) await pause()
    v[i * n + n - 1] = v[i * n + i]
    v[i * n + i] = 1
    const h = d[i + 1]
    const next = (i + 1) * n
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k] / h
      for (let j = 0; j <= i; j++) {
        const row = j * n
        let g = 0
        for (let k = 0; k <= i; k++) g += v[next + k] * v[row + k]
        for (let k = 0; k <= i; k++) v[row + k] -= g * d[k]
      }
    }
    v.fill(0, next, next + i + 1)
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1]
    v[j * n + n - 1] = 0
  }
  v[n * n - 1] = 1
}

async function diagonalize(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  pause: () => Promise<void>,
): Promise<void> {
  const n = d.length
  let shift = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    await pause()
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]))
    let m = l
    while (m < n - 1 && !(Math.abs(e[m]) <= Number.EPSILON * largest)) m++
    let steps = 0
    while (Math.abs(e[l]) > Number.EPSILON * largest) {
      if (steps++ === mostSteps) {
        throw new HeschlError('NUMERICAL', 'The eigenvalues of a matrix cannot be found', {
          expected: 'finite values',
          found: `no convergence in ${mostSteps} steps`,
        })
      }
      shift += stepOf(v, d, e, l, m)
    }
    d[l] += shift
    e[l] = 0
  }
}

/** One step of QL on the block from `l` to `m`. @returns how far the diagonal was shifted */
function stepOf(v: Float64Array, d: Float64Array, e: Float64Array, l: number, m: number): number {
  const n = d.length
  const g0 = d[l]
  const p0 = (d[l + 1] - g0) / (2 * e[l])
  const r0 = p0 < 0 ? -Math.hypot(p0, 1) : Math.hypot(p0, 1)
  d[l] = e[l] / (p0 + r0)
  d[l + 1] = e[l] * (p0 + r0)
  const next = d[l + 1]
  const shift = g0 - d[l]
  for (let i = l + 2; i < n; i++) d[i] -= shift
  const beside = e[l + 1]
  let [p, c, c2, c3, s, s2] = [d[m], 1, 1, 1, 0, 0]
  for (let i = m - 1; i >= l; i--) {
    c3 = c2
    c2 = c
    s2 = s
    const g = c * e[i]
    const h = c * p
    const r = Math.hypot(p, e[i])
    e[i + 1] = s * r
    s = e[i] / r
    c = p / r
    p = c * d[i] - s * g
    d[i + 1] = h + s * (c * g + s * d[i])
    const [low, high] = [i * n, (i + 1) * n]
    for (let k = 0; k < n; k++) {
      const upper = v[high + k]
      v[high + k] = s * v[low + k] + c * upper
      v[low + k] = c * v[low + k] - s * upper
    }
  }
  p = (-s * s2 * c3 * beside * e[l]) / next
  e[l] = s * p
  d[l] = c * p
  return shift
}
