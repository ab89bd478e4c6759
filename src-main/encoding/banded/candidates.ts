/** Kernel weights to try, drawn from Dirichlet distributions as himalaya's `generate_dirichlet_samples`. */
import { HeschlError } from '../../errors.ts'
import { seededRandom, type Random } from '../../linalg/random.ts'

export interface CandidateOptions {
  /** Candidates, 1 to 65,535. */
  readonly iterations: number
  /** A whole number below 2³². */
  readonly seed: number
  /**
   * Concentrations of the Dirichlet distributions, taken in turn: 1 is uniform over the simplex, less prefers few bands;
   * Infinity is equal weights. [0.1, 1] where it is left out, as himalaya.
   */
  readonly concentrations?: readonly number[]
}

/** Most candidates, and 65,535 itself: where none was chosen. */
export const noCandidate = 65_535

/**
 * Weights of each candidate, at least 0, with a sum of 1. The first has equal weights, as himalaya's.
 * @throws HeschlError OPTION_INVALID
 */
export function bandCandidates(bands: number, options: CandidateOptions): number[][] {
  const { iterations, seed, concentrations = [0.1, 1] } = options
  checkWhole('number of iterations', iterations, 1, noCandidate)
  checkWhole('seed', seed, 0, 2 ** 32 - 1)
  if (concentrations.length === 0 || concentrations.some((value) => !(value > 0))) {
    throw new HeschlError('OPTION_INVALID', 'The concentrations of the kernel weights are not usable', {
      expected: 'positive numbers',
      found: concentrations.join(', ') || 'none',
    })
  }
  const random = seededRandom(seed)
  return Array.from({ length: iterations }, (_, i) => {
    const concentration = i === 0 ? Infinity : concentrations[i % concentrations.length]
    return concentration === Infinity ? Array<number>(bands).fill(1 / bands) : dirichlet(bands, concentration, random)
  })
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new HeschlError('OPTION_INVALID', `The ${what} of the banded ridge is not usable`, {
    expected: `a whole number from ${least} to ${most}`,
    found: String(value),
  })
}

/** Gamma variates divided by their sum, as logarithms: those of a small shape are often below the smallest float64. */
function dirichlet(count: number, concentration: number, random: Random): number[] {
  const logs = Array.from({ length: count }, () => logGamma(concentration, random))
  const largest = Math.max(...logs)
  const values = logs.map((value) => Math.exp(value - largest))
  const sum = values.reduce((total, value) => total + value, 0)
  return values.map((value) => value / sum)
}

/**
 * Logarithm of a gamma variate of scale 1.
 * Source: Marsaglia and Tsang (2000), ACM Trans. Math. Softw. 26:363–372, with G(a) = G(a + 1) U^(1/a) below 1.
 */
function logGamma(shape: number, { uniform, normal }: Random): number {
  if (shape < 1) return logGamma(shape + 1, { uniform, normal }) + Math.log(1 - uniform()) / shape
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}
