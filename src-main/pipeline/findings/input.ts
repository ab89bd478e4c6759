/** What findings are made from: facts of a study, and its stored scores, read one map at a time. */
import type { Measure } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { Behaviour } from '../../study/behaviourSchema.ts'
import { resolveEncoding } from '../../study/encoding.ts'
import type { ResolvedEncoding } from '../../study/encoding.ts'
import type { Study } from '../../study/schema.ts'
import type { CorticalSurface } from '../../surfaces/index.ts'
import type { NamedArray } from '../context.ts'
import type { ExperimentFiles } from '../experiment.ts'

/** A model with its layers, or a space, which is its own layer. */
export interface FindingSpace {
  readonly id: string
  readonly kind: 'model' | 'space'
  /** Empty for spaces. */
  readonly regime: string
  /** Of the training; empty where it is not said. */
  readonly language: string
  readonly layers: readonly string[]
  /** What its members differ in (study/members.ts). */
  readonly axis: 'seed' | 'steps' | 'hours' | null
  /** In the order of the axis; a model without an axis is its own member. */
  readonly members: readonly { readonly id: string; readonly at: number | null }[]
}

export interface FindingSubject {
  readonly id: string
  /** Empty where it is not said. */
  readonly language: string
}

/** A stored score map. */
export interface StoredScore {
  /** Id of a model's member, or of a space. */
  readonly member: string
  readonly layer: string
  readonly subject: string
  /** Its step in the store. */
  readonly key: string
}

export interface FindingInput {
  readonly study: Study
  readonly measure: Measure
  readonly spaces: readonly FindingSpace[]
  readonly subjects: readonly FindingSubject[]
  readonly scores: readonly StoredScore[]
  /** Steps of noise ceilings that are stored. */
  readonly ceilings: readonly { readonly subjects: readonly string[]; readonly key: string }[]
  readonly surface: CorticalSurface
  /** null, or left out, where the study file has no `behaviour`. */
  readonly behaviour?: BehaviourInput | null
}

/** An ABX experiment, and what was asked of models (pipeline/abx.ts). */
export interface BehaviourInput extends Pick<Behaviour, 'layer' | 'distance' | 'dtw' | 'hears' | 'languages'> {
  readonly files: ExperimentFiles
  /** What listeners answered, and its content's hash; null where it is not given. */
  readonly answers: { readonly file: string; readonly hash: string } | null
  /** Stored steps, by model's member. */
  readonly asked: readonly { readonly member: string; readonly key: string }[]
}

/** A score, or what the same responses score when they are shifted in time. */
type Scored = 'r' | 'chance'

/** An array of a stored step. */
type ReadArray = (step: string, name: string) => Promise<NamedArray>

/** Stored scores by model, layer and subject; remembers which were read, for a finding's provenance. */
export class Scores {
  readonly input: FindingInput
  readonly #read: ReadArray
  readonly #keys = new Map<string, string>()
  readonly #used = new Map<string, Map<string, Set<string>>>()

  constructor(input: FindingInput, read: ReadArray) {
    this.input = input
    this.#read = read
    for (const { member, layer, subject, key } of input.scores) this.#keys.set(place(member, layer, subject), key)
  }

  get vertices(): number {
    const { left, right } = this.input.surface
    return left.labels.length + right.labels.length
  }

  /** [vertices]: index into the surface's regions, left before right; 0 is outside all. */
  get labels(): Uint16Array {
    const { left, right } = this.input.surface
    const labels = new Uint16Array(this.vertices)
    labels.set(left.labels)
    labels.set(right.labels, left.labels.length)
    return labels
  }

  /** @throws HeschlError OPTION_INVALID */
  space(id: string): FindingSpace {
    const found = this.input.spaces.find((space) => space.id === id)
    if (found) return found
    throw new HeschlError('OPTION_INVALID', `There is no model or space "${id}"`, {
      expected: `one of ${this.input.spaces.map((space) => space.id).join(', ')}`,
      found: id,
    })
  }

  /** Members whose mean are a model's scores: all its seeds; of a series the last checkpoint. */
  membersOf({ axis, members }: FindingSpace): readonly string[] {
    const counted = axis === 'steps' || axis === 'hours' ? members.slice(-1) : members
    return counted.map(({ id }) => id)
  }

  /** Whether all members' scores of these layers are stored for a subject. */
  has(space: FindingSpace, layers: readonly string[], subject: string): boolean {
    return this.membersOf(space).every((member) =>
      layers.every((layer) => this.#keys.has(place(member, layer, subject))),
    )
  }

  /** @param member id of a model's member, or of a space */
  hasMember(member: string, layer: string, subject: string): boolean {
    return this.#keys.has(place(member, layer, subject))
  }

  /** Layers that are stored for at least one subject. */
  scoredLayers(space: FindingSpace): readonly string[] {
    return space.layers.filter((layer) => this.input.subjects.some(({ id }) => this.has(space, [layer], id)))
  }

  /** Those for whom all of it is stored, in the study's order. */
  subjectsWith(
    wanted: readonly { readonly space: FindingSpace; readonly layers: readonly string[] }[],
  ): FindingSubject[] {
    return this.input.subjects.filter(({ id }) => wanted.every(({ space, layers }) => this.has(space, layers, id)))
  }

  /**
   * One member's map of one layer.
   * @param member id of a model's member, or of a space
   * @returns [vertices]; NaN where there is no score
   * @throws HeschlError FILE_MISSING before it was run
   */
  async memberMap(member: string, layer: string, subject: string, what: Scored = 'r'): Promise<Float32Array> {
    const key = this.#keys.get(place(member, layer, subject))
    if (key === undefined) throw notComputed(member, layer, subject)
    const owner = this.input.spaces.find(({ members }) => members.some(({ id }) => id === member))
    this.#note(owner?.id ?? member, layer, key)
    const { data } = await this.#read(key, what)
    return data as Float32Array
  }

  /** What scores of chance are (chance.ts). */
  get chance(): ResolvedEncoding['chance'] {
    return resolveEncoding(this.input.study.encoding).chance
  }

  /**
   * A subject's scores of a layer; the mean over a model's seeds, or the last checkpoint of its series.
   * @param what `chance`: of the responses shifted in time, where the study has them
   * @returns [vertices]; NaN where there is no score
   * @throws HeschlError FILE_MISSING before it was run
   */
  async map(space: FindingSpace, layer: string, subject: string, what: Scored = 'r'): Promise<Float32Array> {
    const [first, ...others] = this.membersOf(space)
    const map = await this.memberMap(first, layer, subject, what)
    if (others.length === 0) return map
    const sum = Float64Array.from(map)
    for (const member of others)
      (await this.memberMap(member, layer, subject, what)).forEach((value, v) => (sum[v] += value))
    return Float32Array.from(sum, (value) => value / (others.length + 1))
  }

  /**
   * A subject's mean over layers.
   * @returns [vertices]; NaN where a layer has no score
   */
  async meanOverLayers(
    space: FindingSpace,
    layers: readonly string[],
    subject: string,
    what: Scored = 'r',
  ): Promise<Float32Array> {
    if (layers.length === 1) return this.map(space, layers[0], subject, what)
    const sum = new Float64Array(this.vertices)
    for (const layer of layers) (await this.map(space, layer, subject, what)).forEach((value, v) => (sum[v] += value))
    return Float32Array.from(sum, (value) => value / layers.length)
  }

  /** [subjects, vertices] of one layer. */
  async stack(space: FindingSpace, layer: string, subjects: readonly FindingSubject[]): Promise<Matrix32> {
    const stacked = zeros32(subjects.length, this.vertices)
    for (const [row, { id }] of subjects.entries())
      stacked.data.set(await this.map(space, layer, id), row * stacked.cols)
    return stacked
  }

  /** An array of a noise ceiling's step (pipeline/ceilings.ts). */
  async ceiling(key: string, name: 'ceiling' | 'correlation'): Promise<Float32Array> {
    this.#note('noise ceiling', name, key)
    return (await this.#read(key, name)).data as Float32Array
  }

  /** Distances [triplets, 2] of an ABX experiment; undefined where they are not stored. */
  async distances(space: FindingSpace, member: string): Promise<Float64Array | undefined> {
    const { asked, layer } = this.input.behaviour!
    const key = asked.find((step) => step.member === member)?.key
    if (key === undefined) return undefined
    this.#note(space.id, `${layer} (ABX)`, key)
    return (await this.#read(key, layer)).data as Float64Array
  }

  /** Says that listeners' answers were read. */
  noteAnswers(hash: string): void {
    this.#note('listeners', 'answers', hash)
  }

  /** The steps that were read, by space and layer. */
  used(): readonly { readonly space: string; readonly layer: string; readonly keys: readonly string[] }[] {
    return [...this.#used].flatMap(([space, layers]) =>
      [...layers].map(([layer, keys]) => ({ space, layer, keys: [...keys] })),
    )
  }

  #note(space: string, layer: string, key: string): void {
    const layers = this.#used.get(space) ?? new Map<string, Set<string>>()
    const keys = layers.get(layer) ?? new Set<string>()
    this.#used.set(space, layers.set(layer, keys.add(key)))
  }
}

const place = (member: string, layer: string, subject: string) => `${member}\n${layer}\n${subject}`

const notComputed = (member: string, layer: string, subject: string) =>
  new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
    where: { step: `${member} ${layer}`, subject },
    remedy: 'Run the study first: heschl run',
  })
