import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { colourBar } from '../../../src-renderer/plots/colourBar.ts'
import { deviationOf, formatFixed, formatLimit, formatShare, formatValue } from '../../../src-renderer/plots/format.ts'
import { layerChart } from '../../../src-renderer/plots/layerChart.ts'
import { compareLayers, layerAxis, legendText, rowsOf, scoreSeries } from '../../../src-renderer/plots/layers.ts'
import { nameText, trainingText } from '../../../src-renderer/plots/models.ts'
import { formatBytes, formatDuration } from '../../../src-renderer/plots/quantities.ts'
import { document, escape, wrap } from '../../../src-renderer/plots/svg.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { hasTraining, trainingChart } from '../../../src-renderer/plots/trainingChart.ts'
import { syntheticOverview, syntheticTable } from '../syntheticStudy.ts'
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
    const chart = layerChart({ table: syntheticTable, width: 480, height: 340, theme: plotThemes[name], selected })
    return expect(document(480, 340, 'Score by layer', chart)).toMatchFileSnapshot(
      `__snapshots__/layerChart-${name}.svg`,
    )
  })
})

describe('layer chart', () => {
  const row = syntheticTable.rows[0]
  const chart = (rows: typeof syntheticTable.rows) =>
    document(
      400,
      300,
      't',
      layerChart({ table: { ...syntheticTable, models: [], rows }, width: 400, height: 300, theme, selected: null }),
    )

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
      document(1, 1, '', layerChart({ table: syntheticTable, width: 400, height: 300, theme, selected: null }))
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
            table: {
              ...syntheticTable,
              models: [{ ...syntheticTable.models[0], id: name }],
              rows: [{ ...syntheticTable.rows[0], model: name, layer: `l${name}`, regime: name }],
            },
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
  expect([124, 121.26, -24.44, -0.04, 0, NaN].map((value) => formatFixed(value, 1))).toEqual([
    ...['124.0', '121.3', '−24.4', '0.0', '0.0', '–'],
  ])
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

describe('training chart', () => {
  const chart = (changes: Partial<Parameters<typeof trainingChart>[0]> = {}) =>
    document(
      480,
      340,
      'Score along the training',
      trainingChart({
        ...{ table: syntheticTable, axis: 'steps', scale: 'log', layer: 'transf4', width: 480, height: 340, theme },
        ...{ selected: 'w2v-native@100000', ...changes },
      }),
    )
  const [native] = syntheticTable.models
  const row = syntheticTable.rows.find(({ model, layer }) => model === 'w2v-native' && layer === 'transf4')!
  /** A table with these places of one series. */
  const along = (places: readonly number[]) => ({
    ...syntheticTable,
    models: [native],
    rows: [{ ...row, members: places.map((at) => ({ ...row.members[0], id: `w2v-native@${at}`, at })) }],
  })
  const circles = (svg: string) =>
    [...svg.matchAll(/data-model="w2v-native@([\d.e+-]+)"[^]*?<circle cx="([^"]+)"/g)].map(([, at, x]) => [
      at,
      Number(x),
    ])

  test.each(['linear', 'log'] as const)('%s, for review', (scale) =>
    expect(chart({ scale })).toMatchFileSnapshot(`__snapshots__/trainingChart-${scale}.svg`),
  )
  test('has a point a checkpoint, named by it, and one that is chosen', () => {
    const svg = chart()
    expect(circles(svg).map(([at]) => at)).toEqual(['0', '10000', '50000', '100000', '400000'])
    expect(svg.match(/r="8"/g)).toHaveLength(1)
    expect(chart({ selected: 'w2v-native' }).match(/r="8"/g)).toHaveLength(1)
    expect(chart({ selected: 'w2v-untrained@1' })).not.toContain('r="8"')
  })
  test('a logarithmic axis has equal steps for equal ratios, and 0 left of all', () => {
    const x = circles(chart({ table: along([0, 100, 1000, 10_000]) })).map(([, at]) => Number(at))
    expect(x[2] - x[1]).toBeCloseTo(x[3] - x[2], 1)
    expect(x[0]).toBeLessThan(x[1] - 30)
    const linear = circles(chart({ table: along([0, 100, 200, 400]), scale: 'linear' })).map(([, at]) => Number(at))
    expect(linear[2] - linear[1]).toBeCloseTo(linear[1] - linear[0], 1)
    expect(linear[3] - linear[2]).toBeCloseTo(2 * (linear[1] - linear[0]), 1)
  })
  test('models that have no place on the axis are levels; those of another axis are left out', () => {
    const svg = chart()
    expect(svg).toContain('mean of 3 seeds')
    expect(chart({ axis: 'hours' })).not.toContain('w2v-native')
    expect(hasTraining(syntheticTable, 'steps', 'transf4')).toBe(true)
    expect(hasTraining(syntheticTable, 'hours', 'transf4')).toBe(false)
    expect(hasTraining(syntheticTable, 'steps', 'mel')).toBe(false)
  })
  test('is well-formed, and without NaN, at any places and for any scores', () => {
    const score = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(NaN))
    fc.assert(
      fc.property(
        // Below 1e-300 doubles have fewer digits than tell two ticks apart; no training is that short.
        fc.uniqueArray(
          fc.double({ min: 0, max: 1e15, noNaN: true }).filter((at) => at === 0 || at >= 1e-300),
          { maxLength: 6 },
        ),
        score,
        score,
        fc.constantFrom('linear' as const, 'log' as const),
        (places, meanR, semR, scale) => {
          const { models, rows } = along(places.map((at) => at + 0).toSorted((a, b) => a - b))
          const members = rows[0].members.map((member) => ({ ...member, meanR, semR }))
          const svg = chart({ table: { ...syntheticTable, models, rows: [{ ...rows[0], members }] }, scale })
          expect(isWellFormed(svg)).toBe(true)
          expect(svg).not.toMatch(/(="|[ML ])[^"]*(NaN|Infinity)/)
          const ticks = [...svg.matchAll(/text-anchor="middle">([\d.,eE]+)</g)].map(([, written]) => written)
          expect(new Set(ticks).size).toBe(ticks.length)
        },
      ),
      {
        examples: [
          [[Number.MIN_VALUE], 0.1, 0.01, 'log'],
          [[5e-324, 1e-323], NaN, NaN, 'log'],
        ],
      },
    )
  })
})

test('a member has its own rows, named by itself', () => {
  const own = rowsOf(syntheticTable.rows, 'w2v-untrained@2')
  expect(own).toHaveLength(14)
  expect(own[0]).toMatchObject({ model: 'w2v-untrained@2', spread: null, members: [], layer: 'conv4' })
  expect(own[0].meanR).toBe(rowsOf(syntheticTable.rows, 'w2v-untrained')[0].members[1].meanR)
  expect(rowsOf(syntheticTable.rows, 'nobody')).toEqual([])
})

test('models in words', () => {
  const facts = { id: 'm', regime: 'native', language: 'english', hours: 960, steps: 400_000, corpus: 'LibriSpeech' }
  const all = { ...facts, note: 'n', source: 's', axis: null }
  expect(trainingText(all)).toBe('native, english, 960 hours, 400,000 steps, LibriSpeech')
  expect(trainingText({ ...all, language: '', hours: null, steps: 1, corpus: '' })).toBe('native, 1 step')
  const { models } = syntheticOverview
  expect(['w2v-native', 'w2v-native@10000', 'w2v-untrained@3', 'nobody'].map((id) => nameText(models, id))).toEqual([
    'w2v-native',
    'w2v-native, 10,000 steps',
    'w2v-untrained, seed 3',
    'nobody',
  ])
  const legends = scoreSeries(syntheticTable.rows).models.map((one) => legendText(one, syntheticTable))
  expect(legends).toEqual(['w2v-native (native, 400,000 steps)', 'w2v-untrained (untrained, mean of 3 seeds)'])
})

test('a standard deviation is numpy’s with ddof=1', () => {
  // numpy.std([1, 2, 4, 8.5], ddof=1)
  expect(deviationOf([1, 2, 4, 8.5])).toBeCloseTo(3.326033673912518, 14)
  expect(deviationOf([3])).toBeNaN()
})
