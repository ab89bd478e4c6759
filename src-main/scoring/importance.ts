import { HeschlError } from '../errors.ts'
import { zeros32 } from '../linalg/matrix.ts'
import type { Matrix, Matrix32 } from '../linalg/matrix.ts'

/**
 * Importance of each layer, or feature space, in a regression on all of them side by side: the mean absolute weight of
 * its units. The folds' weights are to be averaged before, with their signs.
 * Source: Millet et al. (2022), released code.
 * @param weights [n_features, n_targets]
 * @param sizes features of each layer, in order
 * @returns [layers, n_targets]; NaN where a weight is
 * @throws HeschlError SHAPE_MISMATCH
 */
export function layerImportance({ data, rows, cols }: Matrix, sizes: readonly number[]): Matrix32 {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total !== rows || sizes.some((size) => !(Number.isInteger(size) && size >= 1))) {
    throw new HeschlError('SHAPE_MISMATCH', 'The weights are not those of these layers', {
      expected: `${rows} features in layers of at least one`,
      found: `${total} features in layers of ${sizes.join(', ')}`.slice(0, 200),
    })
  }
  const out = zeros32(sizes.length, cols)
  const sums = new Float64Array(cols)
  let row = 0
  for (const [layer, size] of sizes.entries()) {
    sums.fill(0)
    for (const end = row + size; row < end; row++)
      for (let j = 0; j < cols; j++) sums[j] += Math.abs(data[row * cols + j])
    for (let j = 0; j < cols; j++) out.data[layer * cols + j] = sums[j] / size
  }
  return out
}
