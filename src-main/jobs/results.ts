import type {
  LayerScores,
  MapRequest,
  Measure,
  MemberScores,
  ScoreMap,
  ScoreRow,
  ScoreTable,
} from '../contract/study.ts'
import type { ScoredPart } from '../contract/maps.ts'
import { HeschlError } from '../errors.ts'
import { contentKey } from '../store/keys.ts'
import { resolveEncoding } from '../study/encoding.ts'
import type { ResolvedEncoding } from '../study/resolvedEncoding.ts'
import { axisOf, membersOf } from '../study/members.ts'
import type { Axis } from '../study/members.ts'
import type { CeilingStep } from '../study/plan.ts'
import { chanceWords } from '../pipeline/findings/chance.ts'
import type { ChanceWords } from '../pipeline/findings/chance.ts'
import type { Moments } from '../pipeline/maps/moments.ts'
import { percentiles, reliableTargets, shareOfCeiling, summarize } from '../pipeline/summaries.ts'
import { codeVersions } from '../pipeline/tasks.ts'
import { electrodeTargets } from './electrodeTargets.ts'
import type { ElectrodeTargets } from './electrodeTargets.ts'
import type { Group, Groups, Place, StoredFit } from './groups.ts'
import type { KeyedStep } from './keyedPlan.ts'
import type { CeilingMap } from './engineHandle.ts'
import { modelFacts } from './modelFacts.ts'
import type { Snapshot, StudySession } from './session.ts'
import { recoveries } from './recovered.ts'
import { setRows } from './setResults.ts'
import { storedSteps } from './storedSteps.ts'

export interface Ceiling {
  readonly kind: CeilingStep['ceiling']
  /** 0 where it is not reliable. */
  readonly map: Float32Array
}

/** A member with scores of one layer. */
interface ScoredMember {
  readonly id: string
  readonly at: number | null
  readonly fits: readonly StoredFit[]
}

/** What a map is the mean of. */
export interface Chosen {
  readonly fits: readonly StoredFit[]
  readonly part: string
}

/** Reads stored scores: maps for the cortex, the table of layers. */
export class Results {
  readonly #session: StudySession
  readonly #snapshot: Snapshot
  readonly #groups: Groups
  /** Stored ones by space and layer. */
  readonly #fits: ReadonlyMap<string, readonly StoredFit[]>
  /** As many as there will be. */
  readonly #planned: ReadonlyMap<string, number>
  readonly #electrodes: ElectrodeTargets | undefined
  /** What was asked for before: the same list again, whose keys are not gone through again. */
  readonly #chosen = new Map<string, Chosen>()
  readonly #keys = new WeakMap<readonly StoredFit[], string>()
  #table: Promise<ScoreTable> | undefined

  constructor(session: StudySession, snapshot: Snapshot, groups: Groups) {
    this.#session = session
    this.#snapshot = snapshot
    this.#groups = groups
    this.#electrodes = electrodeTargets(snapshot)
    ;({ fits: this.#fits, planned: this.#planned } = fitsByPlace(session, snapshot))
  }

  /** @throws HeschlError FILE_MISSING where nothing is stored for the request yet */
  async map({ subject, model, layer }: MapRequest): Promise<ScoreMap> {
    const chosen = this.chosen({ models: [model], layer, subject })
    const { mean } = await this.group(chosen.fits)
    return this.asMap(mean, this.scoreLabel(chosen.fits), chosen)
  }

  table(): Promise<ScoreTable> {
    this.#table ??= this.#makeTable()
    return this.#table
  }

  get encoding(): ResolvedEncoding {
    return resolveEncoding(this.#snapshot.study.encoding)
  }

  get chance(): ChanceWords {
    return chanceWords(this.#snapshot.study)
  }

  /** Whether targets are electrodes, which subjects do not share. */
  get ofElectrodes(): boolean {
    return this.#electrodes !== undefined
  }

  /** @throws HeschlError FILE_MISSING where none of these scores is stored yet */
  chosen(part: ScoredPart): Chosen {
    const asked = JSON.stringify([part.models, part.layer, part.subject])
    const known = this.#chosen.get(asked)
    if (known) return known
    const found = this.#choose(part)
    this.#chosen.set(asked, found)
    return found
  }

  #choose({ models, layer, subject }: ScoredPart): Chosen {
    const found = models.map((model) => this.#scored(model, layer, subject)).filter(({ scored }) => scored.length > 0)
    if (found.length === 0)
      throw new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
        where: { step: `${models.join(', ')} ${layer}`, ...(subject === 'mean' ? {} : { subject }) },
        remedy: 'Run the study; it computes only what is missing',
      })
    return {
      fits: found.flatMap(({ axis, scored }) => fitsToAverage(axis, scored)),
      part:
        found.length > 1
          ? `mean of ${found.length} models`
          : found.map(({ axis, scored }) => partText(axis, scored))[0],
    }
  }

  /** Mean and moments over subjects. @param patient whether nobody looks at it yet */
  group(fits: readonly StoredFit[], patient = false): Promise<Group> {
    const places = new Set(fits.map(({ spec }) => placeOf(spec.space, spec.layer)))
    const planned = [...places].reduce((count, place) => count + (this.#planned.get(place) ?? 0), 0)
    return this.#groups.of(fits, this.#place, fits.length === planned, patient)
  }

  /** Where a subject's scores belong among those of all; null where all have the same targets. */
  get #place(): Place | null {
    const electrodes = this.#electrodes
    return electrodes ? (subject, own) => electrodes.place(subject, own) : null
  }

  /** Of the differences of subjects who have both. */
  differences(of: readonly StoredFit[], less: readonly StoredFit[]): Promise<Moments> {
    return this.#groups.moments({ of, less, above: false, place: this.#place })
  }

  /** Of what is tested: subjects' scores, or their differences, above chance. */
  async tested(of: readonly StoredFit[], less: readonly StoredFit[] | null): Promise<Moments> {
    const above = this.encoding.chance !== 'zero'
    return less === null && !above
      ? (await this.group(of)).moments
      : this.#groups.moments({ of, less, above, place: this.#place })
  }

  /** The same, each subject's own. */
  testedMaps(of: readonly StoredFit[], less: readonly StoredFit[] | null): ReturnType<Groups['maps']> {
    return this.#groups.maps({ of, less, above: this.encoding.chance !== 'zero', place: this.#place })
  }

  /** Values of all targets as a map of the two hemispheres. */
  asMap(values: Float32Array, label: string, { fits, part }: Chosen): ScoreMap {
    const { left, right } = this.split(values)
    return {
      left,
      right,
      label,
      part,
      subjects: subjectsOf(fits),
      percentiles: percentiles(values, [2, 50, 98]) as [number, number, number],
      key: this.#key(fits),
    }
  }

  /** What a map of scores shows. Of an electrode it is one subject's, however many the map has. */
  scoreLabel(fits: readonly StoredFit[]): string {
    const subjects = subjectsOf(fits)
    if (!this.#electrodes) return scoreLabel(this.encoding, subjects)
    return `${scoreLabel(this.encoding, 1)}${subjects > 1 ? `; electrodes of ${subjects} subjects` : ''}`
  }

  /** Values of all targets by hemisphere: of its vertices, or NaN for these and then of its electrodes. */
  split(values: Float32Array): { readonly left: Float32Array; readonly right: Float32Array } {
    const { electrodes, surface } = this.#snapshot
    const { left, right } = electrodes?.surface ?? surface!
    const vertices = left.labels.length
    if (!electrodes) return { left: values.slice(0, vertices), right: values.slice(vertices) }
    const all = new Float32Array(vertices + right.labels.length).fill(NaN)
    electrodes.points.forEach((point, i) => {
      if (point >= 0) all[point] = values[i]
    })
    return { left: all.slice(0, vertices), right: all.slice(vertices) }
  }

  /** Every noise ceiling that is stored; NaN where responses are too noisy for it to mean anything. */
  ceilings(): readonly CeilingMap[] {
    const { store } = this.#session
    return this.#snapshot.steps.flatMap(({ spec, key }) => {
      if (spec.kind !== 'ceiling' || !store.has(key)) return []
      const { kind, map } = this.#ceilingOf(spec, key)
      const values = map.map((value) => (value > 0 ? value : NaN))
      return [{ kind, subjects: spec.subjects, values, key }]
    })
  }

  async #makeTable(): Promise<ScoreTable> {
    const { surface, study } = this.#snapshot
    const electrodes = this.#electrodes?.names
    const labels = electrodes ? Uint16Array.from(electrodes, (_, i) => i) : concatLabels(this.#snapshot)
    const regions = electrodes ?? (surface ? surface.regions.map(({ name }) => name) : [])
    const ceiling = this.ceiling()
    const summed = (fits: readonly StoredFit[]) => this.#scores(fits, labels, regions.length, ceiling)
    const rows: ScoreRow[] = []
    for (const space of [...study.models, ...study.spaces])
      for (const layer of this.#layersOf(space.id)) {
        const { axis, scored } = this.#scored(space.id, layer, 'mean')
        if (scored.length === 0) continue
        const members: MemberScores[] = []
        for (const { id, at, fits } of axis === null ? [] : scored)
          members.push({ id, at: at!, ...(await summed(fits)) })
        rows.push({
          model: space.id,
          regime: 'regime' in space ? space.regime : '',
          layer,
          ...(await summed(fitsToAverage(axis, scored))),
          spread: axis === 'seed' ? spreadOf(members.map(({ meanR }) => meanR)) : null,
          members,
        })
      }
    const reliable = ceiling ? [...ceiling.map].filter((value) => value > 0) : []
    return {
      models: study.models.map(modelFacts),
      provider: this.#snapshot.basis?.provider ?? null,
      rows,
      measure: measures[resolveEncoding(study.encoding).score.measure],
      regions,
      ceiling: ceiling && {
        meanR: reliable.reduce((a, b) => a + b, 0) / reliable.length,
        vertices: reliable.length,
        kind: ceiling.kind,
      },
      planted: await recoveries(
        this.#session,
        this.#snapshot,
        { labels, regions },
        {
          fitsOf: (space, layer) => this.#fitsOf(space, layer),
          meanOf: async (fits) => Float32Array.from((await this.group(fits, true)).mean),
        },
      ),
      ...(study.sets.length > 0 && { sets: setRows(this.#session.store, this.#snapshot, labels, regions.length) }),
    }
  }

  async #scores(
    fits: readonly StoredFit[],
    labels: Uint16Array,
    nRegions: number,
    ceiling: Ceiling | null,
  ): Promise<LayerScores> {
    const { mean: values, subjectMeans } = await this.group(fits, true)
    const means = [...subjectMeans]
    const { measure } = resolveEncoding(this.#snapshot.study.encoding).score
    return {
      meanR: meanOf(means),
      semR: deviationOf(means) / Math.sqrt(means.length),
      subjects: means.length,
      ceilingShare: ceiling ? shareOfCeiling(values, ceiling.map, measure) : NaN,
      byRegion: [...summarize(values, labels, nRegions).byRegion],
    }
  }

  /** The noise ceiling of each vertex; 0 where responses are too noisy for it to mean anything. */
  ceiling(): Ceiling | null {
    const step = this.#snapshot.steps.find(({ spec, key }) => spec.kind === 'ceiling' && this.#session.store.has(key))
    return step ? this.#ceilingOf(step.spec as CeilingStep, step.key) : null
  }

  #ceilingOf({ ceiling: kind }: CeilingStep, key: string): Ceiling {
    const { store } = this.#session
    const reliable = reliableTargets(store.array(key, 'correlation').data as Float32Array)
    const ceiling = store.array(key, 'ceiling').data as Float32Array
    return { kind, map: ceiling.map((value, v) => (reliable[v] ? value : 0)) }
  }

  #fitsOf(space: string, layer: string): readonly StoredFit[] {
    return this.#fits.get(placeOf(space, layer)) ?? []
  }

  /** A model's members, or the one space or member of that id, as far as scores of the layer are stored. */
  #scored(
    id: string,
    layer: string,
    subject: string,
  ): { readonly axis: Axis | null; readonly scored: readonly ScoredMember[] } {
    const model = this.#snapshot.study.models.find((each) => each.id === id)
    const members = model ? membersOf(model) : [{ id, at: null }]
    const scored = members.flatMap((member) => {
      const fits = this.#fitsOf(member.id, layer).filter(({ spec }) => subject === 'mean' || spec.subject === subject)
      return fits.length === 0 ? [] : [{ id: member.id, at: member.at, fits }]
    })
    return { axis: model ? axisOf(model) : null, scored }
  }

  /** The layers of a space, or of the first member of a model whose files can be read. */
  #layersOf(id: string): readonly string[] {
    const layers = this.#snapshot.basis?.layers
    const model = this.#snapshot.study.models.find((each) => each.id === id)
    const known = (model ? membersOf(model) : [{ id }]).find((each) => layers?.has(each.id))
    return known === undefined ? [] : layers!.get(known.id)!
  }

  #key(fits: readonly StoredFit[]): string {
    if (fits.length === 1) return fits[0].key
    const known = this.#keys.get(fits)
    if (known !== undefined) return known
    const inputs = fits.map(({ key }) => key)
    const key = contentKey({ kind: 'mean', version: codeVersions.fit, parameters: null, inputs })
    this.#keys.set(fits, key)
    return key
  }
}

export const measures: Readonly<Record<ResolvedEncoding['score']['measure'], Measure>> = {
  r: { name: 'Pearson r', symbol: 'r' },
  'r-squared': { name: 'r²', symbol: 'r²' },
  r2: { name: 'R²', symbol: 'R²' },
}

/** What a map shows: measure, what it is taken over, subjects. */
function scoreLabel({ folds, score, levels }: ResolvedEncoding, subjects: number): string {
  const several =
    typeof folds === 'number' ? `${folds} folds` : folds === 'runs' ? 'runs held out' : `${folds.splits.length} folds`
  const over = score.over === 'folds' ? `mean of ${several}` : `${several} together`
  const mean = score.over === 'folds' ? ' and ' : ', mean of '
  const layers = levels === 'cumulative' ? ', layers up to this one' : ''
  return `${measures[score.measure].name}, ${over}${subjects > 1 ? `${mean}${subjects} subjects` : ''}${layers}`
}

/** Of a series the last checkpoint: what its training led to. */
function fitsToAverage(axis: Axis | null, scored: readonly ScoredMember[]): readonly StoredFit[] {
  return axis === 'steps' || axis === 'hours' ? scored.at(-1)!.fits : scored.flatMap(({ fits }) => fits)
}

function partText(axis: Axis | null, scored: readonly ScoredMember[]): string {
  if (axis === null) return ''
  const last = scored.at(-1)!.at!.toLocaleString('en', { maximumSignificantDigits: 15 })
  if (axis === 'seed') return scored.length > 1 ? `mean of ${scored.length} seeds` : `seed ${last}`
  return `after ${last} ${axis}`
}

function spreadOf(means: readonly number[]): ScoreRow['spread'] {
  if (means.length < 2) return null
  return { sd: deviationOf(means), low: Math.min(...means), high: Math.max(...means) }
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** With n − 1; NaN for one value. */
function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

const placeOf = (space: string, layer: string) => `${space} ${layer}`

export const subjectsOf = (fits: readonly StoredFit[]) => new Set(fits.map(({ spec }) => spec.subject)).size

/** The stored fits of each layer, and how many there will be. Of a large study's tens of thousands those of a layer follow each other. */
function fitsByPlace({ store }: StudySession, { steps }: Snapshot) {
  const fits = new Map<string, StoredFit[]>()
  const planned = new Map<string, number>()
  const stored = storedSteps(store, steps)
  let [space, layer, place, own]: [string, string, string, StoredFit[]] = ['', '', '', []]
  for (const [i, step] of steps.entries()) {
    if (!isFit(step)) continue
    if (step.spec.space !== space || step.spec.layer !== layer) {
      ;({ space, layer } = step.spec)
      place = placeOf(space, layer)
      own = fits.get(place) ?? []
      fits.set(place, own)
    }
    planned.set(place, (planned.get(place) ?? 0) + 1)
    if (stored[i] === 1) own.push(step)
  }
  return { fits, planned }
}

const isFit = (step: KeyedStep): step is KeyedStep & StoredFit => step.spec.kind === 'fit'

function concatLabels({ surface }: Snapshot): Uint16Array {
  if (!surface) return new Uint16Array(0)
  const labels = new Uint16Array(surface.left.labels.length + surface.right.labels.length)
  labels.set(surface.left.labels)
  labels.set(surface.right.labels, surface.left.labels.length)
  return labels
}
