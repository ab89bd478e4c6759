import { HeschlError } from '../errors.ts'

export interface LayerPreference {
  /** [n_targets]: index of the best layer, the first of equals; 255 where no layer has a finite score. */
  readonly argmax: Uint8Array
  /** [n_targets]: centre of mass of the layers' positive scores, in layer indices; NaN where none is positive. */
  readonly centre: Float32Array
}

/**
 * Which layer predicts each target best (Millet et al. 2022, figure 3: argmax of the subjects' mean score).
 * @param maps one [n_targets] map a layer, in layer order, at most 255; values that are not finite are left out
 * @throws HeschlError SHAPE_MISMATCH
 */
export function layerPreference(maps: readonly Float32Array[]): LayerPreference {
  const targets = maps[0]?.length ?? 0
  if (maps.length === 0 || maps.length > 255 || maps.some((map) => map.length !== targets)) {
    throw new HeschlError('SHAPE_MISMATCH', 'The maps of the layers do not fit together', {
      expected: '1 to 255 maps of one length',
      found: `${maps.length} maps of ${[...new Set(maps.map((map) => map.length))].join(', ')} values`,
    })
  }
  const argmax = new Uint8Array(targets).fill(255)
  const centre = new Float32Array(targets)
  for (let j = 0; j < targets; j++) {
    let best = -Infinity
    let mass = 0
    let moment = 0
    for (let layer = 0; layer < maps.length; layer++) {
      const score = maps[layer][j]
      if (!Number.isFinite(score)) continue
      if (score > best) {
        best = score
        argmax[j] = layer
      }
      mass += Math.max(0, score)
      moment += layer * Math.max(0, score)
    }
    centre[j] = moment / mass
  }
  return { argmax, centre }
}
