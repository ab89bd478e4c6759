/** The profiled likelihood of a mixed model with random intercepts. */
import { HeschlError } from '../errors.ts'
import { zeros64 } from '../linalg/matrix.ts'
import { dot } from '../linalg/vector.ts'
import type { Matrix64 } from '../linalg/matrix.ts'

export interface RandomFactor {
  /** "subject". */
  readonly name: string
  /** [n]: the level of each observation, numbers of any kind. */
  readonly levels: ArrayLike<number>
}

interface Solution {
  readonly estimates: Float64Array
  readonly covariance: Matrix64
  readonly residualVariance: number
  readonly deviance: number
}

/**
 * With u = Λθ b scaled to unit variance, everything follows from the Cholesky factor of
 *   [ Λ Z'Z Λ + I   Λ Z'X   Λ Z'y ]
 *   [ X'Z Λ         X'X     X'y   ]
 *   [ y'Z Λ         y'X     y'y   ]
 * The largest factor comes first: its block is diagonal and is taken out without being stored.
 */
export class Profile {
  readonly hasResidual: boolean
  private readonly n: number
  private readonly p: number
  private readonly reml: boolean
  /** Factors from the largest to the smallest, as indices into what was given. */
  private readonly order: readonly number[]
  /** Observations of each level of the first factor. */
  private readonly counts: Float64Array
  /** First factor's level against everything else: [levels, rest]. */
  private readonly across: Matrix64
  /** Everything else against itself: [rest, rest]. */
  private readonly rest: Matrix64
  /** [rest]: which factor (as an index into θ) scales a row; -1 for X and y. */
  private readonly scaledBy: Int32Array
  /** Least squares without random effects, taken off the response before: nothing is lost in squares of a large mean. */
  private readonly start: Float64Array

  constructor(response: ArrayLike<number>, fixed: Matrix64, random: readonly RandomFactor[], method: 'REML' | 'ML') {
    const n = response.length
    const p = fixed.cols
    this.n = n
    this.p = p
    this.reml = method === 'REML'
    const coded = random.map(({ levels }) => codes(levels))
    this.order = random.map((_, f) => f).sort((one, other) => coded[other].count - coded[one].count)
    const [first, ...others] = this.order.map((f) => coded[f])
    const width = others.reduce((sum, { count }) => sum + count, 0) + p + 1
    this.counts = new Float64Array(first.count)
    this.across = zeros64(first.count, width)
    this.rest = zeros64(width, width)
    this.scaledBy = new Int32Array(width).fill(-1)
    let start = 0
    others.forEach(({ count }, k) => {
      this.scaledBy.fill(this.order[k + 1], start, start + count)
      start += count
    })
    this.start = leastSquares(response, fixed)
    const row = new Float64Array(width)
    let total = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      row.fill(0)
      let at = 0
      for (const { code, count } of others) {
        row[at + code[i]] = 1
        at += count
      }
      let residual = response[i]
      for (let k = 0; k < p; k++) {
        row[at + k] = fixed.data[i * p + k]
        residual -= fixed.data[i * p + k] * this.start[k]
      }
      row[width - 1] = residual
      squares += residual * residual
      total += response[i] * response[i]
      this.counts[first.code[i]]++
      for (let j = 0; j < width; j++) {
        if (row[j] === 0) continue
        this.across.data[first.code[i] * width + j] += row[j]
        for (let k = 0; k <= j; k++) this.rest.data[j * width + k] += row[j] * row[k]
      }
    }
    this.hasResidual = squares > total * 1e-24
  }

  /** -2 log-likelihood (of REML or ML) at θ, one value a random factor, its sign without meaning. */
  deviance(theta: ArrayLike<number>): number {
    return this.factor(theta).deviance
  }

  solve(theta: ArrayLike<number>): Solution {
    const { lower, deviance, residualVariance } = this.factor(theta)
    const { p, start } = this
    const width = lower.cols
    const offset = width - 1 - p
    // R = the factor's block of X; b solves R' b = the last row's entries below it; cov = v (R R')⁻¹.
    const inverse = zeros64(p, p)
    for (let k = 0; k < p; k++) {
      inverse.data[k * p + k] = 1 / lower.data[(offset + k) * width + offset + k]
      for (let i = k + 1; i < p; i++) {
        let sum = 0
        for (let j = k; j < i; j++) sum -= lower.data[(offset + i) * width + offset + j] * inverse.data[j * p + k]
        inverse.data[i * p + k] = sum / lower.data[(offset + i) * width + offset + i]
      }
    }
    const estimates = start.slice()
    const covariance = zeros64(p, p)
    for (let i = 0; i < p; i++) {
      for (let k = i; k < p; k++) estimates[i] += inverse.data[k * p + i] * lower.data[(width - 1) * width + offset + k]
      for (let j = 0; j < p; j++) {
        let sum = 0
        for (let k = Math.max(i, j); k < p; k++) sum += inverse.data[k * p + i] * inverse.data[k * p + j]
        covariance.data[i * p + j] = residualVariance * sum
      }
    }
    return { estimates, covariance, residualVariance, deviance }
  }

  private factor(theta: ArrayLike<number>) {
    const { n, p, order, counts, across, rest, scaledBy, reml } = this
    const width = rest.cols
    const scale = Float64Array.from(scaledBy, (f) => (f < 0 ? 1 : theta[f]))
    const own = theta[order[0]]
    const lower = zeros64(width, width)
    for (let j = 0; j < width; j++) {
      for (let k = 0; k <= j; k++) lower.data[j * width + k] = rest.data[j * width + k] * scale[j] * scale[k]
      if (scaledBy[j] >= 0) lower.data[j * width + j] += 1
    }
    let logarithms = 0
    for (let level = 0; level < counts.length; level++) {
      const pivot = own * own * counts[level] + 1
      logarithms += Math.log(pivot)
      const share = (own * own) / pivot
      const at = level * width
      for (let j = 0; j < width; j++) {
        const left = across.data[at + j] * scale[j] * share
        if (left === 0) continue
        for (let k = 0; k <= j; k++) lower.data[j * width + k] -= left * across.data[at + k] * scale[k]
      }
    }
    for (let j = 0; j < width; j++) {
      for (let k = 0; k <= j; k++) {
        let sum = lower.data[j * width + k]
        for (let i = 0; i < k; i++) sum -= lower.data[j * width + i] * lower.data[k * width + i]
        lower.data[j * width + k] = k < j ? sum / lower.data[k * width + k] : Math.sqrt(Math.max(0, sum))
      }
    }
    const offset = width - 1 - p
    for (let j = 0; j < offset; j++) logarithms += 2 * Math.log(lower.data[j * width + j])
    const residual = lower.data[width * width - 1] ** 2
    const degrees = reml ? n - p : n
    if (reml) for (let j = offset; j < width - 1; j++) logarithms += 2 * Math.log(lower.data[j * width + j])
    const deviance = logarithms + degrees * (1 + Math.log((2 * Math.PI * residual) / degrees))
    return { lower, deviance, residualVariance: residual / degrees }
  }
}

function codes(levels: ArrayLike<number>): { code: Uint32Array; count: number } {
  const known = new Map<number, number>()
  const code = Uint32Array.from(levels, (level) => {
    const index = known.get(level) ?? known.size
    known.set(level, index)
    return index
  })
  return { code, count: known.size }
}

/** Coefficients of y on X, by the modified Gram–Schmidt process. */
function leastSquares(response: ArrayLike<number>, { data, rows, cols }: Matrix64): Float64Array {
  const columns = Array.from({ length: cols }, (_, k) =>
    Float64Array.from({ length: rows }, (__, i) => data[i * cols + k]),
  )
  const residual = Float64Array.from(response)
  const upper = zeros64(cols, cols)
  const projected = new Float64Array(cols)
  for (let k = 0; k < cols; k++) {
    const q = columns[k]
    const before = Math.sqrt(dot(q, q))
    for (let j = 0; j < k; j++) {
      const share = dot(columns[j], q)
      upper.data[j * cols + k] = share
      for (let i = 0; i < rows; i++) q[i] -= share * columns[j][i]
    }
    const norm = Math.sqrt(dot(q, q))
    if (!(norm > 1e-10 * before)) throw dependent()
    upper.data[k * cols + k] = norm
    for (let i = 0; i < rows; i++) q[i] /= norm
    projected[k] = dot(q, residual)
    for (let i = 0; i < rows; i++) residual[i] -= projected[k] * q[i]
  }
  for (let k = cols - 1; k >= 0; k--) {
    for (let j = k + 1; j < cols; j++) projected[k] -= upper.data[k * cols + j] * projected[j]
    projected[k] /= upper.data[k * cols + k]
  }
  return projected
}

function dependent(): HeschlError {
  return new HeschlError('NUMERICAL', 'The fixed effects of a mixed model depend on each other', {
    expected: 'columns of which none follows from the others',
    remedy: 'Leave one of them out',
  })
}
