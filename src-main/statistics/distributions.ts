/**
 * Normal, Student's t and noncentral t: tails and quantiles, to about 1e-13 of the tail (noncentral t: 1e-11 absolute).
 * Sources: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6, 7.1.14 and 26.5.8; Lanczos (1964) for the
 * gamma function; Lenth (1989), algorithm AS 243, for the noncentral t.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** Logarithm of the gamma function. @param x above 0 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const base = x + 6.5
  let sum = lanczos[0]
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i] / (x - 1 + i)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

/** P(Z >= z) of the standard normal. */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return NaN
  if (z < 0) return 1 - normalTail(-z)
  if (z > 39) return 0
  const x = z / Math.SQRT2
  if (x < 1.5) {
    let term = x
    let sum = x
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= (2 * x * x) / (2 * k + 1)
      sum += term
    }
    return 0.5 - (sum * Math.exp(-x * x)) / Math.sqrt(Math.PI)
  }
  // Continued fraction, from its far end: 120 steps suffice from x = 1.5 on.
  let fraction = x
  for (let k = 120; k > 0; k--) fraction = x + k / 2 / fraction
  return Math.exp((-z * z) / 2) / (2 * Math.sqrt(Math.PI) * fraction)
}

/** z with P(Z <= z) = p. @param p 0 to 1; its ends give infinities */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity
  const tail = Math.min(p, 1 - p)
  if (tail === 0.5) return 0
  const t = Math.sqrt(-2 * Math.log(tail))
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  for (let step = 0; step < 4; step++) {
    const error = ((normalTail(z) - tail) * Math.sqrt(2 * Math.PI)) / Math.exp((-z * z) / 2)
    z += error / (1 - (z * error) / 2)
  }
  return p < 0.5 ? -z : z
}

/** The regularised incomplete beta function I_x(a, b), given x and 1 - x, of which one may be tiny. */
function incompleteBeta(a: number, b: number, x: number, rest: number): number {
  if (x <= 0) return 0
  if (rest <= 0) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, rest, x)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest)) / a
  // Lentz's evaluation of the continued fraction.
  const tiny = 1e-300
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < tiny ? tiny : d)
  let h = d
  for (let m = 1; m < 10000; m++) {
    let factor = 1
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 + numerator * d
      d = 1 / (Math.abs(d) < tiny ? tiny : d)
      c = 1 + numerator / c
      if (Math.abs(c) < tiny) c = tiny
      factor = c * d
      h *= factor
    }
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return front * h
}

/** P(T >= t) of Student's t. @param df degrees of freedom, above 0, not necessarily whole */
export function tTail(t: number, df: number): number {
  if (Number.isNaN(t)) return NaN
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1
  const square = t * t
  const half = incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square)) / 2
  return t >= 0 ? half : 1 - half
}

/** t with P(T >= t) = p. @param p inside (0, 1) */
export function tQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0)) return NaN
  if (p > 0.5) return -tQuantile(1 - p, df)
  return rootOf((t) => p - tTail(t, df), 0, 1)
}

/** P(T <= t) of the noncentral t. @param shift the noncentrality */
export function noncentralTBelow(t: number, df: number, shift: number): number {
  if (t < 0) return 1 - noncentralTBelow(-t, df, -shift)
  const x = (t * t) / (t * t + df)
  const rest = df / (t * t + df)
  const half = (shift * shift) / 2
  // The weights have their mode near `half`: from there outwards, as far as they count.
  const mode = Math.floor(half)
  const reach = Math.ceil(10 * Math.sqrt(half) + 40)
  const [first, last] = [Math.max(0, mode - reach), mode + reach]
  const poisson = poissonWeighted(half, 0.5, df / 2, [x, rest], [first, last])
  const odd = Math.sign(shift) * poissonWeighted(half, 1, df / 2, [x, rest], [first, last])
  return Math.min(1, Math.max(0, normalTail(shift) + (poisson + odd) / 2))
}

/**
 * Σ over j of e^-h h^(j + a - 1/2) / Γ(j + a + 1/2) times I_x(j + a, b), from the last j down: each incomplete beta
 * function follows from the one above it by adding a positive term.
 */
function poissonWeighted(
  half: number,
  a: number,
  b: number,
  [x, rest]: readonly [number, number],
  [first, last]: readonly [number, number],
): number {
  if (half === 0) return a === 0.5 ? incompleteBeta(a, b, x, rest) : 0
  const logWeight = (j: number): number => -half + (j + a - 0.5) * Math.log(half) - logGamma(j + a + 0.5)
  // I_x(j + a, b) - I_x(j + a + 1, b)
  const logStep = (j: number): number =>
    (j + a) * Math.log(x) + b * Math.log(rest) + logGamma(j + a + b) - logGamma(j + a + 1) - logGamma(b)
  let sum = 0
  // Below the range of float64 nothing can be carried down: each function is then computed by itself.
  if (!(logStep(last) > -690)) {
    for (let j = first; j <= last; j++) sum += Math.exp(logWeight(j)) * incompleteBeta(j + a, b, x, rest)
    return sum
  }
  let weight = Math.exp(logWeight(last))
  let beta = incompleteBeta(last + a, b, x, rest)
  let step = Math.exp(logStep(last))
  for (let j = last; j >= first; j--) {
    sum += weight * beta
    weight *= (j + a - 0.5) / half
    step *= (j + a) / (x * (j + a + b - 1))
    beta += step
  }
  return sum
}

/**
 * Zero of an increasing function, by widening an interval and halving it to the last bit.
 * @param from a point at or below the zero @param step first width tried; it doubles
 */
export function rootOf(increasing: (x: number) => number, from: number, step: number): number {
  let low = from
  let high = from + step
  for (let k = 0; k < 1000 && increasing(high) < 0; k++) {
    low = high
    high += step * 2 ** k
  }
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (increasing(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
