/**
 * What a step will cost, before it runs. `work` is in arbitrary units proportional to time for steps of one kind; the
 * seconds a unit takes are those of this study's finished steps, or, before there are any, a rough guess.
 */
import type { PlanStep } from '../contract/study.ts'
import type { Store } from '../store/store.ts'
import { foldCount, resolveEncoding } from '../study/encoding.ts'
import type { DesignStep, FitStep, StepSpec } from '../study/plan.ts'
import type { ModelDescription, TextDescription } from '../pipeline/facts.ts'
import { protocolOf, windowCost } from '../pipeline/windowProtocol.ts'
import type { WindowCost } from '../pipeline/windowProtocol.ts'
import type { PlanBasis } from './keyedPlan.ts'

export interface Cost {
  readonly work: number
  readonly seconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
  /** Of a model that hears: how many, and how often each second of the recording is computed. */
  readonly windows?: PlanStep['windows']
}

/** Seconds a unit of work before the study has a measurement of its own: the order of magnitude on two cores. */
const firstPace = { design: 0.1, fit: 1, ceiling: 1 } as const
/** Parameters of wav2vec2-base: a second of audio through it is one unit of design work. */
const baseParameters = 95e6
/** Frames that it computes of a second. */
const baseFrames = 50
/** Of read speech: some 2.5 words, of some 1.3 tokens each. */
const tokensPerSecond = 3.3
/** Of attention in every GPT-2. */
const unitsPerHead = 64
/** Candidate alphas that are evaluated exactly, of the usual twenty (encoding/ridge). */
const evaluated = 13

export class Estimator {
  readonly #basis: PlanBasis
  readonly #seconds: (stimulus: string) => number
  readonly #store: Store

  /** @param seconds length of a stimulus, in seconds */
  constructor(basis: PlanBasis, seconds: (stimulus: string) => number, store: Store) {
    this.#basis = basis
    this.#seconds = seconds
    this.#store = store
  }

  cost(spec: StepSpec): Cost {
    const { work, ...amounts } = this.#amounts(spec)
    const pace = this.#store.pace(spec.kind) ?? firstPace[spec.kind]
    return { work, seconds: work * pace, ...amounts }
  }

  #amounts(spec: StepSpec): Omit<Cost, 'seconds'> {
    if (spec.kind === 'design') return this.#design(spec)
    const { left, right } = this.#basis.vertices
    const targets = left + right
    if (spec.kind === 'ceiling') {
      const samples = this.#samples(spec.subjects[0])
      const values = spec.subjects.length * samples * targets
      return { work: values / 2e8, memoryBytes: samples * targets * 12, diskBytes: targets * 4 }
    }
    return this.#fit(spec, targets)
  }

  #design({ space, run }: DesignStep): Omit<Cost, 'seconds'> {
    const seconds = this.#seconds(run.stimulus)
    const description = this.#basis.descriptions.get(space)
    const units = this.#units(space)
    const diskBytes = run.volumes * units * 4
    if (!description) return { work: seconds * 0.02, memoryBytes: 200e6 + diskBytes * 2, diskBytes }
    if ('reads' in description) return this.#text(space, description, seconds, diskBytes)
    const relative = description.parameters / baseParameters
    const { windows, repetition, longest: samples } = this.#windows(description, seconds)
    const longest = samples / description.sampleRate
    const { hop, units: width } = description.layers.at(-1)!
    const scores = 8 * (width / unitsPerHead) * (samples / hop) ** 2
    const memoryBytes = 150e6 + description.parameters * 4 + longest * 75e6 * relative ** 0.5 + scores + diskBytes * 2
    const work = seconds * repetition * (relative + 0.02)
    return { work, memoryBytes, diskBytes, windows: { count: windows, repetition } }
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
  #text(space: string, { parameters, longest, layers }: TextDescription, seconds: number, diskBytes: number) {
    const { context } = this.#basis.study.models.find(({ id }) => id === space)!
    // Windows of the whole context share half of it; otherwise every word is read with its own.
    const readings = context === undefined ? 2 : context + 1
    const work = (seconds * tokensPerSecond * readings * parameters) / baseParameters / baseFrames + seconds * 0.02
    const units = layers[0].units
    const scores = 2 * (units / unitsPerHead) * longest ** 2
    const memoryBytes = 150e6 + 4 * (parameters + scores + 2 * longest * units * layers.length) + diskBytes * 2
    return { work, memoryBytes, diskBytes }
  }

  #fit({ subject, space, layer }: FitStep, targets: number): Omit<Cost, 'seconds'> {
    const { folds, selection } = resolveEncoding(this.#basis.study.encoding)
    const samples = this.#samples(subject)
    const units = this.#layerUnits(space, layer)
    const inner = selection !== 'leave-one-out'
    // Flops an alpha for the targets, n³ for the decompositions, n²p for the Gram matrix (DESIGN, solver).
    const perTarget = (inner ? 7 : 3.8) * samples ** 2
    const flops = evaluated * perTarget * targets + (inner ? 70 : 40) * samples ** 3 + 2 * samples ** 2 * units
    const memoryBytes = samples * targets * 8 + samples ** 2 * 4 * (inner ? 95 : 45) + samples * units * 8
    return {
      work: flops / 1.2e11,
      memoryBytes,
      diskBytes: targets * (4 + foldCount(folds, this.#basis.volumes.get(subject)!.length)),
    }
  }

  #samples(subject: string): number {
    return this.#basis.volumes.get(subject)!.reduce((sum, n) => sum + n, 0)
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
