/**
 * Mean of the first `count` values, which are finite, root of their summed squared deviations from it, and skewness
 * Σ d³ / (Σ d²)^1.5. Values that are all the same have exactly that mean, and no rounding error passes for variance;
 * nothing leaves the range of float64 that the values themselves are in.
 */
export function momentsOf(values: Float64Array, count: number): { mean: number; norm: number; skewness: number } {
  let largest = 0
  let equal = true
  for (let i = 0; i < count; i++) {
    largest = Math.max(largest, Math.abs(values[i]))
    if (values[i] !== values[0]) equal = false
  }
  if (equal) return { mean: values[0], norm: 0, skewness: 0 }
  let sum = 0
  for (let i = 0; i < count; i++) sum += values[i] / largest
  const mean = sum / count
  let furthest = 0
  for (let i = 0; i < count; i++) furthest = Math.max(furthest, Math.abs(values[i] / largest - mean))
  let squares = 0
  let cubes = 0
  for (let i = 0; i < count; i++) {
    const deviation = (values[i] / largest - mean) / furthest
    squares += deviation ** 2
    cubes += deviation ** 3
  }
  return { mean: mean * largest, norm: Math.sqrt(squares) * furthest * largest, skewness: cubes / squares ** 1.5 }
}
