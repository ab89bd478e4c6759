import type { EncodingProblem } from '../../encoding/protocol/options.ts'
import { SharedRidge } from '../fits.ts'
import type { Computing } from '../fits.ts'
import type { FitTask } from '../tasks.ts'

interface Kept {
  readonly ridge: SharedRidge
  bytes: number
}

/**
 * What single targets were predicted with, within a limit of memory: the inverses for the alphas that were asked for, and
 * predictions of all targets where those hang together. What was not used for longest goes first.
 */
export class KeptRidges {
  readonly #limit: number
  readonly #ridges = new Map<string, Kept>()
  readonly #predictions = new Map<string, Float32Array>()

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @param weights whether weights of the features will be asked for */
  async get(
    task: FitTask,
    computing: Computing,
    watch: { cancelled(): boolean },
    weights: boolean,
  ): Promise<EncodingProblem> {
    const key = JSON.stringify([
      task.designKey,
      task.recordings.map(({ stimulus }) => stimulus),
      task.encoding,
      weights,
    ])
    const kept = this.#ridges.get(key) ?? { ridge: new SharedRidge(), bytes: 0 }
    this.#ridges.delete(key)
    this.#ridges.set(key, kept)
    const problem = await kept.ridge.get(task, { ...computing, lazy: true }, watch, weights)
    kept.bytes = problem.bytes
    return problem
  }

  /** Predictions [n_samples, n_targets] that were kept under a name, or as they are made now. */
  async predictions(name: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
    const known = this.#predictions.get(name) ?? (await make())
    this.#predictions.delete(name)
    this.#predictions.set(name, known)
    return known
  }

  /** Forgets what is over the limit; called after each use, when it is known what has come to be held. */
  trim(last: EncodingProblem | undefined): void {
    const latest = [...this.#ridges.values()].at(-1)
    if (latest && last) latest.bytes = last.bytes
    const held = () =>
      [...this.#ridges.values()].reduce((sum, { bytes }) => sum + bytes, 0) +
      [...this.#predictions.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    for (const key of this.#ridges.keys()) if (held() > this.#limit) this.#ridges.delete(key)
    for (const key of this.#predictions.keys()) if (held() > this.#limit) this.#predictions.delete(key)
  }
}
