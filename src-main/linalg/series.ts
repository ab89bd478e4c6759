import { HeschlError } from '../errors.ts'
import { correlate } from './correlation.ts'

/**
 * Pearson's r of two equally long series.
 * @returns NaN where a side is constant or has a value that is not finite
 * @throws HeschlError SHAPE_MISMATCH
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  sameLength(a, b)
  return correlate(a, 0, b, 0, a.length)
}

/**
 * Spearman's rho: Pearson's r of the ranks, ties sharing their mean rank.
 * @returns NaN where a side is constant or has a NaN
 * @throws HeschlError SHAPE_MISMATCH
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  sameLength(a, b)
  return correlate(ranks(a), 0, ranks(b), 0, a.length)
}

/** Ranks from 1; equal values share the mean of their ranks. A NaN anywhere makes every rank NaN. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j])
  const out = new Float64Array(values.length)
  for (let first = 0; first < order.length;) {
    const value = values[order[first]]
    if (Number.isNaN(value)) return out.fill(NaN)
    let last = first
    while (last + 1 < order.length && values[order[last + 1]] === value) last++
    for (let i = first; i <= last; i++) out[order[i]] = (first + last) / 2 + 1
    first = last + 1
  }
  return out
}

function sameLength(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length) {
    throw new HeschlError('SHAPE_MISMATCH', 'Two series to correlate differ in length', {
      expected: `${a.length} values`,
      found: `${b.length} values`,
    })
  }
}
