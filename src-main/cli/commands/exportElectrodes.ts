/** `export --maps` of a study of electrodes: one table, a row an electrode, a column a map, and what its columns are. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StudyOverview } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import { columnsParquet, columnsTsv } from '../../formats/columns.ts'
import type { Column } from '../../formats/columns.ts'
import type { EngineHandle, ElectrodeMap, ElectrodesOfSubject } from '../../jobs/engineHandle.ts'
import { jsonText } from '../derivative/files.ts'
import { aboutModel, chosen } from '../derivative/groups.ts'
import type { Wanted } from '../derivative/groups.ts'
import type { MapFormat } from '../../formats/mapFormats.ts'

const tableFormats = ['tsv', 'parquet'] as const

/**
 * @param skipped told of the kinds of maps that electrodes do not have
 * @returns the files, from the root
 * @throws HeschlError OPTION_INVALID for kinds, formats, a model or a subject that there are not; FILE_MISSING where no
 *   score is stored
 */
export async function writeElectrodes(
  engine: EngineHandle,
  overview: StudyOverview,
  wanted: Wanted & { readonly as: readonly MapFormat[] },
  root: string,
  skipped: (what: string, error: HeschlError) => void,
): Promise<readonly string[]> {
  const formats = tableFormats.filter((format) => wanted.as.includes(format))
  if (formats.length === 0)
    throw new HeschlError('OPTION_INVALID', 'Electrodes are written as a table', {
      expected: `--as ${tableFormats.join(',')}, or one of these`,
      found: wanted.as.join(', '),
    })
  const others = wanted.kinds.filter((kind) => kind !== 'scores')
  const ofSubjects = new HeschlError('OPTION_INVALID', 'Of electrodes there are the scores alone', {
    expected: '--maps scores',
    found: others.join(', '),
    remedy: 'Subjects do not share electrodes, over which the other maps would be',
  })
  if (!wanted.kinds.includes('scores')) throw ofSubjects
  if (others.length > 0) skipped(others.join(', '), ofSubjects)
  const models = chosen(overview.models, wanted.model, 'model or space')
  const { subjects, maps } = await engine.electrodeMaps({
    study: overview.path,
    subjects: chosen(overview.subjects, wanted.subject, 'subject').map(({ id }) => id),
    layers: models.flatMap(({ id, layers }) => layers.map(({ name }) => ({ model: id, layer: name }))),
  })
  const columns = [...placeColumns(subjects), ...maps.map(mapColumn)]
  const about = {
    ...Object.fromEntries(placeColumns(subjects).map(({ name, title }) => [name, { Description: title }])),
    ...Object.fromEntries(maps.map((map) => [nameOf(map), aboutMap(map, models)])),
  }
  const texts: readonly (readonly [string, string | Uint8Array])[] = [
    ...formats.map((format) => {
      const table = format === 'tsv' ? columnsTsv(columns) : columnsParquet(columns, aboutFile(overview))
      return [`electrodes.${format}`, table] as const
    }),
    ['electrodes.json', jsonText(about)],
  ]
  for (const [name, content] of texts) await writeFile(join(root, name), content)
  return texts.map(([name]) => name)
}

function placeColumns(subjects: readonly ElectrodesOfSubject[]): readonly Column[] {
  const words = (of: (one: ElectrodesOfSubject) => string | null) =>
    subjects.flatMap((one) => one.names.map(() => of(one) ?? ''))
  const places = subjects.flatMap(({ places }) => [...places])
  const axis = (at: number) => Float64Array.from({ length: places.length / 3 }, (_, i) => places[3 * i + at])
  return [
    { name: 'subject', title: 'Id of the subject in the study file', values: words(({ subject }) => subject) },
    { name: 'name', title: 'Of the electrode, in its table', values: subjects.flatMap(({ names }) => names) },
    ...['x', 'y', 'z'].map((name, at) => ({
      ...{ name, title: `${name} in the table of electrodes, in \`units\` of \`space\`, not moved` },
      values: axis(at),
    })),
    { name: 'units', title: 'Of x, y and z, by coordsystem.json', values: words(({ units }) => units) },
    { name: 'space', title: 'Of x, y and z, by coordsystem.json', values: words(({ space }) => space) },
    { name: 'table', title: 'The table of electrodes, as the study names it', values: words(({ table }) => table) },
  ]
}

/** A space has one layer, which has its name. */
const nameOf = ({ model, layer }: ElectrodeMap) => `score:${model}${layer === model ? '' : `:${layer}`}`

const mapColumn = (map: ElectrodeMap): Column => ({
  ...{ name: nameOf(map), title: map.label },
  values: Float64Array.from(map.values),
})

function aboutMap({ model, layer, label, keys }: ElectrodeMap, models: StudyOverview['models']) {
  return {
    Description: label,
    Model: aboutModel(models.find(({ id }) => id === model)!),
    Layer: layer,
    Keys: keys,
  }
}

const aboutFile = ({ name, notice }: StudyOverview) => ({
  study: name,
  ...(notice !== null && { simulated: notice }),
})
