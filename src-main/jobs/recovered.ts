/** What the report on simulated listeners is made from, of stored scores. */
import type { PlantedRecovery } from '../contract/study.ts'
import { readPlanted } from '../pipeline/simulation/planted.ts'
import type { PlantedGroup } from '../pipeline/simulation/planted.ts'
import { plantedRecovery } from '../pipeline/simulation/recovery.ts'
import type { Parcels, RecoveredScores } from '../pipeline/simulation/recovery.ts'
import { resolveEncoding } from '../study/encoding.ts'
import type { StoredFit } from './groups.ts'
import type { Snapshot, StudySession } from './session.ts'

/** Stored scores of one layer. */
export interface ScoreReader {
  readonly fitsOf: (space: string, layer: string) => readonly StoredFit[]
  /** [vertices]: their mean. */
  readonly meanOf: (fits: readonly StoredFit[]) => Promise<Float32Array>
}

/** Of the listeners of each language of whom every layer of the planted model is scored. */
export async function recoveries(
  session: StudySession,
  snapshot: Snapshot,
  parcels: Parcels,
  reader: ScoreReader,
): Promise<readonly PlantedRecovery[]> {
  const { study, basis } = snapshot
  if (study.planted === undefined || !basis) return []
  const planted = readPlanted(session.facts.path(study.planted))
  const { hrf } = resolveEncoding(study.encoding)
  const assumed = typeof hrf === 'string' ? hrf : 'fir' in hrf ? 'fir' : 'lags'
  const models = [...new Set(planted.rows.map(({ model }) => model))]
  const found: PlantedRecovery[] = []
  for (const group of planted.groups) {
    const scores = await recoveredOf(session, snapshot, group, models, reader)
    if (scores) found.push(plantedRecovery(planted, group, scores, parcels, assumed))
  }
  return found
}

async function recoveredOf(
  { store }: StudySession,
  { study, basis }: Snapshot,
  { model, subjects }: PlantedGroup,
  models: readonly string[],
  { fitsOf, meanOf }: ScoreReader,
): Promise<RecoveredScores | undefined> {
  const layersOf = (id: string) => basis!.layers.get(id) ?? []
  /** [layers][listeners]; undefined where some are not stored. */
  const allOf = (id: string) => {
    const all = layersOf(id).map((layer) => {
      const own = new Map(fitsOf(id, layer).map((fit) => [fit.spec.subject, fit]))
      return subjects.flatMap((subject) => own.get(subject) ?? [])
    })
    return all.length > 0 && all.every(({ length }) => length === subjects.length) ? all : undefined
  }
  const fits = allOf(model)
  if (!fits || subjects.length === 0) return undefined
  const shifted = resolveEncoding(study.encoding).chance !== 'zero'
  const maps: Float32Array[] = []
  for (const own of fits) maps.push(await meanOf(own))
  const [rows, cols] = [subjects.length, maps[0].length]
  const listeners = { data: new Float32Array(rows * cols), rows, cols }
  for (const s of subjects.keys()) {
    const row = listeners.data.subarray(s * listeners.cols, (s + 1) * listeners.cols)
    for (const own of fits) {
      const { data: r } = store.array(own[s].key, 'r')
      const chance = shifted ? store.array(own[s].key, 'chance').data : undefined
      for (let v = 0; v < row.length; v++) row[v] += (r[v] - (chance?.[v] ?? 0)) / fits.length
    }
    // The engine answers others meanwhile.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const others = new Map<string, Float32Array>()
  for (const id of models) {
    const own = allOf(id)
    if (!own) continue
    const sum = new Float32Array(listeners.cols)
    for (const each of own) (await meanOf(each)).forEach((value, v) => (sum[v] += value / own.length))
    others.set(id, sum)
  }
  return { layers: layersOf(model), maps, listeners, models: others }
}
