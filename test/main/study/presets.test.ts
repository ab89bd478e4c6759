/** Presets: the published tables, as options, as YAML, as sources, as a methods paragraph. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fitOptions, resolveEncoding } from '../../../src-main/study/encoding.ts'
import { encodingSchema, presetNames, variants } from '../../../src-main/study/encodingSchema.ts'
import { encodingYaml, optionsOf } from '../../../src-main/study/encodingText.ts'
import { methodsOf, methodsOfStudy } from '../../../src-main/study/methods.ts'
import { presetEncoding } from '../../../src-main/study/presets.ts'
import { presetSources } from '../../../src-main/study/presetSources.ts'
import type { ResolvedEncoding } from '../../../src-main/study/resolvedEncoding.ts'
import { example, validStudy } from './example.ts'

const all = presetNames.flatMap((preset) => variants.map((variant) => ({ preset, variant })))

describe('the published tables', () => {
  // Millet et al. 2022, released code; the two columns of its table of steps.
  test('lpp', () => {
    expect(presetEncoding('lpp', 'as-published')).toMatchObject({
      ...{ scaleFeatures: 'minmax', hrf: 'glover', oversampling: 16, window: 10, stride: 5 },
      ...{ standardizeX: 'per-run', standardizeY: { robust: [0.01, 0.99] }, pcaX: 'none', pcaY: 100 },
      ...{ alphas: { from: 1, to: 8, count: 20 }, intercept: true, folds: 10 },
      ...{ selection: 'leave-one-out', alpha: 'per-target', score: { measure: 'r', over: 'folds' } },
      ceiling: 'as-published',
    })
    const intended = {
      ...presetEncoding('lpp', 'as-published'),
      standardizeY: { robust: [1, 99] },
      ceiling: 'fold-wise',
    }
    expect(presetEncoding('lpp', 'intended')).toEqual(intended)
  })
  test('narratives', () => {
    expect(presetEncoding('narratives', 'as-published')).toMatchObject({
      ...{ scaleFeatures: 'minmax', hrf: 'glover', oversampling: 50, window: 10, stride: 5 },
      ...{ standardizeX: 'training-fold', standardizeY: { robust: [0.1, 99.9] }, pcaX: 'none', pcaY: 'none' },
      ...{ alphas: { from: -1, to: 8, count: 10 }, intercept: false, folds: 5 },
      ...{ selection: 'leave-one-out', alpha: 'per-target', score: { measure: 'r', over: 'folds' } },
    })
  })
  test('voxelwise: the tutorials of himalaya', () => {
    expect(presetEncoding('voxelwise', 'as-published')).toMatchObject({
      ...{ hrf: { fir: [1, 2, 3, 4] }, standardizeX: 'centre', standardizeY: 'per-run', intercept: false },
      ...{ alphas: { from: 1, to: 20, count: 20 }, selection: 'runs', score: { measure: 'r2', over: 'folds' } },
    })
  })
  test('trf: Chen et al. 2023', () => {
    expect(presetEncoding('trf', 'as-published')).toMatchObject({
      ...{ hrf: { lags: { from: 0, to: 0.39 } }, alphas: { from: 2, to: 7, count: 10 }, alpha: 'per-target' },
      ...{ score: { measure: 'r-squared', over: 'folds' }, standardizeY: 'per-run' },
    })
  })
  test('a slip is known of lpp alone', () => {
    const differ = presetNames.filter(
      (name) =>
        JSON.stringify(presetEncoding(name, 'intended')) !== JSON.stringify(presetEncoding(name, 'as-published')),
    )
    expect(differ).toEqual(['lpp'])
  })
})

test.each(all)('printed: $preset, $variant', ({ preset, variant }) => {
  const encoding = presetEncoding(preset, variant)
  const sources = presetSources(preset, variant)
  const rows = optionsOf(encoding).map(([option, value]) => `${option}: ${value} <- ${sources[option]}`)
  expect(rows.every((row) => !row.endsWith('<- '))).toBe(true)
  const { paragraph, references } = methodsOf({ encoding, preset, variant, version: '1.2.3' })
  expect([...rows, '', paragraph, '', ...references].join('\n')).toMatchSnapshot()
})

const record = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(parts, { noNullPrototype: true })

/** Of every option two values or more, each with what else it needs. */
const values: { readonly [Option in keyof ResolvedEncoding]: fc.Arbitrary<ResolvedEncoding[Option]> } = {
  hrf: fc.oneof(
    fc.constantFrom(
      ...(['glover', 'spm', 'glover-derivative', 'spm-derivative', 'glover-dispersion', 'spm-dispersion'] as const),
    ),
    record({ fir: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 }) }),
  ),
  oversampling: fc.integer({ min: 1, max: 100 }),
  window: fc.integer({ min: 10, max: 600 }),
  stride: fc.integer({ min: 1, max: 10 }),
  norm: fc.constantFrom('window', 'recording'),
  scaleFeatures: fc.constantFrom('minmax', 'zscore', 'none'),
  trim: record({ start: fc.nat(20), end: fc.nat(20) }),
  detrend: fc.nat(10),
  highPass: fc.oneof(
    fc.constant(null),
    fc.integer({ min: 1, max: 9 }).map((n) => n / 1000),
  ),
  confounds: fc.uniqueArray(fc.constantFrom('csf', 'trans x', 'rot: y', '#5', 'null', '0.5', 'a\nb"'), {
    maxLength: 4,
  }),
  standardizeX: fc.constantFrom('per-run', 'training-fold', 'centre', 'none'),
  standardizeY: fc.oneof(
    fc.constantFrom('per-run' as const, 'training-fold' as const, 'none' as const),
    fc.integer({ min: 1, max: 49 }).map((p) => ({ robust: [p, 100 - p] as const })),
  ),
  pcaX: fc.oneof(fc.constant('none' as const), fc.integer({ min: 1, max: 1000 })),
  pcaY: fc.oneof(fc.constant('none' as const), fc.integer({ min: 1, max: 1000 })),
  folds: fc.oneof(
    fc.integer({ min: 2, max: 100 }),
    fc.constant('runs' as const),
    fc.constantFrom([['s1'], ['s2']], [['s1', 's2'], ['s3']], [['1'], ['no']]).map((splits) => ({ splits })),
  ),
  gap: fc.oneof(fc.nat(20), record({ seconds: fc.integer({ min: 1, max: 60 }) })),
  alphas: record({
    from: fc.integer({ min: -5, max: 0 }),
    to: fc.integer({ min: 1, max: 9 }),
    count: fc.integer({ min: 2, max: 99 }),
  }),
  intercept: fc.boolean(),
  selection: fc.oneof(
    fc.constantFrom('leave-one-out' as const, 'runs' as const),
    fc.integer({ min: 2, max: 20 }).map((kfold) => ({ kfold })),
  ),
  alpha: fc.constantFrom('per-target', 'shared'),
  solver: fc.constant('ridge'),
  score: record({
    measure: fc.constantFrom('r' as const, 'r-squared' as const, 'r2' as const),
    over: fc.constantFrom('folds' as const, 'concatenated' as const),
  }),
  chance: fc.oneof(fc.constant('zero' as const), record({ shifts: fc.integer({ min: 1, max: 9 }), seed: fc.nat(99) })),
  levels: fc.constantFrom('single', 'cumulative'),
  ceiling: fc.constantFrom('across-subjects', 'as-published', 'fold-wise', 'repeats', 'none'),
}
const encodings = record(values)
const options = Object.keys(values) as (keyof ResolvedEncoding)[]

/** An encoding, and the same with another value of one option. */
const pairs = fc
  .tuple(encodings, encodings, fc.constantFrom(...options))
  .map(([a, other, option]) => [a, { ...a, [option]: other[option] }, option] as const)
  .filter(([a, b, option]) => JSON.stringify(a[option]) !== JSON.stringify(b[option]))

describe('every option', () => {
  test('is in the list, which changes with it', () => {
    expect(
      optionsOf(presetEncoding('standard', 'as-published'))
        .map(([option]) => option)
        .toSorted(),
    ).toEqual(options.toSorted())
    fc.assert(
      fc.property(pairs, ([a, b, option]) => {
        const changed = optionsOf(b).filter((row, i) => row[1] !== optionsOf(a)[i][1])
        expect(changed.map(([name]) => name)).toEqual([option])
      }),
    )
  })

  test('is in the methods paragraph, whose sentences after the first change with it', () => {
    const body = (encoding: ResolvedEncoding) => {
      const { paragraph } = methodsOf({ encoding, preset: 'standard', variant: 'as-published', version: '1' })
      return paragraph.slice(paragraph.indexOf('. '))
    }
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(body(a)).not.toBe(body(b))
      }),
    )
  })

  test('is named in the first sentence where it is not the preset’s', () => {
    fc.assert(
      fc.property(encodings, (encoding) => {
        const preset = presetEncoding('lpp', 'as-published')
        const differ = options.filter((option) => JSON.stringify(preset[option]) !== JSON.stringify(encoding[option]))
        const { paragraph } = methodsOf({ encoding, preset: 'lpp', variant: 'as-published', version: '1' })
        const named = /other than there: (.*?)\. Speech/.exec(paragraph)?.[1].split(', ') ?? []
        expect(named.toSorted()).toEqual(differ.toSorted())
      }),
    )
  })

  test('is in the YAML, which gives back the same model whatever its preset', () => {
    fc.assert(
      fc.property(encodings, fc.constantFrom(...all), (encoding, from) => {
        const { encoding: said } = parse(encodingYaml(encoding, from)) as { encoding: unknown }
        expect(resolveEncoding(encodingSchema.parse(said))).toEqual(encoding)
      }),
    )
  })

  test.each(all)('comes back from the YAML of $preset, $variant', ({ preset, variant }) => {
    const encoding = presetEncoding(preset, variant)
    const { encoding: said } = parse(encodingYaml(encoding, { preset, variant })) as { encoding: unknown }
    expect(resolveEncoding(encodingSchema.parse(said))).toEqual(encoding)
  })

  test('that a fit depends on changes its key; those at the values they had add nothing to it', () => {
    const standard = resolveEncoding({ preset: 'standard', folds: 5, chance: 'zero' })
    expect(fitOptions(standard, ['s1'])).toEqual({
      folds: 5,
      alphas: { from: 1, to: 8, count: 20 },
      selection: 'leave-one-out',
      standardizeX: 'per-run',
      score: 'pearson per fold, averaged',
    })
    const others = [
      'folds',
      'alphas',
      'selection',
      'standardizeX',
      'score',
      'pcaX',
      'pcaY',
      'intercept',
      'alpha',
      'gap',
      'chance',
    ]
    // Levels are in the designs that a fit is made from.
    const fitted = new Set(others)
    fc.assert(
      fc.property(pairs, ([a, b, option]) => {
        const stimuli = ['1', 's1', 's2', 's3', 'no']
        const same = JSON.stringify(fitOptions(a, stimuli)) === JSON.stringify(fitOptions(b, stimuli))
        // Responses are in the design, but for lags.
        const lagged = option === 'hrf' && [a, b].some(({ hrf }) => typeof hrf === 'object' && 'lags' in hrf)
        expect(same).toBe(!fitted.has(option) && !lagged)
      }),
    )
  })

  test('folds of stimuli are runs in a key: a stimulus that is renamed is not computed again', () => {
    const splits = (names: readonly (readonly string[])[]) =>
      resolveEncoding(encodingSchema.parse({ folds: { splits: names } }))
    expect(fitOptions(splits([['a'], ['b', 'c']]), ['a', 'b', 'c'])).toEqual(
      fitOptions(splits([['x'], ['b', 'c']]), ['x', 'b', 'c']),
    )
    expect(fitOptions(splits([['a'], ['b', 'c']]), ['a', 'b', 'c'])).toMatchObject({ folds: { splits: [[0], [1, 2]] } })
  })
})

test('the paragraph of a study names its preset and what it sets otherwise', () => {
  const { paragraph } = methodsOfStudy(validStudy(), '1.2.3')
  expect(paragraph).toContain('Heschl 1.2.3, preset standard')
  expect(paragraph).toContain('other than there: folds.')
  expect(paragraph).toContain('over 5 contiguous folds')
})

test('spaces that are fitted together are in the paragraph', () => {
  const set =
    'sets: [{id: joint, of: [mel, native/transf3], solver: banded-random, iterations: 50, seed: 2, partition: true}]'
  const { paragraph, references } = methodsOfStudy(validStudy(`${example}${set}\n`), '1.2.3')
  expect(paragraph).toContain('In joint, mel and native/transf3 were fitted together with a weight for each')
  expect(paragraph).toContain('the best of 50 drawn (seed 2); the variance that they explain was divided')
  expect(references.some((whole) => whole.startsWith('Dupré la Tour'))).toBe(true)
})

test('a score may be given in part; high-pass may be taken back', () => {
  const resolved = resolveEncoding(encodingSchema.parse({ preset: 'voxelwise', score: { over: 'concatenated' } }))
  expect(resolved.score).toEqual({ measure: 'r2', over: 'concatenated' })
  expect(resolveEncoding(encodingSchema.parse({ highPass: 'none' })).highPass).toBeNull()
  expect(resolveEncoding(encodingSchema.parse({ highPass: 0.01 })).highPass).toBe(0.01)
})
