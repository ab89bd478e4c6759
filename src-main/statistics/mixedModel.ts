/**
 * Linear mixed models with random intercepts, one or several crossed factors (subjects; subjects and stimuli):
 * y = X b + Σ_f Z_f u_f + e, u_f ~ N(0, v_f), e ~ N(0, v).
 * Source: Bates et al. (2015), J. Stat. Softw. 67(1), section 3: the likelihood profiled over b and v, as a function of
 * θ_f = √(v_f / v) alone, from one Cholesky factor (mixedProfile.ts).
 */
import { HeschlError } from '../errors.ts'
import type { Matrix64 } from '../linalg/matrix.ts'
import { normalQuantile, normalTail } from './distributions.ts'
import { Profile } from './mixedProfile.ts'
import type { RandomFactor } from './mixedProfile.ts'
import { highest, minimize } from './minimize.ts'
import { describe } from './result.ts'
import type { TestDescription } from './result.ts'

export interface MixedModelInput {
  /** [n], finite. */
  readonly response: ArrayLike<number>
  /** X [n, p], finite, with a column of ones where there is to be an intercept. */
  readonly fixed: Matrix64
  /** [p]. */
  readonly names: readonly string[]
  readonly random: readonly RandomFactor[]
  /** REML for estimates; ML for comparing models of different fixed effects by their likelihood. */
  readonly method: 'REML' | 'ML'
  /** Of the intervals, such as 0.95. */
  readonly level: number
}

export interface Coefficient {
  readonly name: string
  readonly estimate: number
  readonly standardError: number
  /** Wald's z, two-sided p and interval: too narrow where subjects are few. */
  readonly z: number
  readonly p: number
  readonly low: number
  readonly high: number
}

export interface MixedModel {
  readonly testable: true
  readonly coefficients: readonly Coefficient[]
  /** [p, p], of the estimates. */
  readonly covariance: Matrix64
  /** Of each random factor's intercepts; 0 where the data show no variance between its levels. */
  readonly variances: readonly { readonly name: string; readonly levels: number; readonly variance: number }[]
  readonly residualVariance: number
  /** Of REML or ML. */
  readonly logLikelihood: number
  readonly n: number
  readonly level: number
  readonly test: TestDescription
  readonly words: string
}

/**
 * - `too few observations`: not more than fixed effects
 * - `one level`: a random factor with a single level, or with a level of its own for every observation
 * - `no residual`: the fixed effects and the levels reproduce every observation, or all but a millionth of the variance
 */
export type NoModel = 'too few observations' | 'one level' | 'no residual'

/**
 * @throws HeschlError SHAPE_MISMATCH; NUMERICAL where a value is not finite, or the columns of X depend on each other
 */
export function mixedModel(
  input: MixedModelInput,
): MixedModel | { readonly testable: false; readonly reason: NoModel; readonly n: number } {
  const { response, fixed, names, random, method, level } = input
  const n = response.length
  check(input)
  if (n <= fixed.cols) return { testable: false, reason: 'too few observations', n }
  const levels = random.map((factor) => new Set(Array.from(factor.levels)).size)
  if (levels.some((count) => count < 2 || count === n)) return { testable: false, reason: 'one level', n }
  const profile = new Profile(response, fixed, random, method)
  if (!profile.hasResidual) return { testable: false, reason: 'no residual', n }
  const theta = minimize((point) => profile.deviance(point), random.length)
  if (theta.some((value) => value > 0.99 * highest)) return { testable: false, reason: 'no residual', n }
  const { estimates, covariance, residualVariance, deviance } = profile.solve(theta)
  const coefficients = names.map((name, k) =>
    wald(name, estimates[k], Math.sqrt(covariance.data[k * names.length + k]), level),
  )
  const test: TestDescription = {
    name: 'linear mixed model',
    n,
    alternative: 'two-sided',
    correction: null,
    parameters: [
      `random intercepts of ${random.map((factor, f) => `${levels[f]} levels of ${factor.name}`).join(' and ')}`,
      `${method}, Wald z`,
    ],
  }
  return {
    ...{ testable: true, coefficients, covariance, residualVariance, n, level, test, words: describe(test) },
    variances: random.map(({ name }, f) => ({ name, levels: levels[f], variance: theta[f] ** 2 * residualVariance })),
    logLikelihood: -deviance / 2,
  }
}

/** A weighted sum of the fixed effects, such as the difference of two. @param weights [p] */
export function contrast(model: MixedModel, name: string, weights: readonly number[]): Coefficient {
  const p = model.coefficients.length
  if (weights.length !== p) {
    throw new HeschlError('SHAPE_MISMATCH', 'A contrast does not fit the fixed effects', {
      expected: `${p} weights`,
      found: `${weights.length}`,
    })
  }
  let estimate = 0
  let variance = 0
  for (let i = 0; i < p; i++) {
    estimate += weights[i] * model.coefficients[i].estimate
    for (let j = 0; j < p; j++) variance += weights[i] * weights[j] * model.covariance.data[i * p + j]
  }
  return wald(name, estimate, Math.sqrt(variance), model.level)
}

/**
 * Mean score of every region, with intervals that know that a subject's regions belong together: one fixed effect a
 * region, a random intercept a subject.
 * @param scores [subjects, regions]; what is not finite is left out
 * @param regions [regions], names
 */
export function regionSummary(scores: Matrix64, regions: readonly string[], level: number) {
  if (regions.length !== scores.cols || scores.data.length !== scores.rows * scores.cols) {
    throw new HeschlError('SHAPE_MISMATCH', "The regions' names do not fit their scores", {
      expected: `${scores.rows} x ${scores.cols} scores and ${scores.cols} names`,
      found: `${scores.data.length} scores and ${regions.length} names`,
    })
  }
  const kept = Array.from(scores.data.keys()).filter((i) => Number.isFinite(scores.data[i]))
  const present = regions.map((_, region) => region).filter((region) => kept.some((i) => i % scores.cols === region))
  const data = new Float64Array(kept.length * present.length)
  kept.forEach((i, row) => (data[row * present.length + present.indexOf(i % scores.cols)] = 1))
  return mixedModel({
    response: kept.map((i) => scores.data[i]),
    fixed: { data, rows: kept.length, cols: present.length },
    names: present.map((region) => regions[region]),
    random: [{ name: 'subject', levels: kept.map((i) => Math.floor(i / scores.cols)) }],
    ...{ method: 'REML', level },
  })
}

function wald(name: string, estimate: number, standardError: number, level: number): Coefficient {
  const reach = normalQuantile((1 + level) / 2) * standardError
  const z = estimate / standardError
  const p = 2 * normalTail(Math.abs(z))
  return { name, estimate, standardError, z, p, low: estimate - reach, high: estimate + reach }
}

function check({ response, fixed, names, random, level }: MixedModelInput): void {
  const n = response.length
  const sizes = [fixed.rows, ...random.map(({ levels }) => levels.length)]
  if (
    sizes.some((size) => size !== n) ||
    names.length !== fixed.cols ||
    fixed.data.length !== n * fixed.cols ||
    random.length === 0
  ) {
    throw new HeschlError('SHAPE_MISMATCH', 'The parts of a mixed model do not fit together', {
      expected: `${n} rows everywhere, a name a fixed effect, at least one random factor`,
      found: `${sizes.join(', ')} rows, ${names.length} names for ${fixed.cols} fixed effects`,
    })
  }
  if (!(level > 0 && level < 1)) {
    throw new HeschlError('OPTION_INVALID', 'A confidence level is out of range', {
      expected: 'between 0 and 1',
      found: `${level}`,
    })
  }
  if (!Array.from(response).every(Number.isFinite) || !fixed.data.every((value) => Number.isFinite(value))) {
    throw new HeschlError('NUMERICAL', 'A mixed model has values that are not finite', {
      remedy: 'Leave those observations out',
    })
  }
}
