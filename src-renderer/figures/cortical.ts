import type { ScoreMap, SurfaceData } from '../../src-main/contract/study.ts'
import { beyondLimits, paintVertices, type ColourScale } from '../colormaps/scale.ts'
import { colormapLabel } from '../colormaps/tables.ts'
import { layoutPanels, type Orbit, type View } from '../cortex/camera.ts'
import { morphText, type Form, type Morph } from '../cortex/forms.ts'
import { buildMesh } from '../cortex/geometry.ts'
import { drawCortex } from '../cortex/panels.ts'
import { colourBar, colourBarHeight } from '../plots/colourBar.ts'
import { formatLimit } from '../plots/format.ts'
import { element, text } from '../plots/svg.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'
import { frame, margin, type Caption } from './frame.ts'
import { pngUrl } from './png.ts'

export interface CorticalFigure extends Caption {
  readonly surface: SurfaceData
  readonly map: Pick<ScoreMap, 'left' | 'right' | 'label' | 'key'>
  readonly form: Form | Morph
  readonly view: View
  readonly orbit: Orbit
  readonly scale: ColourScale
  readonly theme: ThemeName
  /** Of the cortex itself, CSS pixels; the figure adds margins, caption and colour bar. */
  readonly width: number
  readonly height: number
  /** Picture pixels a CSS pixel. */
  readonly density: number
}

/**
 * A map on the cortex as a whole SVG document, the cortex itself as an embedded PNG.
 *
 * @throws RangeError when the surface's arrays disagree, or the picture is too large
 */
export function corticalFigure(figure: CorticalFigure): string {
  const { surface, map, form, view, orbit, scale, width, height, density } = figure
  const theme = plotThemes[figure.theme]
  const meshes = { left: buildMesh(surface.left, form), right: buildMesh(surface.right, form) }
  const colours = {
    left: paintVertices(map.left, meshes.left.underlay, scale),
    right: paintVertices(map.right, meshes.right.underlay, scale),
  }
  const picture = drawCortex({ meshes, colours, view, orbit }, width, height, density, density > 1 ? 2 : 3)
  const labels = layoutPanels(view, width, height).map((panel) => ({
    x: margin + panel.x + 4,
    y: panel.y + 14,
    words: `${panel.hemisphere === 'left' ? 'Left' : 'Right'}, ${panel.aspect}`,
  }))
  const barWidth = Math.min(360, width - 80)
  const caption = { ...figure, provenance: [...figure.provenance, describeScale(figure)] }
  return frame(width + 2 * margin, theme, caption, height + 16 + colourBarHeight(), (top) =>
    [
      element('image', { x: margin, y: top, width, height, href: pngUrl(picture), preserveAspectRatio: 'none' }),
      ...labels.map(({ x, y, words }) => text(x, top + y, words, { size: 11, fill: theme.quiet })),
      colourBar({
        scale,
        label: map.label,
        beyond: beyondLimits([map.left, map.right], scale),
        x: margin + (width - barWidth) / 2,
        y: top + height + 16,
        width: barWidth,
        theme,
      }),
    ].join(''),
  )
}

function describeScale({ surface, map, form, scale }: CorticalFigure): string {
  const { low, high } = scale.limits
  const threshold = scale.threshold === null ? 'no threshold' : `threshold ${formatLimit(scale.threshold)}`
  const surfaceWords = `${surface.name}${surface.schematic ? ' (not anatomical)' : ''}, ${morphText(form)}`
  return (
    `${surfaceWords}; ${colormapLabel(scale.colormap)}, limits ${formatLimit(low)} to ${formatLimit(high)}, ${threshold}` +
    (map.key === '' ? '' : `; key ${map.key}`)
  )
}
