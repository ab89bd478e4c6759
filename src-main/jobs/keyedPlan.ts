/** The plan of a study with each step's content key and task: what is stored, what is to be computed, and how. */
import type { Experiment, Facts, ModelDescription } from '../pipeline/facts.ts'
import type { Provider } from '../pipeline/providers.ts'
import { spaceTask } from '../pipeline/spaces.ts'
import type { SpaceDescription } from '../pipeline/spaces.ts'
import { codeVersions } from '../pipeline/tasks.ts'
import { cleaningOf } from '../pipeline/cleanRun.ts'
import { gapSamples } from '../pipeline/encodingModel.ts'
import type { DesignTask, FitTask, RecordingFiles, Task } from '../pipeline/tasks.ts'
import { filesOfRule, nameOfRule, ruleWithMask } from '../pipeline/targetRule.ts'
import type { TargetRule } from '../pipeline/targetRule.ts'
import { protocolOf } from '../pipeline/windowProtocol.ts'
import { filePaths } from '../pipeline/responses.ts'
import type { ResponseFiles, VertexCounts } from '../pipeline/responses.ts'
import { contentKey, contentKeys } from '../store/keys.ts'
import type { StepIdentity } from '../store/keys.ts'
import type { Store } from '../store/store.ts'
import { fitOptions, resolveEncoding } from '../study/encoding.ts'
import type { ResolvedEncoding } from '../study/encoding.ts'
import { planSteps } from '../study/plan.ts'
import type { AbxStep, CeilingStep, ComponentsStep, DesignStep, FitStep, SetStep, StepSpec } from '../study/plan.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Recording, Stimulus, Study, Subject } from '../study/schema.ts'
import { solverOf } from '../study/sets.ts'
import { arrayHash } from './arrayHash.ts'
import { KeyedFit } from './keyedFit.ts'
import type { FittedSubject } from './keyedFit.ts'

/** A step of the plan that knows its name in the store. */
export interface KeyedStep {
  readonly spec: StepSpec
  readonly key: string
  readonly identity: StepIdentity
  /** What the compute thread is to do; reads the step's inputs from the store. */
  task(): Task
}

/** What a plan was made from, beside the study file; subjects, models and spaces whose files cannot be read are left out. */
export interface PlanBasis {
  /** Its `models` are the members of those in the study file (study/members.ts). */
  readonly study: Study
  /** What computes the models' activations. */
  readonly provider: Provider
  readonly vertices: VertexCounts
  /** How recordings become the targets; left out where they are of them. */
  readonly rule?: TargetRule
  /** Names of electrodes, by subject; empty for recordings of a cortex. */
  readonly electrodes: ReadonlyMap<string, readonly string[]>
  /** Columns of each recording that are those electrodes, by subject, where a table of channels says which. */
  readonly columns: ReadonlyMap<string, readonly (readonly number[])[]>
  readonly descriptions: ReadonlyMap<string, ModelDescription>
  readonly spaces: ReadonlyMap<string, SpaceDescription>
  readonly layers: ReadonlyMap<string, readonly string[]>
  /** Of `behaviour`; null where there is none, or it cannot be read. */
  readonly experiment: Experiment | null
  /** Volumes of each recording, by subject. */
  readonly volumes: ReadonlyMap<string, readonly number[]>
}

/** Everything a design depends on but the choice of layers, so that adding a layer recomputes no fit. */
interface DesignBasis {
  readonly identity: StepIdentity
  readonly key: string
}

/**
 * @param facts where files are
 * @param store for file hashes that are known already
 * @param which `designs` needs no recordings, whose hashes name the other steps
 */
export async function keyPlan(
  basis: PlanBasis,
  facts: Facts,
  store: Store,
  which: 'all' | 'designs' = 'all',
): Promise<readonly KeyedStep[]> {
  const specs = specsOf(basis)
  const keys = new PlanKeys(basis, facts, store)
  const steps: KeyedStep[] = []
  for (const spec of specs)
    if (which === 'all' || spec.kind === 'design') {
      // Nearly all are fits to subjects whose files are known by then: tens of thousands do not wait one by one.
      const fit = spec.kind === 'fit' ? keys.fit(spec) : undefined
      steps.push(fit ?? (await keys.keyed(spec)))
    }
  return steps
}

/** The steps of a plan without their keys, for which every file would have to be read whole. */
export function specsOf(basis: PlanBasis): readonly StepSpec[] {
  const { study, layers, volumes } = basis
  return planSteps(study, {
    layersOf: (space) => layers.get(space)!,
    volumesOf: (subject, recording) => volumes.get(subject)![recording],
    askedLayer: (space) => askedLayer(basis, space),
  })
}

/** What a design's numbers depend on beside files. Names are part of content keys: a change computes everything again. */
function nameOf(space: DesignTask['space']): unknown {
  if (space.kind === 'acoustic') return space.acoustic
  if (space.kind === 'transcribed') return { name: space.name, inventory: space.inventory }
  if (space.kind === 'vectors') return 'vectors'
  if (space.kind === 'text') {
    const { source, context, tokens } = space
    // The tokenizer's files are among the inputs; where they lie does not matter.
    const random = 'architecture' in source ? { architecture: source.architecture, seed: source.seed } : {}
    return { reads: 'words', context, tokens, ...random }
  }
  const { source } = space
  if ('onnx' in source) {
    const { taps, input } = source
    // Patterns alone name no layer: its name is then the value's own.
    return { onnx: Array.isArray(taps) ? 'values' : taps, input }
  }
  return 'architecture' in source ? source : 'checkpoint'
}

/** Providers differ in the last digits, so that their results must not be mixed; the CPU's are those without a name. */
const named = (provider: Provider) => (provider === 'cpu' ? {} : { provider })

/** The vertices of a cortex, or a subject's electrodes. */
export function targetsOf({ vertices, electrodes }: PlanBasis, subject: string): VertexCounts {
  const own = electrodes.get(subject)
  return own ? { left: own.length, right: 0 } : vertices
}

/** Lags are of the samples' means and made where they are fitted; neither is made on a grid. */
const responseOf = ({ hrf, oversampling }: ResolvedEncoding) =>
  hrf === 'none' || (typeof hrf === 'object' && 'lags' in hrf) ? { hrf: 'none' } : { hrf, oversampling }

/** The files that a space is made from beside the audio and a model's own. */
function filesOf(space: DesignTask['space']): readonly string[] {
  if (space.kind === 'vectors') return [space.file, space.transcript]
  return space.kind === 'transcribed' || space.kind === 'text' ? [space.transcript] : []
}

/** Models that hear are asked, where the experiment can be read and they have its layer. */
function askedLayer({ study, descriptions, experiment }: PlanBasis, space: string): string | undefined {
  const description = descriptions.get(space)
  if (!experiment || !study.behaviour || !description || 'reads' in description) return undefined
  const { layer } = study.behaviour
  return description.layers.some(({ name }) => name === layer) ? layer : undefined
}

class PlanKeys {
  readonly #basis: PlanBasis
  readonly #facts: Facts
  readonly #store: Store
  readonly #encoding: ResolvedEncoding
  readonly #designs = new Map<string, { readonly basis: DesignBasis; readonly step: KeyedStep }>()
  readonly #components = new Map<string, KeyedStep>()
  readonly #responseHashes = new Map<string, readonly string[]>()
  readonly #fitted = new Map<string, FittedSubject>()
  readonly #fitParameters = new Map<string, StepIdentity['parameters']>()
  /** By the fits' list of designs, which subjects with the same runs share, and the layers. */
  readonly #layerKeys = new WeakMap<readonly string[], Map<string, string>>()

  constructor(basis: PlanBasis, facts: Facts, store: Store) {
    this.#basis = basis
    this.#facts = facts
    this.#store = store
    this.#encoding = resolveEncoding(basis.study.encoding)
  }

  async keyed(spec: StepSpec): Promise<KeyedStep> {
    if (spec.kind === 'design') return this.#design(spec)
    if (spec.kind === 'set') return this.#set(spec)
    if (spec.kind === 'abx') return this.#abx(spec)
    if (spec.kind === 'components') return this.#componentsOf(spec)
    if (spec.kind === 'ceiling') return this.#ceiling(spec)
    await this.#fittedSubject(spec.subject)
    return this.fit(spec)!
  }

  async #design(spec: DesignStep): Promise<KeyedStep> {
    const { study, layers } = this.#basis
    const encoding = this.#encoding
    const stimulus = study.stimuli.find(({ id }) => id === spec.run.stimulus)!
    const audio = this.#facts.path(stimulus.audio)
    const space = this.#space(spec.space, stimulus)
    const model = study.models.find(({ id }) => id === spec.space)
    const files = [...(model ? await this.#facts.modelFiles(model) : []), ...filesOf(space)]
    const inputs = await Promise.all([audio, ...files].map((file) => this.#store.fileHash(file)))
    const { tr, volumes, start } = spec.run
    const { scaleFeatures, window, stride, norm } = encoding
    const basis: StepIdentity = {
      kind: 'design',
      version: codeVersions.design,
      parameters: {
        space: nameOf(space),
        run: { tr, volumes, start },
        options: {
          ...responseOf(encoding),
          scaleFeatures,
          ...(space.kind === 'model' ? { window, stride, norm, ...named(space.provider) } : {}),
        },
      },
      inputs,
    }
    const identity = { ...basis, parameters: { basis: basis.parameters, layers: layers.get(spec.space)! } }
    const clipping = stimulus.clipped ?? 'refuse'
    const task: DesignTask = { kind: 'design', space, audio, clipping, run: spec.run, encoding }
    const step = { spec, key: contentKey(identity), identity, task: () => task }
    this.#designs.set(spec.id, { basis: { identity: basis, key: contentKey(basis) }, step })
    return step
  }

  #space(id: string, stimulus: Stimulus): DesignTask['space'] {
    const model = this.#basis.study.models.find((candidate) => candidate.id === id)
    const { study, spaces, layers, descriptions, provider } = this.#basis
    if (model && 'reads' in descriptions.get(id)!) {
      const { context = 'full', tokens = 'mean' } = model
      const transcript = this.#facts.path(stimulus.words!)
      return { kind: 'text', source: this.#facts.source(model), layers: layers.get(id)!, context, tokens, transcript }
    }
    if (model) return { kind: 'model', source: this.#facts.source(model), layers: layers.get(id)!, provider }
    return spaceTask(
      study.spaces.find((space) => space.id === id)!,
      spaces.get(id)!,
      stimulus,
      study,
      this.#facts,
    )
  }

  /** undefined before the subject's files are known. */
  fit(spec: FitStep): KeyedStep | undefined {
    const known = this.#fitted.get(spec.subject)
    return known && new KeyedFit(spec, this.#layerKey(spec, this.#together(spec)), known)
  }

  async #fittedSubject(id: string): Promise<void> {
    const subject = this.#basis.study.subjects.find((each) => each.id === id)!
    const vertices = targetsOf(this.#basis, id)
    const stimuli = subject.recordings.map(({ stimulus }) => stimulus)
    const same = JSON.stringify([stimuli, vertices])
    const parameters = this.#fitParameters.get(same) ?? {
      ...{ ...fitOptions(this.#encoding, stimuli), cleaning: cleaningOf(this.#encoding), vertices },
      ...this.#ruled,
    }
    this.#fitParameters.set(same, parameters)
    const hashes = await this.#hashes(subject)
    const components = this.#components.get(id)?.key
    const inputs = components === undefined ? hashes : [components, ...hashes]
    const identity: StepIdentity = { kind: 'fit', version: codeVersions.fit, parameters, inputs }
    const known: FittedSubject = {
      ...{ subject, vertices, hashes, identity, keyOf: contentKeys(identity) },
      taskOf: (spec) => this.#fitTask(spec, known),
    }
    this.#fitted.set(id, known)
  }

  #fitTask(spec: FitStep, { subject, vertices, hashes }: FittedSubject): Task {
    const [{ study }, encoding] = [this.#basis, this.#encoding]
    const together = this.#together(spec)
    const components = this.#components.get(subject.id)
    const runsOf = (layer: string) =>
      spec.designs.map((id): FitTask['designs'][number] => {
        const { shape, data } = this.#store.array(this.#designs.get(id)!.step.key, layer)
        return { rows: shape[0], cols: shape[1], data: data as Float32Array }
      })
    return {
      kind: 'fit',
      designKey: this.#layerKey(spec, together),
      designs: runsOf(spec.layer),
      ...(together.length > 1 && {
        before: together.slice(0, -1).map((layer, i) => {
          return { designKey: this.#layerKey({ ...spec, layer }, together.slice(0, i + 1)), designs: runsOf(layer) }
        }),
      }),
      subject: subject.id,
      identity: hashes.join(' '),
      recordings: this.#recordings(subject),
      vertices,
      encoding,
      ...(components && { components: this.#storedComponents(components.key, encoding) }),
      ...(study.compute.memory !== undefined && { memory: study.compute.memory * 1e9 }),
    }
  }

  /** The layers that a fit is of. */
  #together(spec: FitStep): readonly string[] {
    return this.#encoding.levels === 'cumulative' ? this.#upTo(spec) : [spec.layer]
  }

  async #componentsOf(spec: ComponentsStep): Promise<KeyedStep> {
    const { study } = this.#basis
    const vertices = targetsOf(this.#basis, spec.subject)
    const encoding = this.#encoding
    const { pcaY, trim } = encoding
    const subject = study.subjects.find(({ id }) => id === spec.subject)!
    const stimuli = subject.recordings.map(({ stimulus }) => stimulus)
    const { folds } = fitOptions(encoding, stimuli)
    const gap = gapSamples(encoding.gap, secondsPerSample(subject.recordings[0]))
    const identity: StepIdentity = {
      kind: 'components',
      version: codeVersions.components,
      parameters: { pcaY, folds, gap, trim, cleaning: cleaningOf(encoding), vertices, ...this.#ruled },
      inputs: await this.#hashes(subject),
    }
    const task = (): Task => ({
      ...{ kind: 'components', subject: subject.id, recordings: this.#recordings(subject), vertices, encoding },
      volumes: this.#basis.volumes.get(subject.id)!,
      ...(study.compute.memory !== undefined && { memory: study.compute.memory * 1e9 }),
    })
    const step = { spec, key: contentKey(identity), identity, task }
    this.#components.set(subject.id, step)
    return step
  }

  #storedComponents(key: string, { pcaY }: ResolvedEncoding): NonNullable<FitTask['components']> {
    const { shape, data } = this.#store.array(key, 'vectors')
    const vectors = { rows: shape[0], cols: shape[1], data: data as Float32Array }
    return { count: pcaY as number, vectors, sizes: this.#store.array(key, 'sizes').data as Float64Array }
  }

  async #abx(spec: AbxStep): Promise<KeyedStep> {
    const { study, provider, experiment } = this.#basis
    const behaviour = study.behaviour!
    const model = study.models.find(({ id }) => id === spec.space)!
    const source = this.#facts.source(model)
    const files = this.#facts.experimentFiles(behaviour)
    const { distance, dtw, hears, clipped = 'refuse' } = behaviour
    const window = protocolOf(this.#encoding)
    const inputs = [
      ...(await this.#facts.modelFiles(model)),
      ...[files.triplets, ...files.items.map(({ file }) => file)],
      ...experiment!.recordings.map(({ file }) => file),
    ]
    const identity: StepIdentity = {
      kind: 'abx',
      version: codeVersions.abx,
      parameters: {
        space: nameOf({ kind: 'model', source, layers: [], provider }),
        languages: files.items.map(({ language }) => language),
        ...{ layer: spec.layer, distance, dtw, hears, ...named(provider) },
        ...(hears === 'recording' && { window }),
      },
      inputs: await Promise.all(inputs.map((file) => this.#store.fileHash(file))),
    }
    const task = (): Task => ({
      ...{ kind: 'abx', source, layers: [spec.layer], provider, ...files, clipping: clipped },
      ...{ hears, window, distance, dtw },
    })
    return { spec, key: contentKey(identity), identity, task }
  }

  /** @param together the layers that a fit is of */
  #layerKey(
    { space, layer, designs }: Pick<FitStep, 'space' | 'layer' | 'designs'>,
    together: readonly string[],
  ): string {
    // The layer of a space beside the models bears the name the user gave the space, which says nothing about its numbers.
    const name = layer === space && this.#isBesideModels(space) ? '' : layer
    // The first level is its one layer by itself.
    const parameters = together.length > 1 ? together : name
    const known = this.#layerKeys.get(designs) ?? new Map<string, string>()
    this.#layerKeys.set(designs, known)
    const asked = typeof parameters === 'string' ? parameters : JSON.stringify(parameters)
    const key =
      known.get(asked) ??
      contentKey({
        ...{ kind: 'design-of-layer', version: codeVersions.design, parameters },
        inputs: designs.map((id) => this.#designs.get(id)!.basis.key),
      })
    known.set(asked, key)
    return key
  }

  async #set(spec: SetStep): Promise<KeyedStep> {
    const { study } = this.#basis
    const vertices = targetsOf(this.#basis, spec.subject)
    const encoding = this.#encoding
    const set = study.sets.find(({ id }) => id === spec.set)!
    const subject = study.subjects.find(({ id }) => id === spec.subject)!
    const stimuli = subject.recordings.map(({ stimulus }) => stimulus)
    const [how, { partition }] = [solverOf(set), set]
    const identity: StepIdentity = {
      kind: 'set',
      version: codeVersions.set,
      parameters: {
        ...{ how, partition, ...fitOptions(encoding, stimuli) },
        ...{ cleaning: cleaningOf(encoding), vertices, ...this.#ruled },
      },
      inputs: [...spec.parts.map((part) => this.#layerKey(part, [part.layer])), ...(await this.#hashes(subject))],
    }
    const task = (): Task => ({
      kind: 'set',
      spaces: spec.parts.map(({ layer, designs }) =>
        designs.map((id) => {
          const { shape, data } = this.#store.array(this.#designs.get(id)!.step.key, layer)
          return { rows: shape[0], cols: shape[1], data: data as Float32Array }
        }),
      ),
      subject: subject.id,
      recordings: this.#recordings(subject),
      ...{ vertices, encoding, how, partition },
      ...(study.compute.memory !== undefined && { memory: study.compute.memory * 1e9 }),
    })
    return { spec, key: contentKey(identity), identity, task }
  }

  async #ceiling(spec: CeilingStep): Promise<KeyedStep> {
    const { study, vertices } = this.#basis
    const subjects = spec.subjects.map((id) => study.subjects.find((subject) => subject.id === id)!)
    const hashes = await Promise.all(subjects.map((subject) => this.#hashes(subject)))
    const cleaning = cleaningOf(this.#encoding)
    const { ceiling } = spec
    // Which recordings are of one stimulus, whatever it is called.
    const repeats = subjects.map(({ recordings }) =>
      recordings.map(({ stimulus }) => recordings.findIndex((other) => other.stimulus === stimulus)),
    )
    const identity: StepIdentity = {
      kind: 'ceiling',
      version: codeVersions.ceiling,
      parameters: {
        vertices,
        recordings: hashes.map((list) => list.length),
        cleaning,
        ceiling,
        ...this.#ruled,
        ...(ceiling === 'repeats' && { repeats }),
      },
      inputs: hashes.flat(),
    }
    const task = (): Task => ({
      kind: 'ceiling',
      subjects: subjects.map((subject) => ({ subject: subject.id, recordings: this.#recordings(subject) })),
      vertices,
      cleaning,
      ceiling,
    })
    return { spec, key: contentKey(identity), identity, task }
  }

  /** A model's layers up to a fit's own, in the order of computation. */
  #upTo({ space, layer }: FitStep): readonly string[] {
    const layers = this.#basis.layers.get(space)!
    return layers.slice(0, layers.indexOf(layer) + 1)
  }

  #isBesideModels(id: string): boolean {
    return this.#basis.study.spaces.some((space) => space.id === id)
  }

  #recordings(subject: Subject): RecordingFiles[] {
    const { rule } = this.#basis
    return subject.recordings.map((recording, index) => ({
      stimulus: recording.stimulus,
      files: this.#filesOf(subject.id, recording, index),
      tr: secondsPerSample(recording),
      ...(recording.confounds === undefined ? {} : { confounds: this.#facts.path(recording.confounds) }),
      ...(rule && { rule: ruleWithMask(rule, this.#facts.ownMask(subject, recording)) }),
    }))
  }

  /** In the keys of what is made of recordings; nothing where they are of the targets themselves. */
  get #ruled(): { readonly rule?: unknown } {
    const { rule } = this.#basis
    return rule ? { rule: nameOfRule(rule) } : {}
  }

  /** Of electrodes whose table of channels says so, some columns alone. */
  #filesOf(subject: string, recording: Recording, index: number): ResponseFiles {
    const files = this.#facts.responseFiles(recording)
    const columns = this.#basis.columns.get(subject)?.[index]
    return columns && typeof files === 'string' ? { file: files, columns } : files
  }

  async #hashes(subject: Subject): Promise<readonly string[]> {
    const known = this.#responseHashes.get(subject.id)
    if (known) return known
    const hashes: string[] = []
    for (const [index, { files, confounds = [] }] of this.#recordings(subject).entries()) {
      for (const file of [filePaths(files), confounds].flat()) hashes.push(await arrayHash(this.#store, file))
      if (typeof files === 'object' && 'columns' in files) hashes.push(`columns ${files.columns.join(',')}`)
      const mask = this.#facts.ownMask(subject, subject.recordings[index])
      if (mask !== undefined) hashes.push(`mask ${index} ${await this.#store.fileHash(mask)}`)
    }
    const { rule } = this.#basis
    for (const file of rule ? filesOfRule(rule) : []) hashes.push(await this.#store.fileHash(file))
    this.#responseHashes.set(subject.id, hashes)
    return hashes
  }
}
