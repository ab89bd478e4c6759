import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDelimited } from '../../../src-main/formats/delimited.ts'
import { parseAnswers } from '../../../src-main/behaviour/answers.ts'
import { contrastCorrelation, nativeEffect } from '../../../src-main/behaviour/contrasts.ts'
import { listenerAccuracy, probitOfDelta, sampleAnswers, trialsOf } from '../../../src-main/behaviour/listeners.ts'
import type { AnswerModel } from '../../../src-main/behaviour/listeners.ts'
import { inverseMills, logNormalCdf } from '../../../src-main/behaviour/normal.ts'
import { fitProbit } from '../../../src-main/behaviour/probit.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'

const reference = new URL('../../reference/behaviour/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, reference), 'utf8')

interface Fit {
  readonly logLikelihood: number
  readonly coefficients: Readonly<Record<string, number>>
  readonly standardErrors: Readonly<Record<string, number>>
  readonly absent: string
}

function expectFit(found: AnswerModel, expected: Fit): void {
  expect(Math.abs(found.logLikelihood - expected.logLikelihood)).toBeLessThan(1e-6)
  for (const [name, value] of Object.entries(expected.coefficients)) {
    expect(Math.abs(found.coefficients.get(name)!.estimate - value), name).toBeLessThan(1e-6)
    expect(Math.abs(found.coefficients.get(name)!.standardError - expected.standardErrors[name])).toBeLessThan(1e-6)
  }
  expect(found.coefficients.has(expected.absent)).toBe(false)
}

describe('two groups of synthetic listeners, against pandas, scipy and statsmodels', () => {
  const answers = parseAnswers(parseDelimited(read('listeners.csv'), 'listeners.csv'), 'listeners.csv')
  const expected = JSON.parse(read('listeners.json')) as {
    readonly accuracy: Readonly<Record<string, number>>
    readonly rho: Readonly<Record<string, number>>
    readonly probit: Readonly<Record<string, Fit>>
    readonly raw: Fit
    readonly nativeEffect: { readonly r: number; readonly contrasts: number }
  }
  const [english, french] = [answers.models.get('model_en')!, answers.models.get('model_fr')!]

  test.each(['EN', 'FR'])('%s', (group) => {
    const trials = trialsOf(answers, group)
    expect(listenerAccuracy(answers, trials)).toBeCloseTo(expected.accuracy[group], 12)
    expect(Math.abs(contrastCorrelation(answers, english, trials).rho - expected.rho[group])).toBeLessThan(1e-9)
    expectFit(probitOfDelta(answers, english, trials, true), expected.probit[group])
  })

  test('all together', () => {
    expectFit(probitOfDelta(answers, french, trialsOf(answers), false), expected.raw)
    const groups = [
      { trials: trialsOf(answers, 'FR'), delta: french },
      { trials: trialsOf(answers, 'EN'), delta: english },
    ] as const
    const { r, contrasts } = nativeEffect(answers, ...groups)
    expect(Math.abs(r - expected.nativeEffect.r)).toBeLessThan(1e-9)
    expect(contrasts).toBe(expected.nativeEffect.contrasts)
  })

  test('models are the numeric columns that are no part of the experiment', () => {
    expect([...answers.models.keys()]).toEqual(['model_en', 'model_fr'])
    expect(Math.max(...answers.answer)).toBe(1)
  })

  test('a sample has so many answers of each triplet, from those it is drawn from', () => {
    const trials = trialsOf(answers, 'FR')
    const sample = sampleAnswers(answers, trials, 5, seededRandom(1))
    const counts = Map.groupBy(sample, (i) => answers.triplet[i])
    expect(new Set(counts.keys())).toEqual(new Set([...trials].map((i) => answers.triplet[i])))
    for (const own of counts.values()) expect(own).toHaveLength(5)
    for (const i of sample) expect(answers.listener[i]).toBe('FR')
    expect(sampleAnswers(answers, trials, 5, seededRandom(1))).toEqual(sample)
    expect(sampleAnswers(answers, trials, 5, seededRandom(2))).not.toEqual(sample)
  })
})

const perceptimatic = fileURLToPath(
  new URL('../../../../shared/data/perceptimatic/humans_and_model.csv', import.meta.url),
)
describe.skipIf(!existsSync(perceptimatic))('Perceptimatic, where ../shared/data is', () => {
  test('accuracies, rank correlations and probit models of seven models', { timeout: 120_000 }, () => {
    const answers = parseAnswers(parseDelimited(readFileSync(perceptimatic, 'utf8'), perceptimatic), perceptimatic)
    const expected = JSON.parse(read('perceptimatic.json')) as {
      readonly trials: number
      readonly participants: number
      readonly triplets: number
      readonly accuracy: Readonly<Record<string, number>>
      readonly rho: Readonly<Record<string, number>>
      readonly raw: Readonly<Record<string, Fit>>
      readonly standardized: Readonly<Record<string, Fit>>
    }
    const trials = trialsOf(answers)
    expect(trials).toHaveLength(expected.trials)
    expect(new Set(answers.participant).size).toBe(expected.participants)
    expect(new Set(answers.triplet).size).toBe(expected.triplets)
    expect([...answers.models.keys()]).toEqual(Object.keys(expected.rho))
    for (const [language, accuracy] of Object.entries(expected.accuracy)) {
      const own = trials.filter((i) => answers.targetLanguage[i] === language)
      expect(listenerAccuracy(answers, own)).toBeCloseTo(accuracy, 12)
    }
    for (const [name, delta] of answers.models) {
      expect(Math.abs(contrastCorrelation(answers, delta, trials).rho - expected.rho[name]), name).toBeLessThan(1e-9)
      expectFit(probitOfDelta(answers, delta, trials, false), expected.raw[name])
      expectFit(probitOfDelta(answers, delta, trials, true), expected.standardized[name])
    }
  })
})

describe('the normal distribution', () => {
  // mpmath 1.3 with 40 digits: log(ncdf(x)), npdf(x) / ncdf(x).
  test.each([
    [-40, -804.6084420137538, 40.02496884720726],
    [-10, -53.23128515051247, 10.098093233962512],
    [-2.5, -5.08164827727869, 2.822744797663907],
    [-1, -1.8410216450092636, 1.525135276160981],
    [0, -0.6931471805599453, 0.7978845608028654],
    [0.3, -0.4814101615884812, 0.6172208536127345],
    [2.5, -0.006229025485860002, 0.017637825486916735],
    [8, -6.220960574271786e-16, 5.052271083536895e-15],
  ])('at %f', (x, log, mills) => {
    expect(Math.abs(logNormalCdf(x) / log - 1)).toBeLessThan(1e-13)
    expect(Math.abs(inverseMills(x) / mills - 1)).toBeLessThan(1e-13)
  })

  test('its tails do not jump where the formulae meet', () => {
    for (const x of [-2.5, 2.5])
      expect(Math.abs(logNormalCdf(x - 1e-9) / logNormalCdf(x + 1e-9) - 1)).toBeLessThan(2e-7)
  })
})

describe('probit regression', () => {
  test('the gradient of the likelihood is 0 at the solution', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = seededRandom(seed)
        const rows = Array.from({ length: 60 }, () => ({ columns: [0, 1], values: [1, random.normal()] }))
        const answers = rows.map(({ values }) => (0.2 + 0.5 * values[1] + random.normal() > 0 ? 1 : 0))
        if (new Set(answers).size < 2) return
        const { coefficients, logLikelihood } = fitProbit(rows, answers, 2)
        for (const [j, change] of [
          [0, 1e-4],
          [1, 1e-4],
        ] as const) {
          const around = [change, -change].map((step) => {
            const moved = Float64Array.from(coefficients)
            moved[j] += step
            return rows.reduce((sum, { values }, i) => {
              const eta = moved[0] + moved[1] * values[1]
              return sum + logNormalCdf((2 * answers[i] - 1) * eta)
            }, 0)
          })
          for (const value of around) expect(value).toBeLessThanOrEqual(logLikelihood + 1e-12)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('a participant who was always right, and a constant column, are told', () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      columns: i < 10 ? [0] : [0, 1],
      values: i < 10 ? [1] : [1, 1],
    }))
    const answers = rows.map((_, i) => (i >= 10 ? 1 : i % 2))
    expect(() => fitProbit(rows, answers, 2)).toThrow(/probit/)
    const twice = rows.map(() => ({ columns: [0, 1], values: [1, 3] }))
    expect(() =>
      fitProbit(
        twice,
        rows.map((_, i) => i % 2),
        2,
      ),
    ).toThrow(/depend/)
  })
})
