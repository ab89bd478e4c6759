import type { FindingTable } from '../../../contract/findings.ts'
import type { Measure } from '../../../contract/study.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import type { ChanceWords } from '../chance.ts'
import { countColumn, estimateColumns, numberColumn, tableOf, textColumn } from '../table.ts'
import type { TableColumn } from '../table.ts'
import type { Contrast } from './contrasts.ts'
import { overSubjects } from './estimate.ts'
import type { MeanEstimate } from './estimate.ts'
import type { SpaceScores } from './read.ts'

export interface ScoresTables {
  readonly spaces: readonly SpaceScores[]
  /** The whole cortex first. */
  readonly regions: readonly string[]
  /** [1 + regions]: how many they have, and how many of them have a noise ceiling. */
  readonly vertices: Float64Array
  readonly reliable: Float64Array
  /** [1 + regions]: the mean ceiling of these, in the scores' unit; null without a ceiling. */
  readonly ceilings: Float64Array | null
  readonly measure: Measure
  readonly chance: ChanceWords
}

/** A column of a space's means, a value a subject. */
export const columnOf = ({ means }: SpaceScores, column: number): number[] => values(means, column)

/** The same of vertices that have a noise ceiling; NaN where there is none. */
const reliableOf = ({ means, reliable }: SpaceScores, column: number): number[] =>
  reliable ? values(reliable, column) : Array.from({ length: means.rows }, () => NaN)

const values = ({ data, rows, cols }: Matrix64, column: number) =>
  Array.from({ length: rows }, (_, row) => data[row * cols + column])

/** The layers of all subjects: one name, or as many as were chosen. */
export const layersText = ({ layers }: Pick<SpaceScores, 'layers'>): string => [...new Set(layers)].join(', ')

export function spaceTable(tables: ScoresTables): FindingTable {
  const { spaces, measure } = tables
  const rows = spaces.map((one) => ({ one, column: 0 }))
  return tableOf('spaces', `Mean ${measure.name} of models and spaces over the cortex`, rows, [
    ...idColumns<MeanRow>(({ one }) => one),
    textColumn('layer', 'layer that the scores are of', ({ one }) => layersText(one)),
    ...scoreColumns(tables),
  ])
}

export function regionTable(tables: ScoresTables): FindingTable {
  const { spaces, regions, measure } = tables
  const rows = spaces.flatMap((one) => regions.slice(1).map((_, i) => ({ one, column: i + 1 })))
  return tableOf('regions', `Mean ${measure.name} of models and spaces by region`, rows, [
    ...idColumns<MeanRow>(({ one }) => one),
    textColumn('region', 'region', ({ column }) => regions[column]),
    ...scoreColumns(tables),
  ])
}

interface MeanRow {
  readonly one: SpaceScores
  readonly column: number
}

/** The mean over subjects of what they score by chance. */
function chanceColumn({ measure, chance }: ScoresTables): readonly TableColumn<MeanRow>[] {
  if (chance.less === '') return []
  return [
    numberColumn('chance', `mean ${measure.name} by chance: ${chance.short}`, ({ one, column }) => {
      const above = values(one.above, column)
      return overSubjects(columnOf(one, column).map((score, s) => score - above[s])).value
    }),
  ]
}

function scoreColumns(tables: ScoresTables): readonly TableColumn<MeanRow>[] {
  const { measure, vertices, reliable, ceilings } = tables
  const overReliable = ({ one, column }: MeanRow) => overSubjects(reliableOf(one, column))
  return [
    countColumn('vertices', 'vertices', ({ column }) => vertices[column]),
    ...meanColumns<MeanRow>(measure, ({ one, column }) => overSubjects(columnOf(one, column))),
    ...chanceColumn(tables),
    countColumn('reliable', 'vertices that have a noise ceiling', ({ column }) => reliable[column]),
    ...estimateColumns<MeanRow>('mean_reliable', `mean ${measure.name} over these and subjects`, overReliable),
    numberColumn('ceiling', 'mean noise ceiling of these', ({ column }) => ceilings?.[column] ?? NaN),
    numberColumn('share', 'mean over these, as a share of their ceiling', (row) =>
      ceilings ? overReliable(row).value / ceilings[row.column] : NaN,
    ),
  ]
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
    numberColumn(
      'score_reliable',
      'the same over vertices that have a noise ceiling',
      ({ one: { reliable }, s, column }) => (reliable ? reliable.data[s * reliable.cols + column] : NaN),
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
