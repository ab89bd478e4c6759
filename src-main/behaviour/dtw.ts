/**
 * Dynamic time warping of two items' frames.
 *
 * `standard`: D(i, j) = C(i, j) + min(D(i-1, j-1), D(i-1, j), D(i, j-1)) (Sakoe and Chiba 1978, symmetric, weights 1).
 * `as-published`: the released code of Millet et al. (JAMJU/Sel_supervised_models_perception_biases, dtw.py) clamps the
 * indices of the predecessors to the last but one, so that a path cannot move along the last row or the last column; an
 * item of one frame is then infinitely far from all longer ones.
 */
export type DtwVariant = 'standard' | 'as-published'

/** Room for the rows of the accumulated costs; grows as needed. */
let above = new Float64Array(0)
let current = new Float64Array(0)

/**
 * Accumulated cost of the best path from the first pair of frames to the last.
 * @param costs [rows, cols], row-major: the frames' distances; NaN where one has none, which makes the result NaN
 */
export function warpedCost(costs: ArrayLike<number>, rows: number, cols: number, variant: DtwVariant): number {
  if (above.length < cols + 1) {
    above = new Float64Array(2 * cols + 1)
    current = new Float64Array(2 * cols + 1)
  }
  // above[j + 1] = D(i-1, j), with D(-1, -1) = 0 and Infinity elsewhere outside.
  above.fill(Infinity, 0, cols + 1)
  above[0] = 0
  for (let i = 0; i < rows; i++) {
    const lastRow = variant === 'as-published' && i === rows - 1
    current[0] = Infinity
    for (let j = 0; j < cols; j++) {
      const lastCol = variant === 'as-published' && j === cols - 1
      let least = above[j]
      if (!lastCol && above[j + 1] < least) least = above[j + 1]!
      if (!lastRow && current[j] < least) least = current[j]!
      current[j + 1] = costs[i * cols + j] + least
    }
    const swap = above
    above = current
    current = swap
  }
  return above[cols]
}
