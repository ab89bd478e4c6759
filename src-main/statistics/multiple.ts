/** Corrections for many tests. What was not tested (NaN) is left out: it neither counts nor gets a number. */
import { HeschlError } from '../errors.ts'
import type { MapTest } from './result.ts'

export const corrections = {
  bonferroni: 'Bonferroni',
  holm: 'Holm',
  'benjamini-hochberg': 'Benjamini–Hochberg',
  'benjamini-yekutieli': 'Benjamini–Yekutieli',
} as const

/**
 * `bonferroni`, `holm` (1979): family-wise error. `benjamini-hochberg` (1995): false discovery rate under independence
 * or positive dependence; `benjamini-yekutieli` (2001): under any dependence.
 */
export type Correction = keyof typeof corrections

/**
 * Adjusted p values: a test is significant at level q where its adjusted p is at most q.
 * @param p [tests], each 0 to 1 or NaN
 * @returns [tests]; NaN where `p` is
 * @throws HeschlError NUMERICAL where a value is no probability
 */
export function adjust(p: Float64Array, correction: Correction): Float64Array {
  const tested = Uint32Array.from(p.keys()).filter((i) => !Number.isNaN(p[i]))
  for (const i of tested) {
    if (!(p[i] >= 0 && p[i] <= 1)) {
      throw new HeschlError('NUMERICAL', 'A p value is no probability', { expected: '0 to 1', found: `${p[i]}` })
    }
  }
  const sorted = Float64Array.from(tested, (i) => p[i]).sort()
  const count = sorted.length
  const adjusted = adjustSorted(sorted, correction)
  const out = new Float64Array(p.length).fill(NaN)
  // Equal p values get one adjusted value: that of any of them, as both directions are monotone.
  for (const i of tested) out[i] = adjusted[lowerBound(sorted, p[i], count)]
  return out
}

function adjustSorted(sorted: Float64Array, correction: Correction): Float64Array {
  const count = sorted.length
  const adjusted = new Float64Array(count)
  if (correction === 'bonferroni' || correction === 'holm') {
    let most = 0
    for (let i = 0; i < count; i++) {
      most = Math.max(most, Math.min(1, sorted[i] * (correction === 'holm' ? count - i : count)))
      adjusted[i] = most
    }
    return adjusted
  }
  let factor = count
  if (correction === 'benjamini-yekutieli') {
    factor = 0
    for (let i = 1; i <= count; i++) factor += count / i
  }
  let least = 1
  for (let i = count - 1; i >= 0; i--) {
    least = Math.min(least, (sorted[i] * factor) / (i + 1))
    adjusted[i] = least
  }
  return adjusted
}

/** First index whose value is not below `value`. */
function lowerBound(sorted: Float64Array, value: number, count: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** A map's p values adjusted for its own vertices that were tested, and the description that says so. */
export function corrected(map: MapTest, correction: Correction): MapTest {
  const tests = map.p.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  const words = `${corrections[correction]} over ${tests.toLocaleString('en')} tests`
  return { ...map, p: adjust(map.p, correction), test: { ...map.test, correction: words } }
}
