import type { FindingTable } from '../../../contract/findings.ts'
import { shareOfCeiling } from '../../../scoring/index.ts'
import type { Measure } from '../../../contract/study.ts'
import { countColumn, estimateColumns, numberColumn, tableOf, textColumn } from '../table.ts'
import type { ScoreCeiling } from './average.ts'
import type { Contrast } from './contrasts.ts'
import { overSubjects } from './estimate.ts'
import type { MeanEstimate } from './estimate.ts'
import type { SpaceScores } from './read.ts'

export interface ScoresTables {
  readonly spaces: readonly SpaceScores[]
  /** The whole cortex first. */
  readonly regions: readonly string[]
  /** [vertices]: regions that they are counted in; 0 for the cortex alone. */
  readonly vertices: Float64Array
  /** [1 + regions]: the mean ceiling in the scores' unit, unreliable vertices counting as 0; null without a ceiling. */
  readonly ceilings: Float64Array | null
  readonly ceiling: ScoreCeiling | null
  readonly measure: Measure
}

/** A column of a space's means, a value a subject. */
export const columnOf = ({ means: { data, rows, cols } }: SpaceScores, column: number): number[] =>
  Array.from({ length: rows }, (_, row) => data[row * cols + column])

const kindOf = { r: 'r', 'r²': 'r-squared', 'R²': 'r2' } as const

/** The layers of all subjects: one name, or as many as were chosen. */
export const layersText = ({ layers }: Pick<SpaceScores, 'layers'>): string => [...new Set(layers)].join(', ')

export function spaceTable({ spaces, ceilings, ceiling, measure }: ScoresTables): FindingTable {
  const rows = spaces.map((one) => ({ one, estimate: overSubjects(columnOf(one, 0)) }))
  return tableOf('spaces', `Mean ${measure.name} of models and spaces over the cortex`, rows, [
    ...idColumns<(typeof rows)[number]>(({ one }) => one),
    textColumn('layer', 'layer that the scores are of', ({ one }) => layersText(one)),
    ...meanColumns<(typeof rows)[number]>(measure, ({ estimate }) => estimate),
    numberColumn('ceiling', 'mean noise ceiling, 0 where it is not reliable', () => ceilings?.[0] ?? NaN),
    numberColumn('share', 'mean over ceiling', ({ estimate }) => estimate.value / (ceilings?.[0] ?? NaN)),
    numberColumn('share_reliable', 'share of the ceiling over its reliable vertices, each counting alike', ({ one }) =>
      ceiling ? shareOfCeiling(one.map, ceiling.correlation, kindOf[measure.symbol as keyof typeof kindOf]) : NaN,
    ),
  ])
}

export function regionTable({ spaces, regions, vertices, ceilings, measure }: ScoresTables): FindingTable {
  const rows = spaces.flatMap((one) =>
    regions.slice(1).map((region, i) => ({ one, region, column: i + 1, estimate: overSubjects(columnOf(one, i + 1)) })),
  )
  type Row = (typeof rows)[number]
  return tableOf('regions', `Mean ${measure.name} of models and spaces by region`, rows, [
    ...idColumns<Row>(({ one }) => one),
    textColumn('region', 'region', ({ region }) => region),
    countColumn('vertices', 'vertices of the region', ({ column }) => vertices[column]),
    ...meanColumns<Row>(measure, ({ estimate }) => estimate),
    numberColumn(
      'ceiling',
      'mean noise ceiling, 0 where it is not reliable',
      ({ column }) => ceilings?.[column] ?? NaN,
    ),
    numberColumn('share', 'mean over ceiling', ({ column, estimate }) => estimate.value / (ceilings?.[column] ?? NaN)),
  ])
}

/** The points behind every bar. */
export function subjectTable({ spaces, regions, measure }: ScoresTables): FindingTable {
  const rows = spaces.flatMap((one) =>
    one.subjects.flatMap((subject, s) => regions.map((region, column) => ({ one, subject, s, region, column }))),
  )
  type Row = (typeof rows)[number]
  return tableOf('subjects', `${measure.name} of each subject`, rows, [
    textColumn<Row>('subject', 'subject', ({ subject }) => subject.id),
    textColumn('language', 'language of the listener', ({ subject }) => subject.language),
    textColumn('space', 'model or space', ({ one }) => one.space.id),
    textColumn('layer', 'layer', ({ one, s }) => one.layers[s]),
    textColumn('region', 'region, or the whole cortex', ({ region }) => region),
    numberColumn(
      'score',
      `mean ${measure.name} over vertices`,
      ({ one, s, column }) => one.means.data[s * one.means.cols + column],
    ),
  ])
}

/** By the listeners' language. */
export function groupTable({ spaces, measure }: ScoresTables): FindingTable {
  const rows = spaces.flatMap((one) => {
    const values = columnOf(one, 0)
    const groups = Map.groupBy(one.subjects.keys(), (s) => one.subjects[s].language)
    return [...groups].map(([language, own]) => ({ one, language, estimate: overSubjects(own.map((s) => values[s])) }))
  })
  type Row = (typeof rows)[number]
  return tableOf('languages', `Mean ${measure.name} by the listeners’ language`, rows, [
    ...idColumns<Row>(({ one }) => one),
    textColumn('listeners', 'language of the listeners', ({ language }) => language),
    ...meanColumns<Row>(measure, ({ estimate }) => estimate),
  ])
}

export function contrastTable(rows: readonly Contrast[], { symbol }: Measure): FindingTable {
  return tableOf('contrasts', 'Models and spaces against baselines, within subjects', rows, [
    textColumn<Contrast>('space', 'model or space', ({ space }) => space),
    textColumn('baseline', 'what it is compared with', ({ baseline }) => baseline),
    textColumn('region', 'region, or the whole cortex', ({ region }) => region),
    countColumn('n', 'subjects who have both', ({ difference }) => difference.n),
    ...estimateColumns<Contrast>('difference', `mean difference of ${symbol}`, ({ difference }) => difference),
    numberColumn('w', 'Wilcoxon’s W: the smaller sum of ranks', ({ w }) => w),
    numberColumn('p', 'two-sided p', ({ p }) => p),
    numberColumn('q', 'p by Benjamini and Hochberg, over the cortex or over regions', ({ q }) => q),
    numberColumn('d_z', 'Cohen’s d of the paired differences', ({ dz }) => dz),
    textColumn('not_tested', 'why there is no p', ({ why }) => why),
  ])
}

const idColumns = <Row>(of: (row: Row) => SpaceScores) => [
  textColumn<Row>('space', 'model or space', (row) => of(row).space.id),
  textColumn<Row>('regime', 'training regime', (row) => of(row).space.regime),
  textColumn<Row>('trained_on', 'language of the training', (row) => of(row).space.language),
]

const meanColumns = <Row>({ name }: Measure, of: (row: Row) => MeanEstimate) => [
  countColumn<Row>('n', 'subjects', (row) => of(row).n),
  ...estimateColumns<Row>('mean', `mean ${name} over vertices and subjects`, of),
  numberColumn<Row>('sem', 'standard error over subjects', (row) => of(row).sem),
]
