/** Caption and methods of the figure, with its numbers. */
import { describe } from '../../../statistics/index.ts'
import { bootstrapWords } from '../../../statistics/bootstrap.ts'
import type { TestDescription } from '../../../statistics/result.ts'
import { dotted } from '../chance.ts'
import { captioned, estimateText, listText, numberText, pText } from '../words.ts'
import { bootstrapOf } from './estimates.ts'
import type { Analysed } from './analysed.ts'
import type { ContrastTest, GroupTests } from './groupTests.ts'
import { countedRoles } from './tables.ts'
import { correctionOf } from './testing.ts'

/** A test with the correction that its family had. */
const described = (test: TestDescription, correction: string) => describe({ ...test, correction })

/** Every test that was made, once each. */
export function testTexts({ tests }: Analysed): readonly string[] {
  return tests.flatMap(({ group, contrasts, correction }) =>
    contrasts.flatMap(({ contrast, byRegion, byVertex }) => [
      `${group.name}, ${contrast.name}, by region: ${described(byRegion.tested.test, correction)}`,
      `${group.name}, ${contrast.name}, by vertex: ${described(byVertex.tested.test, byVertex.correction)}`,
    ]),
  )
}

/** The panels in the order of the figure, each with what it shows; the figure letters them in the same order. */
export const captionOf = (found: Analysed) =>
  captioned({
    opening: '',
    panels: [
      { panel: 'regions', words: regionWords(found) },
      { panel: 'languages', words: languageWords(found) },
      { panel: 'nested', words: mapWords(found) },
      { panel: 'specialisation', words: indexWords(found) },
      { panel: 'training', words: trainingWords(found) },
    ],
    closing: '',
  })

function regionWords({ analysis, measure, layers, tests }: Analysed): string {
  const [{ contrasts, correction }] = tests
  const { options } = analysis
  const nested = contrasts.filter(({ contrast }) => contrast.alternative === 'greater')
  const twoSided = contrasts.find(({ contrast }) => contrast.alternative === 'two-sided')
  const first = nested.length > 0 ? described(nested[0].byRegion.tested.test, correction) : ''
  const marks =
    (nested.length === 0
      ? ''
      : ` *: greater than the regime before it (the first: than chance, ${analysis.chanceWords.short}), ${first}, corrected p ≤ ${options.level}.`) +
    (twoSided === undefined
      ? ''
      : ` †: supervised differs from self-supervised models of the same language, two-sided, n = ${twoSided.n}.`)
  const numbers = contrasts.map(wholeWords).join('; ')
  return (
    `${measure} of ${layers.words} by training regime and region: mean over all listeners with its ` +
    `${bootstrapWords(bootstrapOf(options))}; a point is a listener${dotted(analysis.chanceWords)}. ${countedRoles(analysis, 0)}.${marks} ` +
    `Whole cortex${analysis.chanceWords.less}: ${numbers}.`
  )
}

/** "native > non-native: difference 0.003 [0.001, 0.005], p = 0.01, rank-biserial correlation 0.8". */
function wholeWords({ contrast, n, byRegion: { means, q, effects, tested } }: ContrastTest): string {
  const [difference, corrected, effect] = [means[0], q[0], effects[0].rankBiserial.value]
  const size = Number.isNaN(effect) ? '' : `, rank-biserial correlation ${numberText(effect)}`
  const p = Number.isNaN(tested.p[0]) ? 'not testable' : `corrected ${pText(corrected)}`
  return `${contrast.name}, difference ${estimateText(difference)}, n = ${n}, ${p}${size}`
}

function languageWords({ analysis, tests }: Analysed): string {
  const [, ...own] = tests
  if (own.length === 0) return ''
  const groups = own.map(({ group, contrasts }, i) => {
    const native = contrasts.find(({ contrast }) => contrast.higher === 'native')
    return `${group.name}: ${countedRoles(analysis, i + 1)}${native ? `; ${wholeWords(native)}` : ''}`
  })
  return (
    `mean over the whole cortex within listeners of each language, of whom each group has its own native model. ` +
    `${groups.join('. ')}. Marks as by region, each language corrected by itself (${own[0].correction}).`
  )
}

function mapWords({ analysis, tests, nested }: Analysed): string {
  const [{ map }] = nested
  if (map.contrasts.length === 0) return ''
  const [{ contrasts }] = tests
  const total = map.counts[0].reduce((sum, count) => sum + count, 0)
  const counted = (count: number) => count.toLocaleString('en')
  const counts = map.contrasts.map((name, k) => `${name} ${counted(map.counts[0][k + 1])}`)
  const [{ byVertex }] = contrasts
  return (
    `the most specific contrast that holds at each vertex given that all below it do (all listeners; ` +
    `${described(byVertex.tested.test, byVertex.correction)} for each contrast, corrected p ≤ ${analysis.options.level}); ` +
    `of ${counted(total)} vertices: none ${counted(map.counts[0][0])}, ${counts.join(', ')}.`
  )
}

function indexWords({ specialisation, analysis }: Analysed): string {
  const shown = shownPair(specialisation)
  if (shown === undefined) return ''
  const { found } = shown
  const value = found.testable
    ? ` Whole cortex: ${estimateText({ ...found, value: found.index })}, n = ${found.n}.`
    : ''
  return (
    `specialisation index of each region, (a − b) / (a + b) of the mean scores of ${shown.higher} and ${shown.lower} ` +
    `models over all listeners${analysis.chanceWords.less}, with its ${bootstrapWords(bootstrapOf(analysis.options))}.${value}`
  )
}

/** The most specific pair of regimes in all listeners, over the whole cortex. */
function shownPair(all: Analysed['specialisation']) {
  const whole = all.filter(({ group, region }) => group === all[0].group && region === all[0].region)
  return whole.at(-1)
}

function trainingWords({ curves, analysis: { options } }: Analysed): string {
  const whole = curves.filter(({ group, region }) => group === curves[0].group && region === curves[0].region)
  if (whole.length === 0) return ''
  const reached = whole.map(({ model, axis, plateau }) =>
    plateau.testable
      ? `${model}: ${estimateText({ ...plateau, value: plateau.reached })} ${axis}`
      : `${model}: none (${plateau.reason})`,
  )
  return (
    `score along the training, mean over listeners with 95 % intervals; a vertical line is the point where a plateau is ` +
    `reached (two-phase regression, ${options.training === 'log' ? 'logarithmic' : 'linear'} in ${whole[0].axis}), its band ` +
    `the 95 % interval. Whole cortex, ${reached.join('; ')}.`
  )
}

export function methodsOf(found: Analysed): string {
  const { analysis, layers, measure, curves, tests } = found
  const { less } = analysis.chanceWords
  const { options } = analysis
  const rest = [
    `Scores (${measure}) were those of ${layers.words}; of several models with one role, their mean.`,
    `Models trained on speech counted as native to listeners of their language and as non-native to others, so that ` +
      `every group of listeners had its own native model.` +
      (tests.length > 1 ? ' Listeners were tested together and within each language.' : ''),
    chainWords(tests),
    `Regions: ${analysis.regions.from}.`,
    analysis.chanceWords.methods,
    `${correctionWords(found)} Intervals: ${bootstrapWords(bootstrapOf(options))}; of Hedges' g, 95 % by the noncentral t.`,
    `At each vertex the most specific contrast was taken that held given that all below it held, each at ${options.level}.`,
    `The specialisation index is (a − b) / (a + b) of two regimes' mean scores over listeners${less}.`,
    `A linear mixed model of each region's scores${less}${less === '' ? '' : ','} had one mean a regime as fixed effects and a random intercept a listener ` +
      `(REML, Wald intervals; no random slopes).`,
    curves.length === 0
      ? ''
      : `A plateau is where a straight rise (in ${options.training === 'log' ? 'the logarithm of ' : ''}${curves[0].axis}) ` +
        `turns into a constant, least squares (Hinkley 1971), if its Bayesian information criterion is the least against a ` +
        `line and a constant; its interval resamples listeners.`,
  ]
  return rest.filter((words) => words !== '').join(' ')
}

function chainWords(tests: readonly GroupTests[]): string {
  const names = [...new Set(tests.flatMap(({ contrasts }) => contrasts.map(({ contrast }) => contrast.name)))]
  const first = tests.flatMap(({ contrasts }) => contrasts)[0]
  if (names.length === 0) return 'There was no pair of regimes to compare.'
  return `Contrasts within listeners were ${listText(names)}: ${describe({ ...first.byRegion.tested.test, correction: 'corrected as below' })}.`
}

function correctionWords({ analysis: { options }, tests }: Analysed): string {
  const [{ contrasts }] = tests
  const vertex =
    contrasts.length > 0 ? `; by vertex over the vertices of each contrast (${contrasts[0].byVertex.correction})` : ''
  const kind = correctionOf(options) === 'family-wise' ? 'The family-wise error' : 'The false discovery rate'
  return `${kind} was controlled at ${options.level}: by region over all regions and contrasts of a group (${tests[0].correction})${vertex}.`
}
