import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { colourBar } from '../../../src-renderer/plots/colourBar.ts'
import { formatLimit, formatShare, formatValue } from '../../../src-renderer/plots/format.ts'
import { layerChart } from '../../../src-renderer/plots/layerChart.ts'
import { compareLayers, layerAxis, scoreSeries } from '../../../src-renderer/plots/layers.ts'
import { formatBytes, formatDuration } from '../../../src-renderer/plots/quantities.ts'
import { document, escape, wrap } from '../../../src-renderer/plots/svg.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { syntheticTable } from '../syntheticStudy.ts'
import { attributeNames, isWellFormed } from './xml.ts'

const theme = plotThemes.light
const scale = { colormap: 'viridis' as const, limits: { low: -0.02, high: 0.25 }, threshold: 0.05 }
const bar = (own: Parameters<typeof colourBar>[0]['scale'], label: string) =>
  document(
    440,
    50,
    label,
    colourBar({ scale: own, label, beyond: { low: false, high: true }, x: 40, y: 2, width: 360, theme }),
  )

describe('pictures for review', () => {
  test('colour bar with a threshold', () =>
    expect(bar(scale, 'Pearson r, mean of 10 folds')).toMatchFileSnapshot('__snapshots__/colourBar.svg'))
  test('diverging colour bar', () =>
    expect(
      bar({ colormap: 'blue-red', limits: { low: -0.1, high: 0.1 }, threshold: 0.02 }, 'Difference of r'),
    ).toMatchFileSnapshot('__snapshots__/divergingBar.svg'))
  test.each(['light', 'dark'] as const)('layer chart, %s', (name) => {
    const selected = { model: 'w2v-native', layer: 'transf4' }
    const chart = layerChart({ rows: syntheticTable.rows, width: 480, height: 340, theme: plotThemes[name], selected })
    return expect(document(480, 340, 'Score by layer', chart)).toMatchFileSnapshot(
      `__snapshots__/layerChart-${name}.svg`,
    )
  })
})

describe('layer chart', () => {
  const row = syntheticTable.rows[0]
  const chart = (rows: typeof syntheticTable.rows) =>
    document(400, 300, 't', layerChart({ rows, width: 400, height: 300, theme, selected: null }))

  test('has one point for every finite score, named by model and layer', () => {
    const svg = chart(syntheticTable.rows)
    expect(svg.match(/data-layer="/g)).toHaveLength(28)
    expect(svg).toContain('data-model="w2v-native" data-layer="transf0"')
  })
  test.each([
    ['no rows', []],
    ['one row', [row]],
    [
      'a NaN score',
      [
        { ...row, meanR: NaN },
        { ...row, layer: 'transf1', semR: NaN },
      ],
    ],
    ['only NaN', [{ ...row, meanR: NaN, semR: NaN }]],
    ['all the same', [row, { ...row, layer: 'transf1' }]],
    ['negative scores', [{ ...row, meanR: -0.3 }]],
    ['tiny scores', [{ ...row, meanR: 1e-12, semR: 0 }]],
    [
      'two unnamed regimes',
      [
        { ...row, regime: '' },
        { ...row, model: 'b', regime: '' },
      ],
    ],
  ])('is well-formed, and without NaN coordinates, for %s', (_, rows) => {
    const svg = chart(rows)
    expect(isWellFormed(svg)).toBe(true)
    expect(svg).not.toMatch(/="[^"]*(NaN|Infinity)/)
  })
})

describe('what a strict content security policy needs', () => {
  test('no style attribute, no script, no handler', () => {
    const svg =
      bar(scale, 'label') +
      document(1, 1, '', layerChart({ rows: syntheticTable.rows, width: 400, height: 300, theme, selected: null }))
    expect(svg).not.toMatch(/<script|<style|<foreignObject/)
    expect(attributeNames(svg).filter((name) => name === 'style' || name.startsWith('on'))).toEqual([])
  })
  test('any name, however hostile, stays text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const svg = document(
          100,
          100,
          name,
          layerChart({
            rows: [{ ...syntheticTable.rows[0], model: name, layer: `l${name}`, regime: name }],
            width: 400,
            height: 300,
            theme,
            selected: null,
          }),
        )
        return isWellFormed(svg)
      }),
    )
    expect(escape('<a href="x">&\u0000\ud800')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;\ufffd')
  })
})

test('layers stand in the order in which a model computes them', () => {
  const shuffled = [
    'transf10',
    'custom',
    'transf2',
    'embedding',
    'transf11.norm',
    'conv6',
    'projection',
    'transf11',
    'conv0',
  ]
  expect(shuffled.toSorted(compareLayers)).toEqual([
    'conv0',
    'conv6',
    'projection',
    'embedding',
    'transf2',
    'transf10',
    'transf11',
    'transf11.norm',
    'custom',
  ])
  const { models, spaces } = scoreSeries(syntheticTable.rows)
  expect(models.map(({ model }) => model)).toEqual(['w2v-native', 'w2v-untrained'])
  expect(spaces.map(({ model }) => model)).toEqual(['mel'])
  expect(layerAxis(models)).toHaveLength(14)
})

test('numbers for people', () => {
  expect([0, -0.0001, 0.12345, -0.5, 12.3456, 1e7, NaN, Infinity].map((value) => formatValue(value))).toEqual([
    '0.000',
    '−1.0e−4',
    '0.123',
    '−0.500',
    '12.35',
    '1.00e+7',
    '–',
    '∞',
  ])
  expect([0.0925, -0.00951, 0, 123.456].map(formatLimit)).toEqual(['0.0925', '−0.00951', '0', '123'])
  expect([0.414, NaN].map(formatShare)).toEqual(['41 %', '–'])
  expect([0.4, 75, 3725, null, Infinity].map(formatDuration)).toEqual(['0 s', '1 min 15 s', '1 h 2 min', '–', '–'])
  expect([0, 999, 999.6, 1e6, 1.16e9, 5e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '1 MB',
    '1.16 GB',
    '5000 TB',
  ])
})

test('wrapped lines keep every word, and none is wider than the width', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 20, max: 500 }), (content, width) => {
      const lines = wrap(content, width, 10)
      expect(lines.join('').replaceAll(' ', '')).toBe(content.replace(/\s+/g, ''))
      const most = Math.max(1, Math.floor(width / 5.6))
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(most)
    }),
  )
})

describe('contrast of the themes (WCAG 2.2)', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
    return (high + 0.05) / (low + 0.05)
  }
  test.each(['light', 'dark'] as const)('%s', (name) => {
    const { paper, ink, quiet, notice, noticePaper, series } = plotThemes[name]
    expect(contrast(ink, paper)).toBeGreaterThan(7)
    expect(contrast(quiet, paper)).toBeGreaterThan(4.5)
    expect(contrast(notice, noticePaper)).toBeGreaterThan(4.5)
    for (const colour of series) expect(contrast(colour, paper), colour).toBeGreaterThan(3)
  })
})
