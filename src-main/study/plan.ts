/**
 * The plan of a study: its steps as data, in the order in which they run. What a step's result depends on beside the
 * study file (file contents, code versions) is the content key's business, not the plan's.
 */
import { resolveEncoding } from './encoding.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'
import { HeschlError } from '../errors.ts'
import { secondsPerSample } from './schema.ts'
import type { FeatureSet, Recording, Study, Subject } from './schema.ts'
import { partOf } from './sets.ts'

/** What one presentation of a stimulus asks of a design matrix; subjects who agree in it share the matrix. */
export interface RunRef {
  readonly stimulus: string
  /** Seconds between volumes. */
  readonly tr: number
  readonly volumes: number
  /** Seconds from the first volume's onset to the audio's onset. */
  readonly start: number
}

/** The design matrices [volumes, units] of all of a space's layers for one run. */
export interface DesignStep {
  readonly kind: 'design'
  readonly id: string
  readonly label: string
  /** The id of a model or an acoustic space. */
  readonly space: string
  readonly run: RunRef
}

/** One layer fitted to one subject: r and alpha per target. */
export interface FitStep {
  readonly kind: 'fit'
  readonly id: string
  readonly label: string
  readonly space: string
  readonly layer: string
  readonly subject: string
  /** Ids of the design steps it needs, in the order of the subject's recordings. */
  readonly designs: readonly string[]
}

/** A space that is fitted together with others. */
export interface SetPart {
  /** As the study file names it. */
  readonly name: string
  readonly space: string
  readonly layer: string
  /** As of a fit. */
  readonly designs: readonly string[]
}

/** Principal components of a subject's responses in each fold's training samples, which all fits share. */
export interface ComponentsStep {
  readonly kind: 'components'
  readonly id: string
  readonly label: string
  readonly subject: string
}

/** Several spaces fitted together to one subject: scores, weights and, where it is asked for, what each explains. */
export interface SetStep {
  readonly kind: 'set'
  readonly id: string
  readonly label: string
  /** The id of the set. */
  readonly set: string
  readonly subject: string
  readonly parts: readonly SetPart[]
}

/** The noise ceilings of subjects who heard the same runs; of `repeats`, each subject's own. */
export interface CeilingStep {
  readonly kind: 'ceiling'
  readonly id: string
  readonly label: string
  readonly subjects: readonly string[]
  readonly ceiling: Exclude<ResolvedEncoding['ceiling'], 'none'>
}

/** An experiment's triplets asked of a model (behaviourSchema.ts): distances in one layer. */
export interface AbxStep {
  readonly kind: 'abx'
  readonly id: string
  readonly label: string
  readonly space: string
  readonly layer: string
}

export type StepSpec = DesignStep | ComponentsStep | FitStep | SetStep | CeilingStep | AbxStep

export interface PlanFacts {
  /** The layers of a model to be fitted, in order; for an acoustic space, its one layer. */
  readonly layersOf: (space: string) => readonly string[]
  /** Number of volumes in a subject's recording, given by its index in the study file. */
  readonly volumesOf: (subject: string, recording: number) => number
  /** The layer of a model that an ABX experiment is about; undefined for spaces that are not asked. */
  readonly askedLayer: (space: string) => string | undefined
}

interface Group {
  readonly runs: readonly RunRef[]
  readonly subjects: string[]
}

/**
 * The steps of a study. Order: components of responses; for each model, then each acoustic space, in the order of the file: all its designs,
 * what an ABX experiment asks of it, then its fits, layer by layer, subjects with the same runs next to each other (they share a decomposition); then sets
 * of spaces, and the noise ceilings. Every step comes after those it needs.
 */
export function planSteps(study: Study, known: PlanFacts): readonly StepSpec[] {
  const groups = groupByRuns(study, known)
  const runs = distinct(groups.flatMap((group) => group.runs))
  const spaces = [...study.models, ...study.spaces].map((space) => space.id)
  const encoding = resolveEncoding(study.encoding)
  const steps: StepSpec[] = []
  if (spaces.length > 0) for (const group of groups) steps.push(...componentSteps(group, encoding))
  for (const space of spaces) {
    for (const run of runs) steps.push(designStep(space, run))
    steps.push(...abxSteps(space, known.askedLayer(space)))
    // Into the list itself: of hundreds of subjects there are tens of thousands.
    for (const layer of known.layersOf(space)) for (const group of groups) addFitSteps(steps, space, layer, group)
  }
  for (const set of study.sets)
    if (set.of.every((reference) => spaces.includes(partOf(reference).space)))
      for (const group of groups) steps.push(...setSteps(set, group, known))
  steps.push(...ceilingSteps(groups, encoding.ceiling))
  return steps
}

/** Subjects by their list of runs, in order of first appearance. */
function groupByRuns(study: Study, known: PlanFacts): Group[] {
  const groups = new Map<string, Group>()
  for (const subject of study.subjects) {
    const runs = subject.recordings.map((recording, index) => runOf(subject, recording, index, known))
    const key = runs.map(runKey).join(' ')
    const group = groups.get(key) ?? { runs, subjects: [] }
    group.subjects.push(subject.id)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function runOf(subject: Subject, recording: Recording, index: number, known: PlanFacts): RunRef {
  const { stimulus, start } = recording
  return { stimulus, tr: secondsPerSample(recording), volumes: known.volumesOf(subject.id, index), start }
}

/** Ids hold no ":" or " " (study/schema.ts), so keys made with them cannot collide. */
function runKey(run: RunRef): string {
  return `${run.stimulus}:tr=${run.tr}:volumes=${run.volumes}:start=${run.start}`
}

function distinct(runs: readonly RunRef[]): RunRef[] {
  return [...new Map(runs.map((run) => [runKey(run), run])).values()]
}

function designId(space: string, run: RunRef): string {
  return `design:${space}:${runKey(run)}`
}

function designStep(space: string, run: RunRef): DesignStep {
  return { kind: 'design', id: designId(space, run), label: `Design of ${space}, ${run.stimulus}`, space, run }
}

function abxSteps(space: string, layer: string | undefined): readonly AbxStep[] {
  if (layer === undefined) return []
  return [{ kind: 'abx', id: `abx:${space}`, label: `ABX of ${space} ${layer}`, space, layer }]
}

/** What training samples do to responses before their components is not known without a fold's own fit. */
function componentSteps({ subjects }: Group, { pcaY, standardizeY }: ResolvedEncoding): readonly ComponentsStep[] {
  if (pcaY === 'none' || standardizeY === 'training-fold') return []
  return subjects.map((subject) => ({
    ...{ kind: 'components', id: `components:${subject}`, label: `Components of the responses of ${subject}`, subject },
  }))
}

function addFitSteps(steps: StepSpec[], space: string, layer: string, group: Group): void {
  const designs = group.runs.map((run) => designId(space, run))
  const id = `fit:${space}:${layer}:`
  const label = `Fit of ${layer === space ? space : `${space} ${layer}`}, `
  for (const subject of group.subjects)
    steps.push({ kind: 'fit', id: id + subject, label: label + subject, space, layer, subject, designs })
}

/** @throws HeschlError STUDY_INVALID where a layer is not among those that are analysed */
function setSteps({ id, of }: FeatureSet, { runs, subjects }: Group, known: PlanFacts): SetStep[] {
  const parts = of.map((name): SetPart => {
    const { space, layer } = partOf(name)
    const layers = known.layersOf(space)
    if (layers.includes(layer)) return { name, space, layer, designs: runs.map((run) => designId(space, run)) }
    throw new HeschlError('STUDY_INVALID', `The set "${id}" names a layer that is not analysed`, {
      expected: `a layer of ${space}: ${layers.join(', ')}`,
      found: layer,
      remedy: "Correct `of`, or add the layer to the model's `layers`",
    })
  })
  return subjects.map((subject) => ({
    ...{ kind: 'set', id: `set:${id}:${subject}`, label: `Fit of ${id}, ${subject}` },
    ...{ set: id, subject, parts },
  }))
}

/** What repeats is a stimulus of one subject; all other ceilings need a second subject. */
function ceilingSteps(groups: readonly Group[], ceiling: ResolvedEncoding['ceiling']): readonly CeilingStep[] {
  if (ceiling === 'none') return []
  const able = ({ runs, subjects }: Group) =>
    ceiling === 'repeats' ? new Set(runs.map(({ stimulus }) => stimulus)).size < runs.length : subjects.length > 1
  return groups.filter(able).map(({ subjects }) => ({
    kind: 'ceiling',
    id: `ceiling:${subjects[0]}`,
    label: `Noise ceiling of ${subjects.length === 1 ? '1 subject' : `${subjects.length} subjects`}`,
    subjects,
    ceiling,
  }))
}
