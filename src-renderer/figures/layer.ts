import type { ScoreTable } from '../../src-main/contract/study.ts'
import { layerChart } from '../plots/layerChart.ts'
import { element } from '../plots/svg.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'
import { frame, margin, type Caption } from './frame.ts'

export interface LayerFigure extends Caption {
  readonly table: Pick<ScoreTable, 'models' | 'rows' | 'measure'>
  readonly theme: ThemeName
  /** Of the chart, CSS pixels. */
  readonly width: number
  readonly height: number
}

/** Mean score by layer, one line a model, as a whole SVG document. */
export function layerFigure(figure: LayerFigure): string {
  const { table, width, height } = figure
  const theme = plotThemes[figure.theme]
  return frame(width + 2 * margin, theme, figure, height, (top) =>
    element(
      'g',
      { transform: `translate(${margin} ${top})` },
      layerChart({ table, width, height, theme, selected: null }),
    ),
  )
}
