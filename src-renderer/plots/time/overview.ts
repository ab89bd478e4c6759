/** A whole run in small: what was heard, where the score is made, and which stretch is looked at. Pure. */
import type { StimulusView } from '../../../src-main/contract/inspect.ts'
import { element } from '../svg.ts'
import type { PlotTheme } from '../theme.ts'
import { pixelOf, type Span, type TimeAxis } from './span.ts'
import { waveform } from './stimulus.ts'
import { breaksColour, carriesColour, type TrackMoment } from './tracks.ts'

interface Overview {
  /** Over the whole run. */
  readonly axis: TimeAxis
  readonly height: number
  readonly view: StimulusView | null
  readonly moments: readonly TrackMoment[]
  readonly span: Span
  readonly theme: PlotTheme
}

/** @returns a `g` element */
export function overview({ axis, height, view, moments, span, theme }: Overview): string {
  const [left, right] = [pixelOf(axis, span.from), pixelOf(axis, span.to)]
  const shade = { y: 0, height, fill: theme.paper, 'fill-opacity': 0.65 }
  return element(
    'g',
    {},
    view ? waveform(view, axis, 4, height - 14, theme) : '',
    ...moments.map(({ from, to, kind }) =>
      element('rect', {
        ...{ x: pixelOf(axis, from), y: height - 8, height: 6 },
        width: Math.max(2, pixelOf(axis, to) - pixelOf(axis, from)),
        fill: kind === 'carries' ? carriesColour(theme) : breaksColour(theme),
      }),
    ),
    element('rect', { x: axis.left, width: Math.max(0, left - axis.left), ...shade }),
    element('rect', { x: right, width: Math.max(0, axis.right - right), ...shade }),
    element('rect', {
      ...{ x: left, y: 0.75, width: Math.max(2, right - left), height: height - 1.5, rx: 2 },
      ...{ fill: 'none', stroke: theme.series[0], 'stroke-width': 1.5 },
    }),
    ...[left, right].map((x) =>
      element('rect', { x: x - 2, y: height / 2 - 9, width: 4, height: 18, rx: 1.5, fill: theme.series[0] }),
    ),
  )
}
