/** The maps of a study's results, a file's worth at a time: scores by subject and over subjects, layers, regimes, ceilings. */
import type { FindingFigure, FindingMap } from '../../contract/findings.ts'
import type { ModelOverview, ScoreMap, StudyOverview } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import type { EngineHandle } from '../../jobs/engineHandle.ts'
import type { MapKind } from './kinds.ts'

/** Maps that lie in one file. */
export interface MapGroup {
  /** An id; left out: of several subjects. */
  readonly subject?: string
  readonly stat: string
  /** An id of a model, or a contrast. */
  readonly of?: string
  readonly names: readonly string[]
  /** [vertices] each, left before right. */
  readonly maps: readonly Float32Array[]
  /** What 0, 1… stand for. */
  readonly classes?: readonly string[]
  /** What goes into the file beside it. */
  readonly about: Readonly<Record<string, unknown>>
}

export interface Wanted {
  readonly kinds: readonly MapKind[]
  readonly model?: string
  readonly subject?: string
}

/** What hinders one kind of map and not the others. */
const ofOneKind: ReadonlySet<string> = new Set([
  'FILE_MISSING',
  'OPTION_INVALID',
  'NUMERICAL',
  'SHAPE_MISMATCH',
  'FORMAT_INVALID',
])

/**
 * @param find makes a finding; rejects as the analysis does
 * @param skipped told of what there is not, with the reason
 * @throws HeschlError OPTION_INVALID for a model or a subject that the study does not have
 */
export async function* mapGroups(
  engine: EngineHandle,
  { path: study, models, subjects }: StudyOverview,
  wanted: Wanted,
  find: (figure: 'hierarchy' | 'regimes', options: Readonly<Record<string, unknown>>) => Promise<FindingFigure>,
  skipped: (what: string, error: HeschlError) => void,
): AsyncGenerator<MapGroup> {
  const ofModels = chosen(models, wanted.model, 'model or space')
  const people = chosen(subjects, wanted.subject, 'subject').map(({ id }) => id)
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      const known = HeschlError.from(error)
      if (!ofOneKind.has(known.code)) throw known
      skipped(what, known)
      return undefined
    }
  }
  const asked = (kind: MapKind) => wanted.kinds.includes(kind)
  const scored = [...(asked('scores') ? people : []), ...(asked('mean') ? ['mean'] : [])]
  for (const subject of scored)
    for (const model of ofModels) {
      const group = await attempt(`${model.id}, ${subject}`, () => scoresOf(engine, study, model, subject))
      if (group) yield group
    }
  for (const model of asked('layers')
    ? ofModels.filter(({ kind, layers }) => kind === 'model' && layers.length > 1)
    : []) {
    const found = await attempt(`layers of ${model.id}`, () => find('hierarchy', { model: model.id }))
    if (found) yield* layerGroups(found, model.id)
  }
  if (asked('regimes')) {
    const found = await attempt('regimes', () => find('regimes', {}))
    for (const map of found?.finding.maps ?? [])
      yield findingGroup(found!, [map], regimeStat(map), map.name.replace(/: (p|difference|nested)$/, ''))
  }
  if (!asked('ceiling')) return
  for (const { kind, subjects: own, values, key } of await engine.ceilings(study))
    yield {
      ...{ stat: 'ceiling', of: kind, names: ['ceiling'], maps: [values] },
      about: { Description: `Noise ceiling (${kind}) of ${own.length} subjects`, Subjects: own, Key: key },
    }
}

/** @throws HeschlError OPTION_INVALID for an id that is not there */
export function chosen<T extends { readonly id: string }>(
  all: readonly T[],
  id: string | undefined,
  what: string,
): readonly T[] {
  const found = id === undefined ? all : all.filter((one) => one.id === id)
  if (found.length > 0 || id === undefined) return found
  throw new HeschlError('OPTION_INVALID', `The study has no such ${what}`, {
    expected: `one of ${all.map((one) => one.id).join(', ')}`,
    found: id,
  })
}

/** A map a layer. @throws HeschlError FILE_MISSING where none is stored */
async function scoresOf(engine: EngineHandle, study: string, model: ModelOverview, subject: string): Promise<MapGroup> {
  const found: { layer: string; map: ScoreMap }[] = []
  let missing: HeschlError | undefined
  for (const { name: layer } of model.layers) {
    try {
      found.push({ layer, map: await engine.call('scoreMap', { study, subject, model: model.id, layer }) })
    } catch (error) {
      missing = HeschlError.from(error)
      if (missing.code !== 'FILE_MISSING') throw missing
    }
  }
  if (found.length === 0)
    throw missing ?? new HeschlError('FILE_MISSING', 'This model has no layers that can be read', { found: model.id })
  const [{ map: first }] = found
  return {
    ...(subject !== 'mean' && { subject }),
    ...{ stat: 'score', of: model.id, names: found.map(({ layer }) => layer) },
    maps: found.map(({ map }) => joined(map)),
    about: {
      Description: [first.label, first.part].filter(Boolean).join(', '),
      Model: aboutModel(model),
      ...(subject === 'mean' && { NumberOfSubjects: first.subjects }),
      Keys: Object.fromEntries(found.map(({ layer, map }) => [layer, map.key])),
    },
  }
}

export const aboutModel = ({ id, regime, language, hours, steps, corpus, source }: ModelOverview) => ({
  Id: id,
  Regime: regime,
  Language: language,
  Hours: hours,
  Steps: steps,
  Corpus: corpus,
  Weights: source,
})

function joined({ left, right }: ScoreMap): Float32Array {
  const all = new Float32Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  return all
}

/** The best layer as classes, and the other maps as numbers. */
function* layerGroups(found: FindingFigure, model: string): Generator<MapGroup> {
  const { maps, tables } = found.finding
  const names = tables.find(({ name }) => name === 'layers')?.columns.find(({ name }) => name === 'layer')?.values
  const best = maps.filter(({ name }) => name === 'best layer')
  const classes = Array.isArray(names) ? (names as readonly string[]) : []
  yield { ...findingGroup(found, best, 'bestlayer', model), classes }
  yield findingGroup(
    found,
    maps.filter(({ name }) => name !== 'best layer'),
    'layers',
    model,
  )
}

const regimeStat = ({ name }: FindingMap) =>
  name.endsWith(': p') ? 'p' : name.endsWith(': difference') ? 'difference' : 'nested'

function findingGroup(
  { finding: { figure, methods, provenance } }: FindingFigure,
  maps: readonly FindingMap[],
  stat: string,
  of: string,
): MapGroup {
  const { key, options, sources } = provenance
  return {
    ...{ stat, of, names: maps.map(({ name }) => name), maps: maps.map(({ values }) => values) },
    ...(stat === 'nested' && { classes: maps[0].label.split(' | ') }),
    about: {
      Description: Object.fromEntries(maps.map(({ name, label }) => [name, label])),
      Analysis: { Figure: figure, Options: options, Key: key, Methods: methods },
      Scores: sources,
    },
  }
}
