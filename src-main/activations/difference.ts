/** How far two providers' numbers lie apart. */
import type { Tensor } from 'onnxruntime-node'

export interface Difference {
  /** The largest absolute difference over the layer's standard deviation; infinite where anything is not finite. */
  readonly largest: number
  /** The layer, or graph output, that has it. */
  readonly layer: string
}

type Outputs = Readonly<Record<string, Tensor>>

/** Of two runs of one graph on the same inputs, over its float32 outputs. */
export function differenceOf(found: Outputs, expected: Outputs): Difference {
  let worst: Difference = { largest: 0, layer: '' }
  for (const [layer, { data }] of Object.entries(expected)) {
    if (!(data instanceof Float32Array)) continue
    const largest = scaledDifference(found[layer].data as Float32Array, data)
    if (largest > worst.largest) worst = { largest, layer }
  }
  return worst
}

/**
 * max |found − expected| / SD(expected), in float64. A layer that does not vary is compared as it is.
 */
export function scaledDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity
  let [sum, squares, largest] = [0, 0, 0]
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i])
    if (!Number.isFinite(difference)) return Infinity
    largest = Math.max(largest, difference)
    sum += expected[i]
  }
  const mean = sum / expected.length
  for (const value of expected) squares += (value - mean) ** 2
  return largest === 0 ? 0 : largest / (Math.sqrt(squares / expected.length) || 1)
}
