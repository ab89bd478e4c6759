import { trainingChart, type TrainingChart } from '../plots/trainingChart.ts'
import { element } from '../plots/svg.ts'
import { plotThemes, type ThemeName } from '../plots/theme.ts'
import { frame, margin, type Caption } from './frame.ts'

export interface TrainingFigure extends Caption, Omit<TrainingChart, 'theme' | 'selected'> {
  readonly theme: ThemeName
}

/** Score of one layer along a training, as a whole SVG document; width and height are the chart's, CSS pixels. */
export function trainingFigure(figure: TrainingFigure): string {
  const theme = plotThemes[figure.theme]
  return frame(figure.width + 2 * margin, theme, figure, figure.height, (top) =>
    element('g', { transform: `translate(${margin} ${top})` }, trainingChart({ ...figure, theme, selected: null })),
  )
}
