/** What was heard, on the time axis: waveform, words, and the pixels of the spectrogram. Pure. */
import type { StimulusView } from '../../../src-main/contract/inspect.ts'
import { colourTable } from '../../colormaps/tables.ts'
import { element, escape, text, textWidth } from '../svg.ts'
import type { PlotTheme } from '../theme.ts'
import { pixelOf, type TimeAxis } from './span.ts'

/** @returns a `path` of a view's peaks, wherever it lies on the axis */
export function waveform(view: StimulusView, axis: TimeAxis, top: number, height: number, theme: PlotTheme): string {
  const columns = view.peaks.length / 2
  const step = (view.to - view.from) / columns
  const middle = top + height / 2
  const most = Math.max(1e-6, ...view.peaks.map(Math.abs))
  const place = (column: number, value: number) =>
    `${pixelOf(axis, view.from + (column + 0.5) * step).toFixed(1)} ${(middle - (value / most) * (height / 2)).toFixed(1)}`
  const upper: string[] = []
  const lower: string[] = []
  for (let column = 0; column < columns; column++) {
    const time = view.from + (column + 0.5) * step
    if (time < axis.span.from || time > axis.span.to) continue
    upper.push(place(column, view.peaks[2 * column + 1]))
    lower.push(place(column, view.peaks[2 * column]))
  }
  if (upper.length === 0) return ''
  return element(
    'g',
    {},
    element('title', {}, 'Waveform'),
    element('line', { x1: axis.left, x2: axis.right, y1: middle, y2: middle, stroke: theme.grid }),
    element('path', {
      d: `M${[...upper, ...lower.toReversed()].join('L')}Z`,
      fill: theme.quiet,
      stroke: theme.quiet,
      'stroke-width': 0.5,
    }),
  )
}

/** Words where they were said, cut to their room; a bar alone where there is none. */
export function words(view: StimulusView, axis: TimeAxis, top: number, theme: PlotTheme): string {
  return element(
    'g',
    {},
    ...view.words.map(({ text: word, start, end }) => {
      const left = Math.max(axis.left, pixelOf(axis, start))
      const right = Math.min(axis.right, pixelOf(axis, end))
      if (right <= left) return ''
      const fits = textWidth(word, 11) <= right - left + 4
      return element(
        'g',
        {},
        element('title', {}, escape(word)),
        element('rect', { x: left, y: top + 15, width: Math.max(1, right - left - 1), height: 2, fill: theme.quiet }),
        fits ? text((left + right) / 2, top + 11, word, { size: 11, fill: theme.ink, anchor: 'middle' }) : '',
      )
    }),
  )
}

/**
 * RGBA pixels of a view's spectrogram, [bands, columns], the highest band on top; clear where there is no audio.
 * @param dark dark themes have the loud bright, light ones the loud dark
 */
export function spectrogramPixels(view: StimulusView, dark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const { mel, bands, from, to, seconds } = view
  const columns = mel.length / bands
  const table = colourTable('magma')
  const pixels = new Uint8ClampedArray(4 * columns * bands)
  for (let band = 0; band < bands; band++)
    for (let column = 0; column < columns; column++) {
      const level = mel[column * bands + band]
      const at = 3 * (dark ? level : 255 - level)
      const time = from + ((column + 0.5) / columns) * (to - from)
      const alpha = time >= 0 && time <= seconds ? 255 : 0
      pixels.set([...table.subarray(at, at + 3), alpha], 4 * ((bands - 1 - band) * columns + column))
    }
  return pixels
}
