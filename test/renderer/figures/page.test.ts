import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { barChart, type BarChart } from '../../../src-renderer/figures/bars.ts'
import { brainPanel } from '../../../src-renderer/figures/brain.ts'
import { mm, page, typeSizes, type Box, type Panel } from '../../../src-renderer/figures/page.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { isWellFormed } from '../plots/xml.ts'
import { syntheticScores, syntheticSurface } from '../syntheticCortex.ts'

const boxes: Box[] = []
const panel = (heading: string, rest: Partial<Panel> = {}): Panel => ({
  ...{ name: heading, heading, heightMm: 40 },
  draw: (box) => {
    boxes.push(box)
    return ''
  },
  ...rest,
})
const drawnPage = (widthMm: number, notice: string | null, rows: readonly (readonly Panel[])[]) => {
  boxes.length = 0
  return page({ title: 'Scores', notice, widthMm, theme: 'light', rows })
}
const sizeOf = (svg: string) => {
  const [, width, height, w, h] = /width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 ([\d.]+) ([\d.]+)"/
    .exec(svg)!
    .map(Number)
  return { width, height, w, h }
}

describe('a page of panels', () => {
  const rows = [[panel('Map', { share: 2, leastMm: 80 }), panel('Bars', { leastMm: 40 })], [panel('Regions')]]

  test('is as wide as asked for in millimetres, and drawn at 96 pixels to the inch', () => {
    const { width, height, w, h } = sizeOf(drawnPage(180, null, rows))
    expect(width).toBe(180)
    expect(w).toBeCloseTo(180 * mm, 2)
    expect(h / height).toBeCloseTo(96 / 25.4, 3)
  })
  test('letters panels in the order of reading', () => {
    const letters = [...drawnPage(180, null, rows).matchAll(/font-weight="600"[^>]*>(.)</g)].map(([, each]) => each)
    expect(letters).toEqual(['A', 'B', 'C'])
  })
  test('shares a row, and breaks it where a panel would be too narrow', () => {
    drawnPage(180, null, rows)
    expect(boxes.map(({ width }) => Math.round(width / mm))).toEqual([116, 58, 178])
    drawnPage(85, null, rows)
    expect(boxes.map(({ width }) => Math.round(width / mm))).toEqual([83, 83, 83])
  })
  test('draws the notice, and tells it to who cannot see', () => {
    const svg = drawnPage(180, 'Listeners are simulated.', rows)
    expect(svg).toMatch(/<text[^>]*>Listeners are simulated\.</)
    expect(svg).toContain('<title>Scores. Listeners are simulated.</title>')
    expect(drawnPage(180, null, rows)).toContain('<title>Scores</title>')
  })
  test('has no type below 7 points', () => expect(typeSizes.body).toBeCloseTo((7 * 96) / 72))
})

const box: Box = { width: 300, height: 200, theme: plotThemes.light }

describe('bars', () => {
  const chart: BarChart = {
    axis: 'mean Pearson r',
    colours: ['#0b65a8', '#c2500a'],
    legend: [{ label: 'noise ceiling', colour: '#000000', kind: 'level' }],
    groups: [
      {
        name: 'STG',
        level: 0.2,
        bars: [
          { value: 0.1, interval: [0.08, 0.13], points: [0.09, 0.11, NaN], mark: '*' },
          { value: -0.02, interval: null, points: [-0.02], mark: '' },
        ],
      },
      { name: 'IFG', level: null, bars: [null, { value: NaN, interval: null, points: [], mark: '*' }] },
    ],
  }
  const svg = barChart(chart, box)
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((each) =>
    each.slice(1).map(Number),
  )
  const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((each) => each.slice(1).map(Number))

  test('stand on 0 and end at their values, whatever the sign', () => {
    expect(bars).toHaveLength(2)
    const [[, top, , height], [, zero, , depth]] = bars as [number[], number[]]
    expect(top + height).toBeCloseTo(zero, 1)
    expect(depth / height).toBeCloseTo(0.2, 1)
    // A subject's point lies where a bar of its value would end.
    expect(points[2][1]).toBeCloseTo(zero + depth, 1)
  })
  test('have a point for every subject with a value, within the bar’s width', () => {
    expect(points).toHaveLength(3)
    for (const [x] of points.slice(0, 2)) {
      expect(x).toBeGreaterThan(bars[0][0])
      expect(x).toBeLessThan(bars[0][0] + bars[0][2])
    }
  })
  test('leave out what has no value', () => expect(svg.match(/>\*</g)).toHaveLength(1))
  test('name groups on lines, or slanted where a name has no room', () => {
    expect(svg).not.toContain('rotate(-45')
    const names = Array.from({ length: 9 }, (_, i) => ({ ...chart.groups[0], name: `G_temp_sup-Lateral-${i}` }))
    const slanted = barChart({ ...chart, groups: names }, box)
    expect(slanted.match(/rotate\(-45/g)).toHaveLength(9)
    expect(isWellFormed(slanted)).toBe(true)
  })
})

test('a map’s picture has the dots an inch that were asked for', () => {
  const surface = syntheticSurface(8)
  const svg = brainPanel(
    {
      surface,
      values: { left: syntheticScores(surface.left, 0, 0.2), right: syntheticScores(surface.right, 0.3, 0.1) },
      scale: { colormap: 'viridis', limits: { low: 0, high: 0.2 }, threshold: null },
      ...{ label: 'Pearson r', form: 'inflated', view: 'overview', dpi: 192 },
    },
    { ...box, width: 100.3, height: 120 },
  )
  const [, base64] = /href="data:image\/png;base64,([^"]+)"/.exec(svg)!
  expect(decode(Buffer.from(base64, 'base64')).width).toBe(201)
  expect(svg).toContain('Pearson r')
})
