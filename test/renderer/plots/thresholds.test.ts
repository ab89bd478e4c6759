import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { opacity, paintMap, type Paint } from '../../../src-renderer/colormaps/paint.ts'
import { paintVertices } from '../../../src-renderer/colormaps/scale.ts'
import { gridRows, specOf, type RowChoice } from '../../../src-renderer/plots/gridRows.ts'
import { gateWords, percentileOf } from '../../../src-renderer/plots/thresholds.ts'
import { syntheticOverview } from '../syntheticStudy.ts'

const paint = (change: Partial<Paint> = {}, threshold: number | null = 0.5): Paint => ({
  ...{ scale: { colormap: 'viridis', limits: { low: 0, high: 1 }, threshold }, level: null, fade: false },
  ...change,
})

describe('what is coloured', () => {
  test('below a threshold: nothing, or the square of the share of it', () => {
    for (const [value, hard, faint] of [
      [0.5, 1, 1],
      [0.9, 1, 1],
      [0.25, 0, 0.25],
      [0, 0, 0],
      [-3, 0, 0],
      [NaN, 0, 0],
    ] as const) {
      expect(opacity(value, NaN, paint())).toBe(hard)
      expect(opacity(value, NaN, paint({ fade: true }))).toBeCloseTo(faint, 12)
    }
  })

  test('at a level: what passes; the rest by the share that the level is of its p', () => {
    const level = paint({ level: 0.05 }, null)
    expect([0.05, 0.0501, 1, NaN].map((p) => opacity(1, p, level))).toEqual([1, 0, 0, 0])
    const faint = paint({ level: 0.05, fade: true }, null)
    expect([0, 0.05, 0.1, 1, NaN].map((p) => opacity(1, p, faint))).toEqual([1, 1, 0.5, 0.05, 0])
  })

  test('statsmodels’ adjusted p values colour the vertices that statsmodels rejects', () => {
    const { score } = JSON.parse(readFileSync(new URL('../../reference/maps/tests.json', import.meta.url), 'utf8')) as {
      score: Record<string, readonly (number | null)[]>
    }
    for (const correction of ['benjamini-hochberg', 'benjamini-yekutieli']) {
      const p = score[correction].map((value) => value ?? NaN)
      const shown = p.filter((value) => opacity(1, value, paint({ level: 0.05 }, null)) === 1).length
      expect(shown).toBe(p.filter((value) => value <= 0.05).length)
      expect(shown).toBeGreaterThan(5)
    }
  })

  test('without fading and levels it is painted as a figure is', () => {
    const values = fc.float32Array({ minLength: 4, maxLength: 4, min: -2, max: 2 })
    fc.assert(
      fc.property(values, fc.constantFrom('viridis' as const, 'blue-red' as const), (own, colormap) => {
        const scale = { colormap, limits: { low: -1, high: 1 }, threshold: 0.3 }
        const underlay = Uint8Array.of(10, 90, 150, 250)
        expect(paintMap(own, null, underlay, paint({ scale }))).toEqual(paintVertices(own, underlay, scale))
      }),
    )
  })
})

describe('percentiles', () => {
  test('are numpy’s, over all maps together', () => {
    const maps = [Float32Array.of(1, NaN, 4), Float32Array.of(-8, 2)]
    // numpy.percentile([1, 4, -8, 2], [0, 50, 90, 100])
    expect([0, 50, 90, 100].map((q) => Number(percentileOf(maps, q, false).toFixed(6)))).toEqual([-8, 1.5, 3.4, 4])
    // numpy.percentile([1, 4, 8, 2], 90)
    expect(percentileOf(maps, 90, true)).toBeCloseTo(6.8, 5)
    expect(percentileOf([Float32Array.of(NaN)], 90, true)).toBeNaN()
  })

  test('say what they mean', () => {
    const told = { threshold: 0.13, colormap: 'viridis', fade: false, maps: 12, test: null } as const
    expect(gateWords({ ...told, gate: { kind: 'percentile', at: 95 } })).toBe(
      'coloured: the highest 5 % of all vertices of these 12 maps (at least 0.13); the rest is not coloured. A way of looking, not a test',
    )
    const fdr = { kind: 'fdr', level: 0.05, correction: 'benjamini-hochberg' } as const
    expect(gateWords({ ...told, gate: fdr })).toMatch(/not tested/)
    expect(gateWords({ ...told, gate: fdr, test: { words: 'A test.', least: 0.2 } })).toMatch(
      /at most 5 % .* Nothing passes: the smallest adjusted p is 0.2. A test\.$/,
    )
  })
})

describe('rows of a grid', () => {
  const { models, subjects } = syntheticOverview
  const rows = (choice: Partial<RowChoice>) =>
    gridRows(models, subjects, { kind: 'model', model: 'w2v-native', layer: 'transf3', subject: 'mean', ...choice })

  test('a row a model, a layer, a regime, a pair, a subject', () => {
    expect(rows({}).map(({ of }) => [of.models, of.layer])).toEqual([
      [['w2v-native'], 'transf3'],
      [['w2v-untrained'], 'transf3'],
      [['mel'], 'mel'],
    ])
    expect(rows({ kind: 'layer' }).map(({ title }) => title)).toEqual(models[0].layers.map(({ name }) => name))
    expect(rows({ kind: 'regime' }).map(({ title }) => title)).toEqual(['native', 'untrained'])
    expect(rows({ kind: 'contrast' }).map(({ title }) => title)).toEqual(['w2v-untrained − w2v-native'])
    expect(rows({ kind: 'subject' }).map(({ of }) => of.subject)).toEqual(['mean', 'sub-01', 'sub-02', 'sub-03'])
    expect(rows({ layer: 'transf99' }).map(({ lacks }) => lacks)).toEqual([
      'has no layer transf99',
      'has no layer transf99',
      null,
    ])
  })

  test('what is set for a row stays when another layer is chosen', () => {
    const ids = (choice: Partial<RowChoice>) => rows(choice).map(({ id }) => id)
    for (const kind of ['model', 'regime', 'contrast', 'subject'] as const)
      expect(ids({ kind, layer: 'conv6' })).toEqual(ids({ kind }))
    expect(new Set(ids({ kind: 'layer' })).size).toBe(models[0].layers.length)
  })

  test('nothing is asked for that makes no sense', () => {
    const [native, untrained, mel] = rows({})
    expect(specOf(native, 'difference', native.of)).toBeNull()
    expect(specOf(native, 'difference', untrained.of)).toEqual({
      kind: 'difference',
      of: native.of,
      less: untrained.of,
    })
    expect(specOf(mel, 'preferred', null)).toBeNull()
    expect(specOf(native, 'preferred', null)).toMatchObject({ kind: 'preferred', layers: native.layers })
    expect(specOf(native, 'p', untrained.of)).toEqual({ kind: 'p', of: native.of, less: null })
    const [pair] = rows({ kind: 'contrast' })
    expect(specOf(pair, 'p', null)).toEqual({ kind: 'p', of: pair.of, less: pair.less })
    expect(specOf(rows({ layer: 'transf99' })[0], 'score', null)).toBeNull()
  })
})
