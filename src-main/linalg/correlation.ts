/**
 * Pearson correlation of two stretches of numbers, in float64 whatever their element type.
 * @returns NaN where a side is constant, has a value that is not finite, or fewer than two values
 */
export function correlate(
  a: ArrayLike<number>,
  startA: number,
  b: ArrayLike<number>,
  startB: number,
  count: number,
): number {
  let sumA = 0
  let sumB = 0
  let constantA = true
  let constantB = true
  for (let i = 0; i < count; i++) {
    const u = a[startA + i]
    const v = b[startB + i]
    sumA += u
    sumB += v
    if (u !== a[startA]) constantA = false
    if (v !== b[startB]) constantB = false
  }
  if (constantA || constantB || !Number.isFinite(sumA) || !Number.isFinite(sumB)) return NaN
  const meanA = sumA / count
  const meanB = sumB / count
  // Scaled by the largest deviation, so that no square leaves the range of float64.
  let largestA = 0
  let largestB = 0
  for (let i = 0; i < count; i++) {
    largestA = Math.max(largestA, Math.abs(a[startA + i] - meanA))
    largestB = Math.max(largestB, Math.abs(b[startB + i] - meanB))
  }
  let squareA = 0
  let squareB = 0
  let product = 0
  for (let i = 0; i < count; i++) {
    const u = (a[startA + i] - meanA) / largestA
    const v = (b[startB + i] - meanB) / largestB
    squareA += u * u
    squareB += v * v
    product += u * v
  }
  const r = product / Math.sqrt(squareA * squareB)
  return Math.min(1, Math.max(-1, r))
}
