/** The fitted parts of the analysis as tables: specialisation, mixed models, training. */
import type { FindingTable } from '../../../contract/findings.ts'
import { countColumn as count, estimateColumns, numberColumn as number, tableOf, textColumn as text } from '../table.ts'
import type { Coefficient } from '../../../statistics/mixedModel.ts'
import type { RegionModel } from './mixed.ts'
import type { RegionSpecialisation } from './specialisation.ts'
import type { TrainingCurve } from './training.ts'

export function specialisationTable(all: readonly RegionSpecialisation[]): FindingTable {
  const rows = all.map(({ found, ...own }) =>
    found.testable
      ? { ...own, n: found.n, reason: '', index: { ...found, value: found.index } }
      : { ...own, n: 0, reason: found.reason, index: { value: NaN, low: NaN, high: NaN } },
  )
  return tableOf('specialisation', 'Specialisation index by region: (a - b) / (a + b) of mean scores', rows, [
    text('group', 'listeners', ({ group }) => group),
    text('higher', 'regime a', ({ higher }) => higher),
    text('lower', 'regime b', ({ lower }) => lower),
    text('region', 'region', ({ region }) => region),
    count('n', 'subjects', ({ n }) => n),
    ...estimateColumns<(typeof rows)[number]>('index', 'specialisation index', ({ index }) => index),
    text('untested', 'why there is no interval', ({ reason }) => reason),
  ])
}

type MixedRow = Omit<RegionModel, 'fitted'> & Coefficient & { readonly fitted: typeof noFit; readonly reason: string }

export function mixedTable(models: readonly RegionModel[]): FindingTable {
  const rows = models.flatMap(({ fitted, ...own }): readonly MixedRow[] =>
    fitted.testable
      ? fitted.rows.map((row) => ({ ...own, ...row, fitted, reason: '' }))
      : [{ ...own, ...noCoefficient, fitted: noFit, reason: fitted.reason }],
  )
  return tableOf('mixed', 'Mixed-effects summary by region: regime fixed, subjects random', rows, [
    text('group', 'listeners', ({ group }) => group),
    text('region', 'region', ({ region }) => region),
    text('term', 'mean of a regime, or a difference of two', ({ name }) => name),
    count('scores', 'scores', ({ n }) => n),
    count('subjects', 'subjects', ({ subjects }) => subjects),
    ...estimateColumns<MixedRow>('estimate', 'estimate', (row) => ({ ...row, value: row.estimate })),
    number('standard_error', 'standard error', ({ standardError }) => standardError),
    number('z', "Wald's z", ({ z }) => z),
    number('p', 'p, two-sided, uncorrected', ({ p }) => p),
    number('subject_variance', 'variance of the random intercepts', ({ fitted }) => fitted.subjectVariance),
    number('residual_variance', 'residual variance', ({ fitted }) => fitted.residualVariance),
    number('log_likelihood', 'restricted log-likelihood', ({ fitted }) => fitted.logLikelihood),
    text('unfitted', 'why there is no model', ({ reason }) => reason),
  ])
}

const noCoefficient = { name: '', estimate: NaN, standardError: NaN, z: NaN, p: NaN, low: NaN, high: NaN }
const noFit = { subjectVariance: NaN, residualVariance: NaN, logLikelihood: NaN }

export function trainingTables(curves: readonly TrainingCurve[]): readonly FindingTable[] {
  if (curves.length === 0) return []
  const points = curves.flatMap(({ points: own, ...curve }) => own.map((point) => ({ ...curve, ...point })))
  return [
    tableOf('training', 'Score along the training', points, [
      ...whose<(typeof points)[number]>(),
      number('at', 'hours of audio, or updates of the weights', ({ at }) => at),
      count('n', 'subjects', ({ score }) => score.n),
      ...estimateColumns<(typeof points)[number]>('mean', 'mean over subjects', ({ score }) => score),
      number('sem', 'standard error over subjects', ({ score }) => score.sem),
    ]),
    plateauTable(curves),
  ]
}

const whose = <Row extends Pick<TrainingCurve, 'model' | 'role' | 'group' | 'region' | 'axis'>>() => [
  text<Row>('model', 'model', ({ model }) => model),
  text<Row>('regime', 'training regime, to the listener', ({ role }) => role),
  text<Row>('group', 'listeners', ({ group }) => group),
  text<Row>('region', 'region', ({ region }) => region),
  text<Row>('axis', 'what the training is counted in', ({ axis }) => axis),
]

function plateauTable(curves: readonly TrainingCurve[]): FindingTable {
  const rows = curves.map((curve) => {
    const { plateau } = curve
    return plateau.testable
      ? { ...curve, ...plateau, reason: '' }
      : { ...curve, reached: NaN, low: NaN, high: NaN, score: NaN, subjects: 0, interval: '', reason: plateau.reason }
  })
  return tableOf('plateaus', 'Where the score stops rising', rows, [
    ...whose<(typeof rows)[number]>(),
    count('n', 'subjects', ({ subjects }) => subjects),
    ...estimateColumns<(typeof rows)[number]>(
      ...([
        'reached',
        'where the plateau begins; an upper end without a number is beyond the last checkpoint',
      ] as const),
      (row) => ({ ...row, value: row.reached }),
    ),
    number('score', 'score of the plateau', ({ score }) => score),
    text('interval', 'how the interval was made', ({ interval }) => interval),
    text('without', 'why there is no plateau', ({ reason }) => reason),
  ])
}
