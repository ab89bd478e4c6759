import type { LayerOverview, ModelOverview, StepState, StudyOverview, SubjectOverview } from '../contract/study.ts'
import { sourceOf } from '../pipeline/spaces.ts'
import { resolveEncoding } from '../study/encoding.ts'
import { axisOf, membersOf } from '../study/members.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Study, Subject } from '../study/schema.ts'
import { modelFacts, weightsText } from './modelFacts.ts'
import type { StudySession, Snapshot } from './session.ts'
import { storedSteps } from './storedSteps.ts'
import { wordNotes } from './wordNotes.ts'

/** What a window shows of a study: its parts with their state. */
export function overviewOf(session: StudySession, snapshot: Snapshot): StudyOverview {
  const { study, surface, seconds, problems } = snapshot
  const states = new States(session, snapshot)
  return {
    path: session.path,
    name: study.name,
    notice: noticeOf(study),
    stimuli: study.stimuli.map(({ id, audio, language, synthetic }) => ({
      id,
      audio,
      seconds: seconds.get(id) ?? null,
      language: language ?? '',
      synthetic: synthetic !== undefined,
    })),
    subjects: study.subjects.map((subject) => subjectOverview(subject, snapshot, states)),
    models: [...modelOverviews(snapshot, states), ...spaceOverviews(snapshot, states)],
    surface: {
      name: surface?.name ?? (typeof study.surface === 'string' ? study.surface : 'surface'),
      vertices: { left: surface?.left.sulc.length ?? 0, right: surface?.right.sulc.length ?? 0 },
      ...(surface?.voxels && { voxels: true }),
      ...(snapshot.electrodes && { electrodes: snapshot.electrodes.key }),
    },
    encoding: [...encodingRows(study), ...providerRow(snapshot)],
    notes: [...(surface?.notes ?? []), ...(snapshot.electrodes?.notes ?? []), ...wordNotes(snapshot, session.store)],
    missingSteps: snapshot.basis ? states.missing : null,
    problems,
  }
}

/** One sentence for every screen and figure when any of it is not real. */
export function noticeOf(study: Study): string | null {
  const voice = study.stimuli.find(({ synthetic }) => synthetic !== undefined)?.synthetic
  const simulated = study.subjects.filter((subject) => subject.simulated).length
  const parts: string[] = []
  if (simulated > 0)
    parts.push(simulated === study.subjects.length ? 'Listeners are simulated' : `${simulated} listeners are simulated`)
  if (voice !== undefined) parts.push(`${parts.length > 0 ? 'speech' : 'Speech'} is synthetic (${voice})`)
  return parts.length > 0 ? `${parts.join('; ')}.` : null
}

class States {
  readonly #bySpaceLayer = new Map<string, Stored>()
  readonly #bySubject = new Map<string, Stored>()
  /** Steps that are to be computed. */
  readonly missing: number

  constructor({ store }: StudySession, { steps }: Snapshot) {
    const stored = storedSteps(store, steps)
    this.missing = stored.length - stored.reduce((sum, one) => sum + one, 0)
    // Fits of a layer follow each other.
    let [layer, space, counted]: [string, string, Stored] = ['', '', { stored: 0, all: 0 }]
    for (const [i, { spec }] of steps.entries()) {
      if (spec.kind !== 'fit') continue
      if (spec.layer !== layer || spec.space !== space) {
        ;({ layer, space } = spec)
        counted = countOf(this.#bySpaceLayer, `${space} ${layer}`)
      }
      count(counted, stored[i])
      count(countOf(this.#bySubject, spec.subject), stored[i])
    }
  }

  /** @param spaces ids of spaces, or of a model's members, taken together */
  layer(spaces: readonly string[], layer: string): StepState {
    return stateOf(spaces.map((space) => this.#bySpaceLayer.get(`${space} ${layer}`)))
  }

  subject(id: string): StepState {
    return stateOf([this.#bySubject.get(id)])
  }
}

/** Of how many fits, how many are stored. */
interface Stored {
  stored: number
  all: number
}

function countOf(map: Map<string, Stored>, key: string): Stored {
  const known = map.get(key)
  if (known) return known
  const none = { stored: 0, all: 0 }
  map.set(key, none)
  return none
}

function count(known: Stored, stored: number): void {
  known.all++
  known.stored += stored
}

function stateOf(counts: readonly (Stored | undefined)[]): StepState {
  const sum = (which: keyof Stored) => counts.reduce((total, each) => total + (each?.[which] ?? 0), 0)
  if (sum('stored') === 0) return 'missing'
  return sum('stored') < sum('all') ? 'partial' : 'stored'
}

function subjectOverview(subject: Subject, { basis, study }: Snapshot, states: States): SubjectOverview {
  const volumes = basis?.volumes.get(subject.id)
  // A subject is left out of the plan when one of its files cannot be read; `problems` says which and why.
  const unreadable = basis !== null && volumes === undefined
  const state = unreadable ? 'failed' : states.subject(subject.id)
  return {
    id: subject.id,
    language: subject.language ?? '',
    simulated: subject.simulated,
    recordings: subject.recordings.map((recording, index) => ({
      stimulus: study.stimuli.find(({ id }) => id === recording.stimulus)?.id ?? recording.stimulus,
      tr: secondsPerSample(recording),
      rate: recording.rate ?? null,
      volumes: volumes?.[index] ?? null,
      state,
    })),
    state,
  }
}

function modelOverviews({ study, basis }: Snapshot, states: States): ModelOverview[] {
  const layersOf = (ids: readonly string[]): LayerOverview[] => {
    // Members have the same layers; one whose files cannot be read has none.
    const id = ids.find((each) => basis?.layers.has(each))
    if (!basis || id === undefined) return []
    const description = basis.descriptions.get(id)!
    return basis.layers.get(id)!.map((name) => ({
      name,
      units: description.layers.find((layer) => layer.name === name)!.units,
      state: states.layer(ids, name),
    }))
  }
  return study.models.map((model) => {
    const members = membersOf(model)
    return {
      ...modelFacts(model),
      kind: 'model',
      layers: layersOf(members.map(({ id }) => id)),
      members:
        axisOf(model) === null
          ? []
          : members.map(({ id, at, model: own }) => ({
              id,
              at: at!,
              source: weightsText(own),
              layers: layersOf([id]),
            })),
    }
  })
}

function spaceOverviews({ study, basis }: Snapshot, states: States): ModelOverview[] {
  return study.spaces.map((space) => {
    const { id } = space
    const description = basis?.spaces.get(id)
    return {
      id,
      kind: 'acoustic',
      ...{ regime: '', language: '', hours: null, steps: null, corpus: '', note: '', axis: null, members: [] },
      source: sourceOf(space),
      layers: description ? [{ name: id, units: description.units, state: states.layer([id], id) }] : [],
    }
  })
}

type OptionValue = string | number | boolean | null | readonly OptionValue[] | { readonly [name: string]: OptionValue }

const isList = (value: OptionValue): value is readonly OptionValue[] => Array.isArray(value)

/** Options that are not one word: `fir 1, 2, 3, 4`; `start 10, end 5`. */
function inWords(value: OptionValue): string {
  if (value === null || (isList(value) && value.length === 0)) return 'none'
  if (isList(value)) return value.map(inWords).join(', ')
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, part]) => `${name} ${inWords(part)}`)
    .join(', ')
}

/** What computes the models' activations: one provider for all results that are shown. */
const providerRow = ({ basis }: Snapshot) => (basis ? [{ option: 'provider', value: basis.provider }] : [])

export function encodingRows(study: Study): StudyOverview['encoding'] {
  const { alphas, ...options } = resolveEncoding(study.encoding)
  return [
    ...Object.entries(options).map(([option, value]) => ({ option, value: inWords(value) })),
    { option: 'alphas', value: `10^${alphas.from} to 10^${alphas.to}, ${alphas.count} values` },
  ]
}
