import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StimulusView } from '../../../src-main/contract/inspect.ts'
import { pointChart } from '../../../src-renderer/plots/pointChart.ts'
import { histogramChart, seriesChart } from '../../../src-renderer/plots/series.ts'
import { document } from '../../../src-renderer/plots/svg.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { overview } from '../../../src-renderer/plots/time/overview.ts'
import {
  around,
  formatTime,
  pixelOf,
  secondsAt,
  shortest,
  within,
  zoomed,
} from '../../../src-renderer/plots/time/span.ts'
import { spectrogramPixels, waveform, words } from '../../../src-renderer/plots/time/stimulus.ts'
import { sampleAt, trackOf } from '../../../src-renderer/plots/time/trackOf.ts'
import { timeTicks, timeTrack } from '../../../src-renderer/plots/time/tracks.ts'
import { largestWeights, weightChart } from '../../../src-renderer/plots/weightChart.ts'
import { syntheticInspection, syntheticPointScores } from '../syntheticInspection.ts'
import { elementsOf } from './xml.ts'

const theme = plotThemes.light
const time = fc.double({ min: -50, max: 500, noNaN: true })

describe('a stretch of time', () => {
  const whole = { from: -4, to: 300 }

  test('stays within the whole, and is never shorter than what there is to see', () => {
    fc.assert(
      fc.property(time, time, time, fc.double({ min: 0.01, max: 100, noNaN: true }), (a, b, at, factor) => {
        const span = within({ from: Math.min(a, b), to: Math.max(a, b) }, whole)
        for (const { from, to } of [
          span,
          zoomed(span, at, factor, whole),
          around({ from: a, to: a + 5 }, span, whole),
        ]) {
          expect(from).toBeGreaterThanOrEqual(whole.from - 1e-9)
          expect(to).toBeLessThanOrEqual(whole.to + 1e-9)
          expect(to - from).toBeGreaterThanOrEqual(shortest - 1e-9)
        }
      }),
    )
  })

  test('zooms about the time under the pointer', () => {
    const span = zoomed({ from: 100, to: 200 }, 150, 0.5, whole)
    expect(span).toEqual({ from: 125, to: 175 })
    expect(zoomed(span, 150, 2, whole)).toEqual({ from: 100, to: 200 })
  })

  test('pixels and seconds are each other’s inverse; times read as people say them', () => {
    const axis = { span: { from: 3, to: 9 }, left: 50, right: 650 }
    expect(pixelOf(axis, 6)).toBe(350)
    expect(secondsAt(axis, 350)).toBe(6)
    expect([formatTime(-2), formatTime(12.34), formatTime(64.5), formatTime(125, 0)]).toEqual([
      '−2.0 s',
      '12.3 s',
      '1:04.5',
      '2:05',
    ])
  })
})

describe('a track', () => {
  test('is one run, on the time of its stimulus; shifted back by the delay, moments too', () => {
    const track = trackOf(syntheticInspection, { run: 1, shifted: false, scaled: false })
    expect([...track.times]).toEqual([-1, 1, 3, 5])
    expect([...track.measured]).toEqual([1, 3, 1, 3])
    expect(track.moments).toMatchObject([{ from: 1, to: 5, kind: 'carries' }])
    const earlier = trackOf(syntheticInspection, { run: 1, shifted: true, scaled: true })
    expect([...earlier.times]).toEqual([-6, -4, -2, 0])
    expect([...earlier.measured]).toEqual([-1, 1, -1, 1])
    expect(earlier.moments).toMatchObject([{ from: -4, to: 0 }])
    // Constant where it is predicted: nothing to scale by.
    expect([...earlier.predicted]).toEqual([NaN, 0, 0, 0])
    expect([sampleAt(track, 1.4), sampleAt(track, 90)]).toEqual([1, -1])
  })

  test('is drawn as well-formed SVG, with gaps where there is no prediction', () => {
    const track = trackOf(syntheticInspection, { run: 1, shifted: false, scaled: false })
    const axis = { span: { from: -2, to: 8 }, left: 50, right: 450 }
    const drawn = timeTrack({ track, axis, top: 10, height: 120, theme, unit: 'z' })
    const svg = document(500, 160, 'x', drawn, timeTicks(axis, 140, 130, theme))
    const paths = elementsOf(svg, 'path').map(({ d }) => d ?? '')
    expect(paths[0].match(/[ML]/g)).toHaveLength(4)
    expect(paths[1].match(/[ML]/g)).toHaveLength(3)
    expect(svg).toContain('&lt;b&gt;')
  })

  test('is cut at both ends of the axis, where its lines are between two samples', () => {
    const track = trackOf(syntheticInspection, { run: 1, shifted: false, scaled: false })
    const axis = { span: { from: 0, to: 4 }, left: 50, right: 450 }
    const svg = document(500, 160, 'x', timeTrack({ track, axis, top: 10, height: 120, theme, unit: 'z' }))
    const [measured] = elementsOf(svg, 'path').map(({ d }) => d ?? '')
    const points = [...measured.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
    expect(points.map(([x]) => x)).toEqual([50, 150, 350, 450])
    // Samples of 1, 3, 1, 3 at −1, 1, 3, 5 s: halfway between two of them at either end.
    expect(points[0][1]).toBeCloseTo((points[1][1] + points[2][1]) / 2, 1)
    expect(points[3][1]).toBeCloseTo(points[0][1], 1)
    for (const { x, width } of elementsOf(svg, 'rect'))
      expect(Number(x) >= 50 && Number(x) + Number(width) <= 450.01).toBe(true)
  })
})

test('what was heard: peaks about the middle, words cut to the axis, the loudest band on top', () => {
  const view: StimulusView = {
    ...{ stimulus: 'a', from: 0, to: 4, seconds: 4, bands: 2, wordCount: 2 },
    peaks: Float32Array.of(-1, 1, -0.5, 0.5),
    mel: Uint8Array.of(0, 255, 128, 64),
    words: [
      { text: 'a & b', start: 0, end: 2 },
      { text: 'late', start: 9, end: 10 },
    ],
  }
  const axis = { span: { from: 0, to: 4 }, left: 0, right: 400 }
  const svg = document(400, 60, 'x', waveform(view, axis, 0, 40, theme), words(view, axis, 40, theme))
  expect(svg).toContain('a &amp; b')
  expect(svg).not.toContain('late')
  const pixels = spectrogramPixels(view, true)
  expect(pixels).toHaveLength(16)
  // Band 1 of column 0 is the loudest: the first pixel.
  expect(pixels[0]).toBeGreaterThan(pixels[8])
  const strip = overview({ axis, height: 44, view, moments: [], span: { from: 1, to: 2 }, theme })
  expect(elementsOf(document(400, 44, 'x', strip), 'rect').length).toBeGreaterThan(3)
})

test('scores at a place: a point a layer, its interval, the noise ceiling; nothing where nothing is finite', () => {
  const chart = {
    scores: syntheticPointScores,
    width: 400,
    height: 300,
    theme,
    subject: 's',
    selected: { model: 'm', layer: 'transf0' },
  }
  const svg = document(400, 300, 'x', pointChart(chart))
  expect(svg.match(/data-layer=/g)).toHaveLength(2)
  expect(svg).toContain('noise ceiling')
  expect(
    document(400, 300, 'x', pointChart({ ...chart, scores: { ...syntheticPointScores, rows: [], ceiling: null } })),
  ).not.toContain('NaN')
})

test('weights: the largest first, each times the SD of its regressor', () => {
  const largest = largestWeights(syntheticInspection.weights!, 2)
  expect(largest).toEqual([
    { label: 'unit 0, l, 2 TRs later', effect: 4 },
    { label: 'unit 1, l, 1 TR later', effect: -3 },
  ])
  expect(elementsOf(document(300, 80, 'x', weightChart(largest, 300, theme, 'SD')), 'rect')).toHaveLength(2)
})

test('series and histograms: spikes are marked, what is dropped is shaded, and nothing is no number', () => {
  const frame = { width: 300, height: 120, theme, xTitle: 's', yTitle: 'mm' }
  const drawn = seriesChart({
    ...{ ...frame, x: [0, 2, 4, 6], y: [NaN, 1, 9, 1], threshold: 5, fromZero: true },
    dropped: [{ from: 0, to: 2 }],
  })
  expect(elementsOf(document(300, 120, 'x', drawn), 'circle')).toHaveLength(1)
  expect(drawn).not.toContain('NaN')
  const bars = histogramChart({ ...frame, edges: [0, 1, 2], counts: [3, 1] })
  expect(elementsOf(document(300, 120, 'x', bars), 'rect')).toHaveLength(2)
  expect(histogramChart({ ...frame, edges: [], counts: [] })).not.toContain('NaN')
  expect(seriesChart({ ...frame, x: [], y: [] })).not.toContain('NaN')
})
