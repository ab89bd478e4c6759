/** The standard normal distribution to float64's precision, in both tails. */

const rootTwoPi = Math.sqrt(2 * Math.PI)

/** Where the series of Φ gives way to the continued fraction of the tail. */
const tail = 2.5

/** log Φ(x). */
export function logNormalCdf(x: number): number {
  if (x > tail) return Math.log1p(-upperTail(x))
  if (x < -tail) return (-x * x) / 2 - Math.log(rootTwoPi / millsRatio(-x))
  return Math.log(0.5 + centre(x))
}

/** φ(x) / Φ(x), which is about -x far on the left. */
export function inverseMills(x: number): number {
  if (x < -tail) return 1 / millsRatio(-x)
  return density(x) / (x > tail ? 1 - upperTail(x) : 0.5 + centre(x))
}

const density = (x: number) => Math.exp((-x * x) / 2) / rootTwoPi

/** Φ(x) - 1/2 by a series whose terms have one sign (Abramowitz and Stegun 1964, 26.2.11). */
function centre(x: number): number {
  let term = x
  let total = x
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(total); k += 2) {
    term *= (x * x) / k
    total += term
  }
  return total * density(x)
}

const upperTail = (x: number) => density(x) * millsRatio(x)

/** (1 - Φ(x)) / φ(x) for x > 0: Laplace's continued fraction (26.2.14), from its far end. */
function millsRatio(x: number): number {
  let fraction = x
  for (let k = 200; k > 0; k--) fraction = x + k / fraction
  return 1 / fraction
}
