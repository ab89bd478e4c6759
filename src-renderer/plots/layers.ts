/** The order in which layers stand on an axis, and how score rows group into series. */
import type { ScoreRow, ScoreTable } from '../../src-main/contract/study.ts'
import { placeText } from './models.ts'

/** conv0…, projection, embedding, transf0…, then anything else by its name. */
export function compareLayers(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function rank(layer: string): number {
  const [, kind, index, norm] = /^(conv|transf)(\d+)(\.norm)?$/.exec(layer) ?? []
  if (kind === 'conv') return Number(index)
  if (layer === 'projection') return 1e6
  if (layer === 'embedding') return 1e6 + 1
  if (kind === 'transf') return 2e6 + Number(index) + (norm === undefined ? 0 : 0.5)
  return 4e6
}

export interface Series {
  readonly model: string
  readonly regime: string
  readonly rows: readonly ScoreRow[]
}

/** One series a model, in the table's order. An acoustic space, whose only layer has its own name, has no axis place. */
export function scoreSeries(rows: readonly ScoreRow[]): {
  readonly models: readonly Series[]
  readonly spaces: readonly Series[]
} {
  const byModel = new Map<string, ScoreRow[]>()
  for (const row of rows) byModel.set(row.model, [...(byModel.get(row.model) ?? []), row])
  const series = [...byModel].map(([model, own]) => ({
    model,
    regime: own[0].regime,
    rows: own.toSorted((a, b) => compareLayers(a.layer, b.layer)),
  }))
  const isSpace = ({ model, rows: own }: Series) => own.length === 1 && own[0].layer === model
  return { models: series.filter((one) => !isSpace(one)), spaces: series.filter(isSpace) }
}

/** A model's rows, or those of one of its members, by its id. */
export function rowsOf(rows: readonly ScoreRow[], id: string): readonly ScoreRow[] {
  return rows.flatMap((row) => {
    if (row.model === id) return [row]
    const member = row.members.find((one) => one.id === id)
    return member === undefined ? [] : [{ ...row, ...member, model: id, spread: null, members: [] }]
  })
}

/** What to call a series in a legend: its regime, and of how many seeds, or after how much training, its scores are. */
export function legendText({ model, regime, rows }: Series, { models }: Pick<ScoreTable, 'models'>): string {
  const axis = models.find(({ id }) => id === model)?.axis ?? null
  const members = rows[0].members
  const last = members.at(-1)
  const of =
    axis === null || last === undefined
      ? ''
      : axis === 'seed' && members.length > 1
        ? `mean of ${members.length} seeds`
        : placeText(axis, last.at)
  const notes = [regime, of].filter(Boolean).join(', ')
  return notes === '' ? model : `${model} (${notes})`
}

export const layerAxis = (models: readonly Series[]) =>
  [...new Set(models.flatMap(({ rows }) => rows.map(({ layer }) => layer)))].toSorted(compareLayers)
