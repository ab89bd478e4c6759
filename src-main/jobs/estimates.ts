/**
 * What a step will cost, before it runs. `work` is the seconds that it would take by what it computes and by this
 * machine's measured pace; the seconds are that, times what this study's finished steps of its kind took for theirs.
 */
import type { PlanStep } from '../contract/study.ts'
import { bytesAtRest, isDecodedWhole, logspace, operationsOf, ridgeCost, stripeWidth } from '../pipeline/cost.ts'
import type { Pace } from '../pipeline/cost.ts'
import type { Facts, ModelDescription, TextDescription } from '../pipeline/facts.ts'
import { lagCountOf } from '../pipeline/lags.ts'
import { protocolOf, windowCost } from '../pipeline/windowProtocol.ts'
import type { WindowCost } from '../pipeline/windowProtocol.ts'
import { spaceBytes } from '../pipeline/spaceCost.ts'
import type { Store } from '../store/store.ts'
import { foldCount, resolveEncoding } from '../study/encoding.ts'
import type { AbxStep, CeilingStep, ComponentsStep, DesignStep, FitStep, SetStep, StepSpec } from '../study/plan.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Subject } from '../study/schema.ts'
import { solverOf } from '../study/sets.ts'
import { targetsOf } from './keyedPlan.ts'
import type { PlanBasis } from './keyedPlan.ts'

export interface Cost {
  readonly work: number
  readonly seconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
  /** Of a model that hears: how many, and how often each second of the recording is computed. */
  readonly windows?: PlanStep['windows']
}

type Amounts = Omit<Cost, 'seconds'>

/** Of read speech: some 2.5 words, of some 1.3 tokens each. */
const tokensPerSecond = 3.3
/** Of attention in every GPT-2. */
const unitsPerHead = 64
/** Products of a model's layers as a multiple of the pace of one product; measured (test/benchmark/plan.ts), as below. */
const layerPace = 1.2
/** Operations that would take as long as a value of a layer in norms and activations, as a value of a recording that is read and cleaned. */
const asOperations = { value: 170, response: 4000, gifti: 16_000 }
/** Seconds that a weight takes to be drawn, or to be read from a checkpoint; that a step takes whatever it computes. */
const opening = { drawn: 25e-9, read: 3e-9 }
const anyStep = 0.05
/** Seconds that a pass takes whatever it computes. */
const passSeconds = 0.002
/** Seconds that a space of sound takes for a second of it. */
const soundPace = 0.003
/** Products with the whole matrix that an eigenvector takes. */
const eigenProducts = 80
/** Of a step's entry in the store: its page, its record, its arrays' ends. */
const recordBytes = 10e3

/** What finished steps took, by kind; a study that does not exist yet has none. */
type Paces = Pick<Store, 'pace'>

/** Costs of a plan's steps, asked for in their order: what steps share, the first of them pays for. */
export class Estimator {
  readonly #basis: PlanBasis
  readonly #seconds: (stimulus: string) => number
  readonly #store: Paces
  readonly #facts: Facts
  readonly #pace: Pace
  readonly #threads: number
  #opened = ''
  #prepared = ''
  readonly #read = new Set<string>()

  /** @param seconds length of a stimulus, in seconds */
  constructor(
    basis: PlanBasis,
    seconds: (stimulus: string) => number,
    { store, facts }: { readonly store: Paces; readonly facts: Facts },
    { pace, threads }: { readonly pace: Pace; readonly threads: number },
  ) {
    this.#basis = basis
    this.#seconds = seconds
    this.#store = store
    this.#facts = facts
    this.#pace = pace
    this.#threads = threads
  }

  async cost(spec: StepSpec): Promise<Cost> {
    const { work, ...amounts } = await this.#amounts(spec)
    return { work, seconds: work * (this.#store.pace(spec.kind) ?? 1), ...amounts }
  }

  #amounts(spec: StepSpec): Promise<Amounts> | Amounts {
    if (spec.kind === 'design') return this.#design(spec)
    if (spec.kind === 'set') return this.#set(spec)
    if (spec.kind === 'abx') return this.#abx(spec)
    if (spec.kind === 'components') return this.#components(spec)
    return spec.kind === 'fit' ? this.#fit(spec) : this.#ceiling(spec)
  }

  /** Seconds of so many operations in float32 by all threads. */
  #taking(operations: number): number {
    return operations / this.#pace.float32
  }

  async #design({ space, run }: DesignStep): Promise<Amounts> {
    const seconds = this.#seconds(run.stimulus)
    const description = this.#basis.descriptions.get(space)
    const units = this.#units(space)
    const diskBytes = run.volumes * units * 4 + recordBytes
    // Sums in float64 and the matrix that comes of them; the samples.
    const atHand = run.volumes * units * 12 + seconds * 16_000 * 8
    if (!description) {
      return { work: anyStep + seconds * soundPace, memoryBytes: bytesAtRest + atHand, diskBytes }
    }
    const model = this.#basis.study.models.find(({ id }) => id === space)!
    const opens = this.#opened === space ? 0 : description.parameters
    this.#opened = space
    const open = anyStep + opens * (model.architecture === undefined ? opening.read : opening.drawn)
    if ('reads' in description) return this.#text(space, description, seconds, { open, diskBytes, atHand })
    const layers = this.#basis.layers.get(space)!
    const { windows, repetition, longest } = this.#windows(description, seconds)
    const padded = Math.max(longest, description.paddedTo ?? 0)
    const { products, values } = operationsOf(description, layers, padded)
    const passes = (repetition * seconds * description.sampleRate) / padded
    const operations = passes * (products / layerPace + values * asOperations.value)
    const pass = await this.#facts.passBytes(model, layers, longest).catch(() => 4 * description.parameters)
    const memoryBytes = bytesAtRest + pass + atHand
    return { work: open + this.#taking(operations), memoryBytes, diskBytes, windows: { count: windows, repetition } }
  }

  /** Windows that do not fit the model's frames are told by the study's check. */
  #windows(description: Exclude<ModelDescription, TextDescription>, seconds: number): WindowCost {
    const samples = Math.round(seconds * description.sampleRate)
    try {
      return windowCost(samples, description, protocolOf(resolveEncoding(this.#basis.study.encoding)))
    } catch {
      return { windows: 1, repetition: 1, longest: samples }
    }
  }

  /** A model that reads words, by the usual rate of words: their transcripts are not read for an estimate. */
  #text(
    space: string,
    { parameters, longest, layers }: TextDescription,
    seconds: number,
    { open, diskBytes, atHand }: { readonly open: number; readonly diskBytes: number; readonly atHand: number },
  ): Amounts {
    const { context } = this.#basis.study.models.find(({ id }) => id === space)!
    // Windows of the whole context share half of it; otherwise every word is read with its own.
    const readings = context === undefined ? 2 : context + 1
    const operations = (seconds * tokensPerSecond * readings * 2 * parameters) / layerPace
    const units = layers[0].units
    const scores = 2 * (units / unitsPerHead) * longest ** 2
    const memoryBytes = bytesAtRest + 4 * (parameters + scores + 2 * longest * units * layers.length) + atHand
    return { work: open + this.#taking(operations), memoryBytes, diskBytes }
  }

  /** Items heard one by one: a pass each, of the mean length, and what their distances take. */
  #abx({ space, layer }: AbxStep): Amounts {
    const { items, seconds, triplets } = this.#basis.experiment!
    const description = this.#basis.descriptions.get(space) as Exclude<ModelDescription, TextDescription>
    const model = this.#basis.study.models.find(({ id }) => id === space)!
    const opens = this.#opened === space ? 0 : description.parameters
    this.#opened = space
    const open = anyStep + opens * (model.architecture === undefined ? opening.read : opening.drawn)
    const length = Math.max((seconds / items) * description.sampleRate, description.paddedTo ?? 0)
    const { products, values } = operationsOf(description, [layer], Math.round(length))
    const operations = items * (products / layerPace + values * asOperations.value)
    const { units, hop } = description.layers.find(({ name }) => name === layer)!
    const frames = (seconds * description.sampleRate) / hop
    const compared = triplets.length * 2 * (frames / items) ** 2 * 2 * units
    return {
      work: open + items * passSeconds + this.#taking(operations + compared),
      memoryBytes: bytesAtRest + 4 * description.parameters + 8 * frames * units,
      diskBytes: 16 * triplets.length + recordBytes,
    }
  }

  /** Seconds of a fit's scores: of its targets, or of components, which are turned back into targets. */
  #scored(
    perTarget: number,
    { samples, targets, folds }: { readonly samples: number; readonly targets: number; readonly folds: number },
  ): number {
    const { pcaY } = resolveEncoding(this.#basis.study.encoding)
    if (pcaY === 'none') return this.#taking(perTarget * targets)
    const components = pcaY * folds
    // A component is scored in its own fold alone: half of what a target's errors take is the same for all folds.
    const own = (perTarget * components * (1 + 1 / folds)) / 2
    return this.#taking(own) + (2 * components * (samples + samples / folds) * targets) / this.#pace.float64
  }

  /** The products of a subject's samples, and each fold's leading eigenvectors (linalg/leadingEigen.ts). */
  #components({ subject }: ComponentsStep): Amounts {
    const { folds: how, pcaY } = resolveEncoding(this.#basis.study.encoding)
    const { left, right } = targetsOf(this.#basis, subject)
    const targets = left + right
    const samples = this.#samples(subject)
    const folds = foldCount(how, this.#basis.volumes.get(subject)!.length)
    const count = pcaY as number
    const eigenvectors = folds * eigenProducts * 2 * samples ** 2 * Math.min(count, targets)
    const products = samples ** 2 * targets + eigenvectors
    return {
      work: anyStep + this.#reading(subject, targets) + products / this.#pace.float64,
      memoryBytes: bytesAtRest + 8 * samples * targets + 40 * samples ** 2,
      diskBytes: folds * count * (4 * samples + 8) + recordBytes,
    }
  }

  #fit({ subject, space, layer, designs }: FitStep): Amounts {
    const { folds: how, alphas, selection, hrf, chance } = resolveEncoding(this.#basis.study.encoding)
    const shifts = chance === 'zero' ? 0 : chance.shifts
    const { left, right } = targetsOf(this.#basis, subject)
    const targets = left + right
    const samples = this.#samples(subject)
    const runs = this.#basis.volumes.get(subject)!
    const folds = foldCount(how, runs.length)
    const inner = typeof selection === 'object' ? selection.kfold : selection === 'runs' ? runs.length : undefined
    const grid = logspace(alphas.from, alphas.to, alphas.count)
    const units = this.#features(space, layer)
    const lagCount = lagCountOf(hrf, secondsPerSample(this.#subject(subject).recordings[0]))
    const sizes = {
      ...{ samples, features: units * lagCount, lagCount, folds, alphas: grid, inner, threads: this.#threads },
      // Layers that are fitted together add up their products: only the last one's are new.
      added: this.#layerUnits(space, layer) * lagCount,
    }
    const { prepare, perTarget, solutions, preparing, scoring } = ridgeCost(sizes)
    // Subjects who heard the same share what depends on X alone; a subject's recordings are read once for all layers.
    const problem = `${layer} ${designs.join(' ')}`
    const prepared = this.#prepared === problem ? 0 : prepare / this.#pace.float64
    this.#prepared = problem
    // Responses that are shifted in time are scored as often (pipeline/chance.ts).
    const scored = (1 + shifts) * this.#scored(perTarget, { samples, targets, folds })
    const work = anyStep + prepared + scored + this.#reading(subject, targets)
    const stripe = (shifts > 0 ? 12 : 8) * samples * Math.min(targets, stripeWidth(samples))
    const memoryBytes =
      bytesAtRest + solutions + Math.max(preparing, stripe + scoring) + 4 * samples * targets + 12 * samples * units
    return { work, memoryBytes, diskBytes: targets * (4 + folds + (shifts > 0 ? 4 : 0)) + recordBytes }
  }

  #set({ set: id, subject, parts }: SetStep): Amounts {
    const { folds: how, alphas, selection } = resolveEncoding(this.#basis.study.encoding)
    const set = this.#basis.study.sets.find((each) => each.id === id)!
    const solver = solverOf(set)
    const { left, right } = this.#basis.vertices
    const targets = left + right
    const samples = this.#samples(subject)
    const runs = this.#basis.volumes.get(subject)!
    const folds = foldCount(how, runs.length)
    const inner = typeof selection === 'object' ? selection.kfold : selection === 'runs' ? runs.length : undefined
    const grid = logspace(alphas.from, alphas.to, alphas.count)
    const units = parts.map(({ space, layer }) => this.#layerUnits(space, layer))
    const features = units.reduce((sum, count) => sum + count, 0)
    const spaces = parts.length
    const { prepare, perTarget } = ridgeCost({ samples, features, folds, alphas: grid, inner, threads: this.#threads })
    // A space alone has no weights to choose.
    const unions = set.partition ? 2 ** spaces - 1 : 1
    const weighed = set.partition ? unions - spaces : 1
    const fits = unions - weighed + weighed * (solver.solver === 'banded-random' ? solver.iterations : 1)
    // Some forty products with every space's kernel an iteration and inner fold.
    const steps = solver.solver === 'banded-gradient' ? solver.iterations * weighed * folds * (inner ?? 1) * 40 : 0
    const descent = (steps * 2 * spaces * samples ** 2 * targets) / this.#pace.float64
    const one = prepare / this.#pace.float64 + this.#taking(perTarget * targets)
    const options = { folds: Array.from({ length: folds }, () => ({ start: 0, end: 1 })), alphas: grid }
    const selected = { ...options, selection: inner === undefined ? ('leave-one-out' as const) : { kfold: inner } }
    const bytes = spaceBytes({ samples, targets, spaces, features: Math.max(...units) }, selected, solver)
    return {
      work: anyStep + fits * one + descent + this.#reading(subject, targets),
      memoryBytes: bytes + 8 * samples * targets,
      diskBytes: targets * (4 + 8 * folds * spaces + (set.partition ? 8 * unions : 0)) + recordBytes,
    }
  }

  /** Seconds until a subject's recordings are read and cleaned, by one thread; 0 once they have been. */
  #reading(subject: string, targets: number): number {
    if (this.#read.has(subject)) return 0
    this.#read.add(subject)
    const { recordings } = this.#subject(subject)
    const gifti = recordings.some(({ data }) => isDecodedWhole(typeof data === 'string' ? data : data.left))
    const values = this.#samples(subject) * targets
    return (values * (gifti ? asOperations.gifti : asOperations.response)) / this.#pace.float32
  }

  /** All kinds but that of repetitions read every subject twice; two of them predict each from the mean of the others. */
  #ceiling({ subjects, ceiling }: CeilingStep): Amounts {
    const { left, right } = this.#basis.vertices
    const targets = left + right
    const samples = this.#samples(subjects[0])
    const passes = ceiling === 'repeats' ? 1 : 2
    const reading = subjects.reduce((sum, subject) => {
      this.#read.delete(subject)
      return sum + passes * this.#reading(subject, targets)
    }, 0)
    const shared = { 'across-subjects': 4, repeats: 3, 'as-published': 2, 'fold-wise': 2 }[ceiling]
    const own = ceiling === 'across-subjects' ? 0 : subjects.length
    const diskBytes = targets * 4 * (shared + own) + recordBytes
    if (ceiling === 'across-subjects' || ceiling === 'repeats')
      return { work: anyStep + reading, memoryBytes: bytesAtRest + samples * targets * 12, diskBytes }
    // Two Gram matrices and a prediction (scoring/othersCeiling.ts).
    const products = (subjects.length * 3 * 2 * samples ** 2 * targets) / this.#pace.float64
    const memoryBytes = bytesAtRest + 16 * samples * targets + 80 * samples ** 2
    return { work: anyStep + reading + products, memoryBytes, diskBytes }
  }

  #subject(subject: string): Subject {
    return this.#basis.study.subjects.find(({ id }) => id === subject)!
  }

  #samples(subject: string): number {
    return this.#basis.volumes.get(subject)!.reduce((sum, n) => sum + n, 0)
  }

  /** Of a fit's design: its layer, and with cumulative levels those before it. */
  #features(space: string, layer: string): number {
    const layers = this.#basis.layers.get(space)!
    const cumulative = resolveEncoding(this.#basis.study.encoding).levels === 'cumulative'
    const used = cumulative ? layers.slice(0, layers.indexOf(layer) + 1) : [layer]
    return used.reduce((sum, name) => sum + this.#layerUnits(space, name), 0)
  }

  #layerUnits(space: string, layer: string): number {
    const { spaces, descriptions } = this.#basis
    const description = descriptions.get(space)
    if (description) return description.layers.find(({ name }) => name === layer)!.units
    return spaces.get(space)!.units
  }

  #units(space: string): number {
    return this.#basis.layers.get(space)!.reduce((sum, layer) => sum + this.#layerUnits(space, layer), 0)
  }
}
