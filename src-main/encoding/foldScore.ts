import { correlate } from '../linalg/correlation.ts'
import type { Prediction } from './solver.ts'

/**
 * Pearson's r of held-out samples and row `t` of a prediction; 0 where a side is constant, or would be but for
 * rounding.
 */
export function foldScore(heldOut: Float32Array, { values, resolution }: Prediction, t: number): number {
  const count = heldOut.length
  const start = t * values.cols
  let sum = 0
  for (let i = 0; i < count; i++) sum += values.data[start + i]
  const mean = sum / count
  let square = 0
  for (let i = 0; i < count; i++) square += (values.data[start + i] - mean) ** 2
  if (!(Math.sqrt(square / count) > resolution[t])) return 0
  const r = correlate(heldOut, 0, values.data, start, count)
  return Number.isNaN(r) ? 0 : r
}
