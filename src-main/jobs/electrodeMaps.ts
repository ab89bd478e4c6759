/** Every stored score of every electrode, drawn on the cortex or not, and where its table says that it is. */
import { HeschlError } from '../errors.ts'
import type { ElectrodeMap, ElectrodeMaps, ElectrodeMapsArgument, ElectrodesOfSubject } from './engineHandle.ts'
import type { Results } from './results.ts'
import type { Snapshot, StudySession } from './session.ts'

/** @throws HeschlError OPTION_INVALID where no electrodes of these subjects can be read; FILE_MISSING where nothing is stored */
export async function electrodeMaps(
  session: StudySession,
  snapshot: Snapshot,
  results: Results,
  { subjects: asked, layers }: Omit<ElectrodeMapsArgument, 'study'>,
): Promise<ElectrodeMaps> {
  const subjects: (ElectrodesOfSubject & { readonly start: number })[] = []
  let start = 0
  for (const [subject, names] of snapshot.basis?.electrodes ?? []) {
    if (asked.includes(subject)) subjects.push({ ...(await placesOf(session, snapshot, subject, names)), start })
    start += names.length
  }
  if (subjects.length === 0)
    throw new HeschlError('OPTION_INVALID', 'There are no electrodes that can be read', {
      where: { file: session.path },
      expected: `recordings of electrodes of ${asked.join(', ')}`,
      remedy: 'heschl validate tells what is wrong with the study',
    })
  const rows = subjects.reduce((sum, { names }) => sum + names.length, 0)
  const maps: ElectrodeMap[] = []
  for (const { model, layer } of layers) {
    const values = new Float32Array(rows).fill(NaN)
    const keys: Record<string, string> = {}
    let [row, label] = [0, '']
    for (const { subject, names, start } of subjects) {
      const found = await scoresOf(results, model, layer, subject)
      if (found) {
        values.set(found.mean.subarray(start, start + names.length), row)
        keys[subject] = found.key
        ;({ label } = found)
      }
      row += names.length
    }
    if (label !== '') maps.push({ model, layer, values, label, keys })
  }
  if (maps.length === 0)
    throw new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
      where: { file: session.path },
      remedy: 'Run the study first: heschl run',
    })
  return { subjects: subjects.map(({ start: _, ...own }) => own), maps }
}

/** As the table and its coordsystem.json have it: nothing is moved to the space of the study's surface. */
async function placesOf(
  { facts }: StudySession,
  { study }: Snapshot,
  subject: string,
  names: readonly string[],
): Promise<ElectrodesOfSubject> {
  const { electrodes: file } = study.subjects.find(({ id }) => id === subject)!.recordings[0]
  const { electrodes, system } = await facts.electrodeTable(file!)
  const places = new Map(electrodes.map(({ name, place }) => [name, place]))
  return {
    ...{ subject, names, table: file! },
    places: Float64Array.from(names.flatMap((name) => places.get(name) ?? [NaN, NaN, NaN])),
    ...(system === null || system instanceof HeschlError
      ? { space: null, units: null }
      : { space: system.system, units: system.units }),
  }
}

/** `mean`: [electrodes of all subjects]. undefined where none is stored. */
async function scoresOf(results: Results, model: string, layer: string, subject: string) {
  try {
    const chosen = results.chosen({ models: [model], layer, subject })
    const { mean } = await results.group(chosen.fits, true)
    const { key, label, part } = results.asMap(mean, results.scoreLabel(chosen.fits), chosen)
    return { mean, key, label: [label, part].filter(Boolean).join(', ') }
  } catch (error) {
    if (HeschlError.from(error).code !== 'FILE_MISSING') throw error
    return undefined
  }
}
