import { tQuantile } from '../../statistics/index.ts'

/** Mean over some targets of a map, those that have a value; NaN where none has. */
export function meanAt(map: ArrayLike<number>, targets: Iterable<number>): number {
  let [sum, count] = [0, 0]
  for (const target of targets) {
    if (Number.isNaN(map[target])) continue
    sum += map[target]
    count++
  }
  return sum / count
}

/** Mean over subjects with Student's interval of 95 %, of those that have a value; NaN where there are too few. */
export function meanInterval(values: ArrayLike<number>): {
  readonly mean: number
  readonly low: number
  readonly high: number
} {
  const there = Array.from(values).filter((value) => !Number.isNaN(value))
  const n = there.length
  const mean = there.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { mean, low: NaN, high: NaN }
  const variance = there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const reach = tQuantile(0.025, n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - reach, high: mean + reach }
}
