import type { InspectedPlace, PlaceFacts, PointScore, PointScores } from '../../contract/inspect.ts'
import { meanAt, meanInterval } from '../../pipeline/inspect/pointScores.ts'
import { reliableTargets } from '../../pipeline/summaries.ts'
import { resolveEncoding } from '../../study/encoding.ts'
import { axisOf, membersOf } from '../../study/members.ts'
import { measures } from '../results.ts'
import type { Snapshot, StudySession } from '../session.ts'
import { findPlace } from './place.ts'
import type { FoundPlace } from './place.ts'

/** Milliseconds of reading after which others are let in. */
const turn = 15

/**
 * The stored scores of every layer at one place, by subject. A model of several seeds counts by their mean, a series by its
 * last checkpoint, as everywhere.
 * @throws HeschlError OPTION_INVALID for a place that there is not
 */
export async function scoresAt(
  session: StudySession,
  snapshot: Snapshot,
  place: InspectedPlace,
  current: () => void,
): Promise<PointScores> {
  const found = findPlace(place, snapshot)
  const { study, steps, basis } = snapshot
  const stored = new Map<string, string>()
  for (const { spec, key } of steps)
    if (spec.kind === 'fit' && session.store.has(key))
      stored.set(JSON.stringify([spec.space, spec.layer, spec.subject]), key)
  let last = performance.now()
  async function read(space: string, layer: string, subject: string): Promise<number> {
    const key = stored.get(JSON.stringify([space, layer, subject]))
    if (key === undefined) return NaN
    const score = meanAt(session.store.array(key, 'r').data, found.targetsOf(subject))
    if (performance.now() - last > turn) {
      await new Promise((resolve) => setImmediate(resolve))
      current()
      last = performance.now()
    }
    return score
  }
  const rows: PointScore[] = []
  for (const model of [...study.models, ...study.spaces]) {
    const isModel = 'regime' in model
    const members = isModel ? membersOf(model).map(({ id }) => id) : [model.id]
    const axis = isModel ? axisOf(model) : null
    const layers = basis?.layers.get(members.find((id) => basis.layers.has(id)) ?? '') ?? []
    for (const layer of layers) {
      const asked = subjectsAt(found, snapshot)
      const values = new Float64Array(asked.length)
      for (const [i, subject] of asked.entries()) {
        const own: number[] = []
        for (const id of members) own.push(await read(id, layer, subject))
        const there = own.filter((value) => !Number.isNaN(value))
        values[i] =
          axis === 'seed' ? there.reduce((sum, value) => sum + value, 0) / there.length : (there.at(-1) ?? NaN)
      }
      if (values.every((value) => Number.isNaN(value))) continue
      rows.push({
        ...{ model: model.id, layer, kind: isModel ? 'model' : 'space' },
        ...{ regime: isModel ? model.regime : '', language: isModel ? (model.language ?? '') : '' },
        ...{ subjects: asked, values, ...meanInterval(values) },
      })
    }
  }
  const { measure } = resolveEncoding(study.encoding).score
  return { place: factsOf(found), measure: measures[measure], rows, ceiling: ceilingAt(session, snapshot, found) }
}

/** Those that have the place: an electrode is of one subject, or of several with electrodes of that name. */
function subjectsAt(found: FoundPlace, { study }: Snapshot): readonly string[] {
  return study.subjects.map(({ id }) => id).filter((id) => found.has(id))
}

function ceilingAt({ store }: StudySession, { steps, basis }: Snapshot, found: FoundPlace): PointScores['ceiling'] {
  const step = steps.find(({ spec, key }) => spec.kind === 'ceiling' && store.has(key))
  if (!step || step.spec.kind !== 'ceiling') return null
  // Subjects do not share electrodes: there is no ceiling of them.
  if (basis && basis.electrodes.size > 0) return null
  const targets = found.targetsOf(step.spec.subjects[0])
  const r = meanAt(store.array(step.key, 'ceiling').data, targets)
  const reliable = reliableTargets(store.array(step.key, 'correlation').data as Float32Array)
  return { kind: step.spec.ceiling, r, reliable: targets.some((target) => Boolean(reliable[target])) }
}

export const factsOf = ({ place, label, hemisphere, region, targets }: FoundPlace): PlaceFacts => ({
  ...{ place, label, hemisphere, region, targets },
})
