/** One map on the cortex as a figure of its own, at a printed size. */
import { automaticLimits, automaticThreshold, type ColourScale, type Limits } from '../colormaps/scale.ts'
import type { ColormapName } from '../colormaps/tables.ts'
import { element } from '../plots/svg.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'
import { brainPanel, type BrainMap } from './brain.ts'
import { headed, mm, placed, sheet } from './page.ts'
import { percentilesOf } from './scores.ts'

export interface MapFigure extends Omit<BrainMap, 'scale' | 'label'> {
  readonly label: string
  /** Above it; empty for none. */
  readonly title: string
  readonly widthMm: number
  readonly heightMm: number
  readonly theme: ThemeName
  readonly colormap: ColormapName
  /** null: from the map's percentiles. */
  readonly limits: Limits | null
  /** Of a diverging colour map with automatic limits. */
  readonly centre: number
  /** `automatic`: from the map's percentiles; null colours all. */
  readonly threshold: number | 'automatic' | null
}

const margin = mm

/**
 * @returns a whole SVG document, and the scale that it has
 * @throws RangeError as `brainPanel`
 */
export function mapFigure(figure: MapFigure): { readonly svg: string; readonly scale: ColourScale } {
  const { values, title, widthMm, heightMm, colormap, centre, threshold } = figure
  const percentiles = percentilesOf([values.left, values.right])
  const scale: ColourScale = {
    colormap,
    limits: figure.limits ?? automaticLimits(percentiles, colormap, centre),
    threshold: threshold === 'automatic' ? automaticThreshold(percentiles, colormap) : threshold,
  }
  const theme = plotThemes[figure.theme]
  const box = { width: widthMm * mm - 2 * margin, height: heightMm * mm - 2 * margin, theme }
  const drawn = headed('', { heading: title, draw: (own) => brainPanel({ ...figure, scale }, own) }, box)
  const paper = element('rect', { x: 0, y: 0, width: widthMm * mm, height: heightMm * mm, fill: theme.paper })
  return { svg: sheet(widthMm, heightMm, title || figure.label, paper, placed(margin, margin, drawn)), scale }
}
