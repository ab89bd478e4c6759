/** The table of scores as tab-separated values and as Parquet, for R, pandas and spreadsheets. Pure. */
import type { LayerScores, Measure, ModelFacts, NamedScore, ScoreRow, ScoreTable, SetRow } from '../contract/study.ts'
import { columnsParquet } from '../formats/columns.ts'
import { tsvText } from '../formats/tsv.ts'

type Cell = string | number | null

const columns = [
  ...['model', 'member', 'axis', 'at', 'regime', 'language', 'hours', 'steps', 'corpus', 'note', 'layer'],
  ...['subjects', 'seeds', 'score', 'mean', 'se_subjects', 'sd_seeds', 'share_of_ceiling'],
] as const

/**
 * One line a model, or space, and layer; after each of these one for every member of the model (a seed, a checkpoint).
 * `score` says what is averaged (r, r², R²), `mean` is over vertices and subjects, `se_subjects` its standard error over
 * subjects, `sd_seeds` its standard deviation over seeds; then a column `region:NAME` for each region. Of a series, the model's own line is its last
 * checkpoint; `hours` or `steps` are then those of each line. After them one line a set of spaces, its `layer` being
 * `all`, and where the variance explained was divided one a part, whose scores are R² or r².
 */
export const scoresTsv = (table: ScoreTable): string => tsvText(cellsOf(table))

const texts: ReadonlySet<Cell> = new Set([
  'model',
  'member',
  'axis',
  'regime',
  'language',
  'corpus',
  'note',
  'layer',
  'score',
])

/** The same lines; what is not there is null. */
export function scoresParquet(table: ScoreTable): Uint8Array {
  const [names, ...lines] = cellsOf(table)
  const made = names.map((name, place) => {
    const cells = lines.map((cells) => cells[place])
    const values = texts.has(name)
      ? cells.map((cell) => String(cell ?? ''))
      : Float64Array.from(cells, (cell) => (cell === null ? NaN : Number(cell)))
    return { name: String(name), title: String(name), values }
  })
  return columnsParquet(made, {})
}

function cellsOf({ models, rows, regions, measure, sets = [] }: ScoreTable): readonly (readonly Cell[])[] {
  const lines = rows.flatMap((row) => {
    const facts = models.find(({ id }) => id === row.model)
    const axis = facts?.axis ?? null
    const last = axis === 'seed' || axis === null ? null : (row.members.at(-1)?.at ?? null)
    return [
      line(measure, row, row, facts, '', last),
      ...row.members.map((member) => line(measure, row, member, facts, member.id, member.at)),
    ]
  })
  const ofSets = sets.flatMap((set) => [
    setLine(measure.symbol, set, 'all', set.score),
    ...(set.partition?.parts ?? []).map((part) => setLine(partMeasures[set.partition!.measure], set, part.name, part)),
  ])
  return [[...columns, ...regions.map((name) => `region:${name}`)], ...lines, ...ofSets]
}

function line(
  measure: Measure,
  row: ScoreRow,
  scores: LayerScores,
  facts: ModelFacts | undefined,
  member: string,
  at: number | null,
): readonly Cell[] {
  const axis = facts?.axis ?? null
  const own = scores === row
  const seeds = axis !== 'seed' ? null : own ? row.members.length : 1
  return [
    ...[row.model, member, axis, at, row.regime, facts?.language ?? ''],
    ...[axis === 'hours' ? at : (facts?.hours ?? null), axis === 'steps' ? at : (facts?.steps ?? null)],
    ...[facts?.corpus ?? '', facts?.note ?? '', row.layer, scores.subjects, seeds],
    ...[
      measure.symbol,
      scores.meanR,
      scores.semR,
      own ? (row.spread?.sd ?? null) : null,
      scores.ceilingShare,
      ...scores.byRegion,
    ],
  ]
}

const partMeasures = { r2: 'R²', 'r-squared': 'r²' }

function setLine(
  measure: string,
  { id, subjects }: SetRow,
  layer: string,
  { mean, byRegion }: NamedScore,
): readonly Cell[] {
  const unknown = columns.slice(1, columns.indexOf('layer')).map(() => null)
  return [id, ...unknown, layer, subjects, null, measure, mean, null, null, null, ...byRegion]
}
