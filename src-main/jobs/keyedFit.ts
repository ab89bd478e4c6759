/** A fit of a study's plan with its content key. */
import type { Task } from '../pipeline/tasks.ts'
import type { VertexCounts } from '../pipeline/responses.ts'
import type { StepIdentity } from '../store/keys.ts'
import type { FitStep } from '../study/plan.ts'
import type { Subject } from '../study/schema.ts'

/** What all fits to one subject have in common. */
export interface FittedSubject {
  readonly subject: Subject
  readonly vertices: VertexCounts
  readonly hashes: readonly string[]
  /** Of all fits to the subject, without their first input, which is the key of the layer's design. */
  readonly identity: StepIdentity
  readonly keyOf: (designKey: string) => string
  readonly taskOf: (spec: FitStep) => Task
}

/** A fit of a plan, one of tens of thousands: what only a run needs is made when it is asked for. */
export class KeyedFit {
  readonly spec: FitStep
  readonly key: string
  readonly #designKey: string
  readonly #known: FittedSubject

  constructor(spec: FitStep, designKey: string, known: FittedSubject) {
    this.spec = spec
    this.key = known.keyOf(designKey)
    this.#designKey = designKey
    this.#known = known
  }

  get identity(): StepIdentity {
    const { identity } = this.#known
    return { ...identity, inputs: [this.#designKey, ...identity.inputs] }
  }

  task(): Task {
    return this.#known.taskOf(this.spec)
  }
}
