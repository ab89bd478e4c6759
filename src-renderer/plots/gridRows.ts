/** The rows of a grid of maps: what each shows, and what is asked for. */
import type { MapSpec, ScoredPart } from '../../src-main/contract/maps.ts'
import type { Hemisphere, ModelOverview } from '../../src-main/contract/study.ts'
import { trainingText } from './models.ts'

export const rowKinds = ['model', 'layer', 'regime', 'contrast', 'subject'] as const
export type RowKind = (typeof rowKinds)[number]

export const quantities = ['score', 'difference', 'share', 'preferred', 'p'] as const
export type Quantity = (typeof quantities)[number]

export interface GridRow {
  /** The same at every layer, but of rows by layer: what is set for a row or a cell stays when the layer changes. */
  readonly id: string
  readonly title: string
  /** Quieter, below the title. */
  readonly note: string
  readonly of: ScoredPart
  /** What a contrast's row is compared with; null where the grid's reference is. */
  readonly less: ScoredPart | null
  /** Of its model, in order: what a preferred layer is among. */
  readonly layers: readonly string[]
  /** Why it has nothing to show, where that is known beforehand. */
  readonly lacks: string | null
}

export interface RowChoice {
  readonly kind: RowKind
  readonly model: string
  readonly layer: string
  readonly subject: string
}

/** Rows of what the study has; a space of sound has its one layer whatever layer is chosen. */
export function gridRows(
  models: readonly ModelOverview[],
  subjects: readonly { readonly id: string }[],
  { kind, model: chosen, layer, subject }: RowChoice,
): readonly GridRow[] {
  const ownLayer = (model: ModelOverview) => (model.kind === 'acoustic' ? (model.layers[0]?.name ?? layer) : layer)
  const row = (model: ModelOverview, own: string, rest: Partial<GridRow> = {}): GridRow => ({
    ...{ id: model.id, title: model.id, note: [trainingText(model), own].filter(Boolean).join(', ') },
    ...{ of: { models: [model.id], layer: own, subject }, less: null, layers: namesOf(model) },
    ...{ lacks: namesOf(model).includes(own) ? null : `has no layer ${own}`, ...rest },
  })
  const model = models.find(({ id }) => id === chosen) ?? models[0]
  if (!model) return []
  switch (kind) {
    case 'model':
      return models.map((one) => row(one, ownLayer(one)))
    case 'layer':
      return model.layers.map(({ name }) =>
        row(model, name, { id: `${model.id} ${name}`, title: name, note: model.id }),
      )
    case 'subject':
      return ['mean', ...subjects.map(({ id }) => id)].map((id) =>
        row(model, ownLayer(model), {
          id: `subject ${id}`,
          title: id === 'mean' ? 'Mean' : id,
          note: `${model.id}, ${ownLayer(model)}`,
          of: { models: [model.id], layer: ownLayer(model), subject: id },
        }),
      )
    case 'regime':
      return [...regimesOf(models)].map(([regime, own]) => ({
        ...{ id: `regime ${regime}`, title: regime, note: `${own.map(({ id }) => id).join(', ')}, ${layer}` },
        ...{ of: { models: own.map(({ id }) => id), layer, subject }, less: null },
        layers: namesOf(own[0] ?? model),
        lacks: own.some((one) => namesOf(one).includes(layer)) ? null : `has no layer ${layer}`,
      }))
    case 'contrast':
      return pairsOf(models.filter(({ kind: own }) => own === 'model')).map(([a, b]) =>
        row(a, layer, {
          ...{ id: `${a.id} minus ${b.id}`, title: `${a.id} − ${b.id}`, note: layer },
          less: { models: [b.id], layer, subject },
          lacks: namesOf(a).includes(layer) && namesOf(b).includes(layer) ? null : `not both have ${layer}`,
        }),
      )
  }
}

const namesOf = ({ layers }: ModelOverview) => layers.map(({ name }) => name)

function regimesOf(models: readonly ModelOverview[]): ReadonlyMap<string, readonly ModelOverview[]> {
  return Map.groupBy(
    models.filter(({ kind, regime }) => kind === 'model' && regime !== ''),
    ({ regime }) => regime,
  )
}

/** Pairs in the order of the study, the later one first: trained minus untrained, where they are listed so. */
function pairsOf<One>(all: readonly One[]): readonly (readonly [One, One])[] {
  return all.flatMap((a, i) => all.slice(0, i).map((b) => [a, b] as const)).slice(0, 28)
}

/** Of p values over subjects. */
export type PTest = 't' | 'wilcoxon'

/**
 * What a cell asks for.
 * @param reference of a difference, where the row has none of its own
 * @returns null where there is nothing to ask for: no such layer, a difference from itself, a preference of one layer
 */
export function specOf(
  row: GridRow,
  quantity: Quantity,
  reference: ScoredPart | null,
  test: PTest = 't',
): MapSpec | null {
  const { of } = row
  if (row.lacks !== null) return null
  const less = row.less ?? reference
  switch (quantity) {
    case 'score':
      return { kind: 'score', of }
    case 'share':
      return { kind: 'share', of }
    case 'difference':
      return less === null || same(less, of) ? null : { kind: 'difference', of, less }
    case 'preferred':
      // Of rows by layer it is one map: they ask for the same.
      return row.layers.length < 2
        ? null
        : { kind: 'preferred', of: { ...of, layer: row.layers[0] }, layers: [...row.layers] }
    case 'p':
      return { kind: 'p', of, less: row.less, ...(test === 'wilcoxon' && { test }) }
  }
}

const same = (a: ScoredPart, b: ScoredPart) =>
  a.layer === b.layer && a.subject === b.subject && a.models.join(' ') === b.models.join(' ')

export const quantityWords: Readonly<Record<Quantity, string>> = {
  score: 'Score',
  difference: 'Difference',
  share: 'Share of ceiling',
  preferred: 'Preferred layer',
  p: 'p value',
}

/** "left, lateral", or "dorsal" where both hemispheres are in it. */
export const columnText = (column: { readonly aspect: string; readonly hemispheres: readonly Hemisphere[] }): string =>
  column.hemispheres.length === 1 ? `${column.hemispheres[0]}, ${column.aspect}` : column.aspect
