/** A recording's tSNR on the cortex: what the page of qualities shows. */
import type { SurfaceData } from '../../src-main/contract/study.ts'
import { automaticLimits } from '../colormaps/scale.ts'
import { brainPanel } from './brain.ts'
import type { Box } from './page.ts'

/**
 * Limits are the 2nd and 98th percentile of the vertices that vary, which the colour bar says; others are not coloured.
 * @param tsnr [vertices], left before right; 0 for a constant vertex, NaN for one that is not finite
 * @returns null where there is no cortex to draw on, or not these vertices
 * @throws RangeError as `brainPanel`
 */
export function tsnrMap(surface: SurfaceData, tsnr: Float32Array, dpi: number, box: Box): string | null {
  const split = surface.left.sulc.length
  if (surface.voxels || split + surface.right.sulc.length !== tsnr.length) return null
  const shown = tsnr.map((value) => (value === 0 ? NaN : value))
  const sorted = shown.filter(Number.isFinite).toSorted()
  if (sorted.length === 0) return null
  const [low, middle, high] = [0.02, 0.5, 0.98].map((share) => sorted[Math.round(share * (sorted.length - 1))])
  const colormap = 'viridis'
  return brainPanel(
    {
      surface,
      values: { left: shown.subarray(0, split), right: shown.subarray(split) },
      ...{ form: 'inflated', view: 'overview', dpi },
      scale: { colormap, limits: automaticLimits([low, middle, high], colormap, 0), threshold: null },
      label: 'tSNR: mean over SD over time (no unit)',
    },
    box,
  )
}
