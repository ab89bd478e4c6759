/** The table of scores as tab-separated values, for R, pandas and spreadsheets. Pure. */
import type { LayerScores, ModelFacts, ScoreRow, ScoreTable } from '../contract/study.ts'

/** For what is not known, as in BIDS. */
const missing = 'n/a'

type Cell = string | number | null

const columns = [
  ...['model', 'member', 'axis', 'at', 'regime', 'language', 'hours', 'steps', 'corpus', 'note', 'layer'],
  ...['subjects', 'seeds', 'mean_r', 'se_subjects', 'sd_seeds', 'share_of_ceiling'],
] as const

/**
 * One line a model, or space, and layer; after each of these one for every member of the model (a seed, a checkpoint).
 * `mean_r` is Pearson r over vertices and subjects, `se_subjects` its standard error over subjects, `sd_seeds` its
 * standard deviation over seeds; then a column `r:NAME` for each region. Of a series, the model's own line is its last
 * checkpoint; `hours` or `steps` are then those of each line.
 */
export function scoresTsv({ models, rows, regions }: ScoreTable): string {
  const lines = rows.flatMap((row) => {
    const facts = models.find(({ id }) => id === row.model)
    const axis = facts?.axis ?? null
    const last = axis === 'seed' || axis === null ? null : (row.members.at(-1)?.at ?? null)
    return [
      line(row, row, facts, '', last),
      ...row.members.map((member) => line(row, member, facts, member.id, member.at)),
    ]
  })
  return [[...columns, ...regions.map((name) => `r:${name}`)], ...lines]
    .map((cells) => `${cells.map(written).join('\t')}\n`)
    .join('')
}

function line(
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
    ...[scores.meanR, scores.semR, own ? (row.spread?.sd ?? null) : null, scores.ceilingShare, ...scores.byRegion],
  ]
}

/** Numbers with all their digits; text on one line, whatever is in it. */
function written(cell: Cell): string {
  if (cell === null || cell === '' || Number.isNaN(cell)) return missing
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return String(cell).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}
