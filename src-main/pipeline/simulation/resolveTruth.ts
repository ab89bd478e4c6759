/** A table of what to plant, held against a study: every value filled in, every name one of the study's. */
import { HeschlError } from '../../errors.ts'
import { similar } from '../../study/similar.ts'
import { roleOf } from '../findings/roles.ts'
import { usual } from './defaultTruth.ts'
import { badValue, regionColumns } from './truthTable.ts'
import type { GeneratingHrf, GivenRow, TruthRow } from './truthTable.ts'

/** A model as the study file has it. */
interface StudyModel {
  readonly id: string
  readonly regime: string
  readonly language?: string | undefined
}

export interface TruthContext {
  /** Names, without that of what is no region. */
  readonly regions: readonly string[]
  readonly models: readonly StudyModel[]
  /** The one set of weights that stands for a model, or a member by its own id; undefined where it cannot be read. */
  readonly memberOf: (model: string) => { readonly id: string; readonly layers: readonly string[] } | undefined
  /** What the analysis assumes, or the nearest to it that a recording can be made with. */
  readonly hrf: GeneratingHrf
  /** Of the listeners; '' where the study says none. */
  readonly languages: readonly string[]
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** What a model is to listeners of a language. */
export const regimeFor = ({ regime, language = '' }: StudyModel, listener: string): string =>
  roleOf({ regime, language }, { language: listener })

/**
 * @param file for errors
 * @returns rows of one language and one region each; `model` names the member that is planted, `layer` may be a place
 * @throws HeschlError FORMAT_INVALID with the line; OPTION_INVALID where the study has no model to plant
 */
export function resolveTruth(given: readonly GivenRow[], file: string, context: TruthContext): readonly TruthRow[] {
  const { regions, languages } = context
  const named = new Set(given.map(({ region }) => region))
  const rows = given.flatMap((row) => {
    const { region, line } = row
    if (region !== '*' && !regions.includes(region)) throw unknownName(file, line, 'region', region, regions)
    const places = region === '*' ? regions.filter((name) => !named.has(name)) : [region]
    const heard = languages.filter((language) => isOf(row.language ?? '*', language))
    if (heard.length === 0)
      throw unknownName(
        file,
        line,
        'language',
        row.language!,
        languages.filter((language) => language !== ''),
      )
    return heard.flatMap((language) =>
      places.map((place): Located => ({ row: fullRow(row, place, language, file, context), given: row })),
    )
  })
  checkMixtures(rows, file)
  return rows.map(({ row }) => withRegion(row, rows))
}

interface Located {
  readonly row: TruthRow
  readonly given: GivenRow
}

const isOf = (said: string, language: string) => said === '*' || same(said, language)

function fullRow(
  { line, ...row }: GivenRow,
  region: string,
  language: string,
  file: string,
  context: TruthContext,
): TruthRow {
  const { models, memberOf } = context
  const wanted = row.model ?? usualModel(models, language)
  const model = models.find(({ id }) => id === wanted) ?? models.find((each) => same(regimeFor(each, language), wanted))
  // A table in full names members.
  const member = memberOf(model?.id ?? wanted)
  if (!member && model)
    throw new HeschlError('OPTION_INVALID', `The model ${model.id} cannot be read, and so not be planted`, {
      where: { file },
      remedy: '`heschl validate` says why',
    })
  if (!member) {
    const known = [...models.map(({ id }) => id), ...new Set(models.map((each) => regimeFor(each, language)))]
    throw unknownName(file, line, 'model', wanted, known)
  }
  const layer = row.layer ?? '0.5'
  const place = Number(layer)
  if (!member.layers.includes(layer) && !(layer !== '' && place >= 0 && place <= 1))
    throw unknownName(file, line, 'layer', layer, member.layers)
  return { ...usual, hrf: context.hrf, ...row, region, language: language || '*', model: member.id, layer }
}

/** The listener's native model, or the first. */
function usualModel(models: readonly StudyModel[], language: string): string {
  const model = models.find((each) => regimeFor(each, language) === 'native') ?? models[0]
  if (model) return model.id
  throw new HeschlError('OPTION_INVALID', 'A study without a model has nothing to plant', {
    expected: 'a model in the study file',
    found: 'none',
    remedy: 'Add one under `models`',
  })
}

/** Rows that are mixed with a row: those that hold anywhere where it does. */
const mixedWith = ({ row }: Located, all: readonly Located[]) =>
  all.filter(
    ({ row: other }) =>
      other.region === row.region &&
      other.language === row.language &&
      (other.hemisphere === row.hemisphere || other.hemisphere === 'both' || row.hemisphere === 'both'),
  )

function checkMixtures(rows: readonly Located[], file: string): void {
  for (const located of rows) {
    const { row, given } = located
    for (const other of mixedWith(located, rows)) {
      if (other === located) continue
      const differs = regionColumns.find(
        (column) =>
          given[column] !== undefined && other.given[column] !== undefined && given[column] !== other.given[column],
      )
      if (differs !== undefined)
        throw badValue(
          file,
          Math.max(given.line, other.given.line),
          differs,
          `one value for all of ${row.region}`,
          `${given[differs]}" and "${other.given[differs]}`,
        )
      const twice = (['model', 'layer', 'hrf', 'delay'] as const).every((column) => row[column] === other.row[column])
      if (twice)
        throw badValue(
          file,
          Math.max(given.line, other.given.line),
          'model',
          `each layer once in ${row.region}`,
          `${row.model} ${row.layer}`,
        )
    }
  }
}

/** With the region's own values, whichever of its rows gives them. */
function withRegion(row: TruthRow, rows: readonly Located[]): TruthRow {
  const together = mixedWith({ row, given: { region: row.region, line: 0 } }, rows)
  const values = regionColumns.flatMap((column) => {
    const value = together.find(({ given }) => given[column] !== undefined)?.given[column]
    return value === undefined ? [] : [[column, value] as const]
  })
  return { ...row, ...Object.fromEntries(values) }
}

function unknownName(file: string, line: number, column: string, found: string, known: readonly string[]): HeschlError {
  const meant = similar(found, known)
  const shown = known.slice(0, 30).join(', ') + (known.length > 30 ? ', …' : '')
  return badValue(
    file,
    line,
    column,
    meant === undefined ? shown || 'nothing' : `${meant}, or another of: ${shown}`,
    found,
  )
}
