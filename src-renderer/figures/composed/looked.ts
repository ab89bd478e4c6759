/** What Why here and Quality show, as panels of a page. */
import type { PagePanel } from '../../../src-main/contract/figurePage.ts'
import { formatValue } from '../../plots/format.ts'
import { pointChart } from '../../plots/pointChart.ts'
import { qualityChartNames, qualityCharts } from '../../plots/qualityCharts.ts'
import { element, text } from '../../plots/svg.ts'
import { spectrogramPixels, waveform, words } from '../../plots/time/stimulus.ts'
import { trackOf } from '../../plots/time/trackOf.ts'
import { timeTicks, timeTrack } from '../../plots/time/tracks.ts'
import { pixelOf, type TimeAxis } from '../../plots/time/span.ts'
import type { Box } from '../page.ts'
import { pngUrl } from '../png.ts'
import { answerTo, inspectionNeed, pointScoresNeed, recordingNeed, stimulusNeed, type PageData } from './needs.ts'
import { scaled, type Drawable, type Problem } from './drawable.ts'

type Of<Show extends PagePanel['show']> = Extract<PagePanel, { show: Show }>

export function pointPanel({ place, subject }: Of<'point'>, data: PageData): Drawable | Problem {
  const scores = answerTo(pointScoresNeed(place), data)
  if (scores.rows.length === 0) return { problem: `The study has no scores at ${scores.place.label} yet` }
  return {
    heading: `Score by layer, ${scores.place.label}`,
    draw: (box) => scaled(box, (inner) => pointChart({ ...inner, scores, subject, selected: null })),
  }
}

/** As in the window: pixels of the top of waveform, spectrogram, words and tracks, and their heights. */
const [waveTop, waveHeight, melTop, melHeight, wordsTop, tracksTop] = [0, 34, 38, 44, 86, 110] as const
const [left, rightMargin, axisHeight, titleHeight] = [52, 6, 20, 18] as const

export function coursePanel(panel: Of<'course'>, data: PageData): Drawable | Problem {
  const found = answerTo(inspectionNeed(panel), data)
  const view = answerTo(stimulusNeed(panel), data)
  const run = found[0]?.runs[panel.run]
  if (run?.stimulus !== panel.stimulus)
    return { problem: `Run ${panel.run + 1} of ${panel.points[0].subject} is no longer of ${panel.stimulus}` }
  return { heading: `Measured and predicted, ${panel.stimulus}`, draw: (box) => scaled(box, draw) }

  function draw({ width, height, theme }: Box): string {
    const axis: TimeAxis = { span: panel.span, left, right: width - rightMargin }
    const high = Math.max(30, (height - tracksTop - axisHeight) / found.length - titleHeight)
    const small = { size: 11, fill: theme.quiet, anchor: 'end' } as const
    const spectrogram = {
      width: view.mel.length / view.bands,
      height: view.bands,
      rgba: new Uint8Array(spectrogramPixels(view, false).buffer),
    }
    const [from, to] = [pixelOf(axis, view.from), pixelOf(axis, view.to)]
    return element(
      'g',
      {},
      timeTicks(axis, height - axisHeight, height - axisHeight - tracksTop, theme),
      text(left - 6, waveTop + waveHeight / 2 + 4, 'wave', small),
      text(left - 6, melTop + melHeight / 2 + 4, '0–8 kHz', small),
      waveform(view, axis, waveTop, waveHeight, theme),
      element('image', {
        ...{ x: from, y: melTop, width: to - from, height: melHeight },
        ...{ href: pngUrl(spectrogram), preserveAspectRatio: 'none' },
      }),
      words(view, axis, wordsTop, theme),
      ...found.map((one, i) => {
        const top = tracksTop + i * (high + titleHeight) + titleHeight - 2
        const { name, colour } = panel.points[i]
        const track = trackOf(one, { run: panel.run, shifted: panel.shifted, scaled: panel.scaled })
        const unit = panel.scaled ? 'z' : one.unit
        return element(
          'g',
          {},
          element('circle', {
            cx: left + 6,
            cy: top - 6,
            r: 5,
            fill: colour,
            stroke: theme.quiet,
            'stroke-width': 0.5,
          }),
          text(left + 16, top - 2, name, { size: 11, fill: theme.ink, weight: 600 }),
          text(axis.right, top - 2, `${one.measure.symbol} ${formatValue(one.stored)}`, {
            ...{ size: 11, fill: theme.ink, anchor: 'end' },
          }),
          timeTrack({ track, axis, top, height: high, theme, unit }),
        )
      }),
    )
  }
}

export function qualityPanel({ subject, run, chart }: Of<'quality'>, data: PageData): Drawable | Problem {
  const recording = answerTo(recordingNeed({ subject, run }), data)
  const found = qualityCharts(recording).find(({ id }) => id === chart)
  if (!found)
    return { problem: `The recording has no ${qualityChartNames[chart].toLowerCase()}: no motion is known of it` }
  return {
    heading: `${found.name}, ${subject}, ${recording.stimulus}`,
    draw: (box) => scaled(box, found.draw),
  }
}
