/** Caption, methods and notes of the scores' finding, with its numbers. */
import { describe } from '../../../statistics/index.ts'
import type { FigureOptions } from '../../../study/figures.ts'
import { dotted } from '../chance.ts'
import type { FindingResult } from '../result.ts'
import { captioned, countText, estimateText, listText, pText } from '../words.ts'
import type { Contrast, Contrasts } from './contrasts.ts'
import { overSubjects } from './estimate.ts'
import { columnOf, layersText } from './tables.ts'
import type { ScoresTables } from './tables.ts'

const ways = {
  equal: 'each vertex counting alike',
  area: 'each vertex counting by the area around it on the folded cortex',
  ceiling: 'each vertex counting by its noise ceiling',
} as const

export function scoresWords(
  tables: ScoresTables,
  contrasts: Contrasts,
  { layer, weights }: FigureOptions['scores'],
): Pick<FindingResult, 'title' | 'caption' | 'captionParts' | 'methods' | 'notes' | 'tests'> {
  const { spaces, measure, chance } = tables
  const means = spaces.map((one) => {
    const estimate = overSubjects(columnOf(one, 0))
    return `${one.space.id} ${estimateText(estimate)} (n = ${estimate.n}, ${layersText(one)})`
  })
  const whole = contrasts.rows.filter(({ region }) => region === tables.regions[0])
  const baselines = listText([...new Set(whole.map(({ baseline }) => baseline))])
  return {
    title: 'Brain scores',
    ...captioned({
      opening: '',
      panels: [
        { panel: 'map', words: `mean ${measure.name} of ${spaces[0].space.id} over subjects on the cortex.` },
        {
          panel: 'regions',
          words: `mean over the vertices of a region and over subjects, with 95 % intervals by Student’s t and a point a subject${dotted(chance)}.`,
        },
        { panel: 'cortex', words: `mean over the cortex: ${listText(means)}; in brackets the 95 % interval.` },
        { panel: 'ceiling', words: ceilingWords(tables) },
      ],
      closing: [
        ...(whole.length === 0
          ? []
          : [`Differences within subjects${chance.less}: ${whole.map(contrastText).join('; ')}.`]),
        ...testWords(contrasts),
      ].join(' '),
    }),
    methods: [
      `A subject’s score of a model at a vertex was ${layerWords(layer, measure.symbol)}.`,
      `It was averaged over vertices, ${ways[weights]}, within each subject, and then over subjects.`,
      ...(whole.length === 0
        ? []
        : [
            `Models and spaces were compared with ${baselines} within subjects${chance.less}${chance.less === '' ? '' : ','} by Wilcoxon’s signed-rank test (two-sided); ` +
              'false discoveries were controlled by Benjamini and Hochberg’s procedure over the comparisons of the whole ' +
              'cortex, and over those of all regions.',
            chance.methods,
          ]),
    ].join(' '),
    notes: notesOf(tables, contrasts, layer),
    tests: contrasts.tests.map(
      ({ space, baseline, test }) =>
        `${space} against ${baseline}: ${describe({ ...test, correction: correctionText(contrasts) })}`,
    ),
  }
}

function contrastText({ space, baseline, difference, w, q, dz, why }: Contrast): string {
  const size = Number.isNaN(dz) ? '' : `, d_z = ${dz.toFixed(2).replace('-', '−')}`
  const tested = why === '' ? `W = ${w}, ${pText(q, 'q')}${size}` : `not tested: ${why}`
  return `${space} against ${baseline} ${estimateText(difference)}, n = ${difference.n}, ${tested}`
}

function ceilingWords({ ceilings, vertices, reliable }: ScoresTables): string {
  if (ceilings === null) return ''
  return (
    `the same over the ${countText(reliable[0], 'vertex', 'vertices')} of ${vertices[0].toLocaleString('en')} whose ` +
    `responses are reliable enough to have a noise ceiling, dashed, ${ceilings[0].toPrecision(3)} on average; the right axis is the share of it.`
  )
}

const correctionText = ({ counts: [cortex, parts] }: Contrasts) =>
  `Benjamini–Hochberg over ${countText(cortex, 'test')} of the cortex, and over ${parts} of regions`

function testWords(contrasts: Contrasts): string[] {
  const { tests } = contrasts
  if (tests.length === 0) return []
  const correction = correctionText(contrasts)
  const stars = '* q < 0.05, ** q < 0.01, *** q < 0.001, of the difference from the first baseline'
  return [`${describe({ ...tests[0].test, correction })}; ${stars}.`]
}

function layerWords(layer: string, symbol: string): string {
  if (layer === 'mean') return `the mean ${symbol} over all its layers`
  if (layer !== 'best') return `the ${symbol} of its layer ${layer}`
  return (
    `the ${symbol} of one layer: that with the highest mean over the cortex and all other subjects, so that no ` +
    'subject’s own responses chose it'
  )
}

function notesOf({ spaces, ceilings }: ScoresTables, { tests }: Contrasts, layer: string): string[] {
  const models = spaces.filter(({ space }) => space.kind === 'model')
  const least = tests.reduce((most, { test }) => Math.max(most, test.smallestP ?? 0), 0)
  const notes: string[] = []
  if (layer === 'mean' && new Set(models.map(layersText)).size > 1) {
    const each = models.map((one) => `${one.space.id} ${layersText(one)}`).join('; ')
    notes.push(`Means are over different layers: ${each}. Name one layer to compare alike.`)
  }
  if (ceilings === null)
    notes.push('There is no noise ceiling: it needs two subjects who heard the same, or a stimulus heard twice.')
  if (spaces.some(({ subjects }) => subjects.length === 1))
    notes.push('Of one subject alone there is no interval and no test.')
  if (least > 0.05)
    notes.push(`So few subjects cannot give a p below ${Number(least.toPrecision(2))}, whatever their scores.`)
  return notes
}
