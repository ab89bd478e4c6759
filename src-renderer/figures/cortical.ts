import type { ScoreMap, SurfaceData } from '../../src-main/contract/study.ts'
import { beyondLimits, paintVertices, type ColourScale } from '../colormaps/scale.ts'
import { colormapLabel } from '../colormaps/tables.ts'
import { layoutPanels, panelCameras, type Orbit, type View } from '../cortex/camera.ts'
import { valuesOnMesh, type DiscLook } from '../cortex/discs.ts'
import { morphText, type Form, type Morph } from '../cortex/forms.ts'
import { buildMesh } from '../cortex/geometry.ts'
import { drawCortex } from '../cortex/panels.ts'
import { drawBorders, regionBorders } from '../cortex/regionNames.ts'
import { colourBar, colourBarHeight } from '../plots/colourBar.ts'
import { formatLimit } from '../plots/format.ts'
import { element, text } from '../plots/svg.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'
import { drawMarks, type Marks } from './marks.ts'
import { placed } from './page.ts'
import { frame, margin, type Caption } from './frame.ts'
import { pngUrl } from './png.ts'

export interface CorticalFigure extends Caption {
  readonly surface: SurfaceData
  readonly map: Pick<ScoreMap, 'left' | 'right' | 'label' | 'key'>
  readonly form: Form | Morph
  readonly view: View
  readonly orbit: Orbit
  /** How electrodes are shown, where there are some. */
  readonly discs?: DiscLook | undefined
  /** Lines between regions. */
  readonly outlines?: boolean
  /** What lies over it; nothing where it is left out. */
  readonly marks?: Marks
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
  const { surface, map, form, view, orbit, discs, scale, width, height, density } = figure
  const theme = plotThemes[figure.theme]
  const meshes = { left: buildMesh(surface.left, form, discs), right: buildMesh(surface.right, form, discs) }
  const colours = {
    left: paintVertices(valuesOnMesh(map.left, meshes.left), meshes.left.underlay, scale),
    right: paintVertices(valuesOnMesh(map.right, meshes.right), meshes.right.underlay, scale),
  }
  if (figure.outlines)
    for (const side of ['left', 'right'] as const) drawBorders(colours[side], regionBorders(surface[side]))
  const picture = drawCortex({ meshes, colours, view, orbit }, width, height, density, density > 1 ? 2 : 3)
  const panels = layoutPanels(view, width, height)
  const cameras = panelCameras(panels, meshes, orbit)
  const seen = panels.map((panel, i) => ({ panel, camera: cameras[i], mesh: meshes[panel.hemisphere] }))
  const marks = figure.marks ? drawMarks(seen, surface, figure.marks, 10, theme) : ''
  const labels = panels.map((panel) => ({
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
      marks === '' ? '' : placed(margin, top, marks),
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
