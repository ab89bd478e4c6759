type Vector = Float32Array | Float64Array

/** Sum in float64. */
export function sum(values: Vector): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}

/** Euclidean norm in float64. */
export function norm2(values: Vector): number {
  let square = 0
  for (let i = 0; i < values.length; i++) square += values[i] * values[i]
  return Math.sqrt(square)
}

/** Inner product of vectors of one length, in float64. */
export function dot(a: Vector, b: Vector): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}
