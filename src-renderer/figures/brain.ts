import type { SurfaceData } from '../../src-main/contract/study.ts'
import { beyondLimits, paintVertices, type ColourScale } from '../colormaps/scale.ts'
import { layoutPanels, noOrbit, type View } from '../cortex/camera.ts'
import { buildMesh, type Form } from '../cortex/geometry.ts'
import { drawCortex } from '../cortex/panels.ts'
import { colourBar, colourBarHeight } from '../plots/colourBar.ts'
import { element, text } from '../plots/svg.ts'
import { typeSizes, type Box } from './page.ts'
import { pngUrl } from './png.ts'

export interface BrainMap {
  readonly surface: SurfaceData
  /** float32 [vertices] a hemisphere; NaN where there is none. */
  readonly values: { readonly left: Float32Array; readonly right: Float32Array }
  readonly scale: ColourScale
  /** What the values are, with their unit. */
  readonly label: string
  readonly form: Form
  readonly view: View
  /** Of the picture: dots an inch of the printed figure. */
  readonly dpi: number
}

/** What the rasteriser draws at most: samples, of which a dot has samples². */
const mostDots = 64 * 1024 * 1024

/**
 * A panel's map on the cortex with its colour bar below; the cortex is an embedded PNG.
 * @throws RangeError when that would be beyond 64 million dots
 */
export function brainPanel({ surface, values, scale, label, form, view, dpi }: BrainMap, box: Box): string {
  const { width, theme } = box
  const size = typeSizes.body
  const bar = colourBarHeight(size)
  const height = box.height - bar
  const meshes = { left: buildMesh(surface.left, form), right: buildMesh(surface.right, form) }
  const colours = {
    left: paintVertices(values.left, meshes.left.underlay, scale),
    right: paintVertices(values.right, meshes.right.underlay, scale),
  }
  const scene = { meshes, colours, view, orbit: noOrbit }
  // A whole number of dots, so that the picture is as wide as it says.
  const density = Math.max(1, Math.round((width * dpi) / 96)) / width
  const rows = Math.max(1, Math.round(height * density)) / density
  const samples = width * rows * density ** 2 > mostDots / 4 ? 1 : 2
  const picture = drawCortex(scene, width, rows, density, samples)
  // In the outer corners, which a cortex leaves free.
  const names = layoutPanels(view, width, rows).map(({ hemisphere, aspect, x, y, width: own }) =>
    text(x === 0 ? 0 : x + own, y + size, `${hemisphere}, ${aspect}`, {
      ...{ size, fill: theme.quiet, anchor: x === 0 ? 'start' : 'end' },
    }),
  )
  const barWidth = width * 0.6
  return element(
    'g',
    {},
    element('image', { x: 0, y: 0, width, height: rows, href: pngUrl(picture), preserveAspectRatio: 'none' }),
    ...names,
    colourBar({
      ...{ scale, label, size, theme, x: (width - barWidth) / 2, y: height, width: barWidth },
      beyond: beyondLimits([values.left, values.right], scale),
    }),
  )
}
