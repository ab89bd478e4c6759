import { scoreBy } from '../../encoding/protocol/scoreBy.ts'
import type { EncodingScores } from '../../encoding/protocol/options.ts'
import { writeNpy } from '../../formats/npy.ts'
import type { NpyColumnWriter } from '../../formats/npyColumnWriter.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import type { Stripe } from '../stripes.ts'
import type { Scaled } from './inputs.ts'
import type { Model } from './model.ts'
import type { StripeScores } from './partFolder.ts'

/** The index of an alpha where there was nothing to fit (encoding/solver.ts). */
const noAlpha = 255

type Files = Pick<EncodeArraysTask, 'r' | 'alpha' | 'r2' | 'rSquared'>

/** What is stored of a stripe's scores. */
export function stripeScores(scores: EncodingScores, { over }: EncodeArraysTask['options'], r2: boolean): StripeScores {
  const { alpha } = scores
  const r = scoreBy(scores, { measure: 'r', over })
  return { r, alpha, ...(r2 && { r2: scoreBy(scores, { measure: 'r2', over }) }) }
}

/** The scores of all targets, put together from those of stripes. */
export class Results {
  readonly #targets: number
  readonly #alphas: readonly number[]
  /** [lines, targets] */
  readonly #r: Float32Array
  readonly #r2: Float32Array | undefined
  /** [folds, targets or components] */
  readonly #alpha: Float64Array
  readonly #columns: number

  constructor({ options, lines, alphaColumns }: Model, targets: number, r2: boolean) {
    this.#targets = targets
    this.#alphas = options.alphas
    this.#columns = alphaColumns(targets)
    this.#r = new Float32Array(lines * targets)
    this.#alpha = new Float64Array(options.folds.length * this.#columns)
    this.#r2 = r2 ? new Float32Array(lines * targets) : undefined
  }

  take({ from, to }: Stripe, { r, alpha, r2 }: StripeScores): void {
    const targets = this.#targets
    place(this.#r, targets, r, to - from, from)
    if (r2 && this.#r2) place(this.#r2, targets, r2, to - from, from)
    const values = Float64Array.from(alpha, (chosen) => (chosen === noAlpha ? NaN : this.#alphas[chosen]))
    // Components are of all targets together.
    const own = this.#columns === targets
    place(this.#alpha, this.#columns, values, own ? to - from : this.#columns, own ? from : 0)
  }

  /** @throws HeschlError DISK_FULL, FILE_UNREADABLE */
  async write({ r, alpha, r2, rSquared }: Files): Promise<void> {
    const write = async (file: string, data: Float32Array | Float64Array, columns: number) =>
      writeNpy(file, { shape: [data.length / columns, columns], data: data as Float32Array<ArrayBuffer> })
    await write(r, this.#r, this.#targets)
    await write(alpha, this.#alpha, this.#columns)
    if (r2 !== undefined) await write(r2, this.#r2!, this.#targets)
    const squares = () => this.#r.map((value) => value * value)
    if (rSquared !== undefined) await write(rSquared, squares(), this.#targets)
  }

  /** Mean r of the targets that were scored, and how many were not. */
  summary(): { readonly meanR: number; readonly unscoredTargets: number } {
    let sum = 0
    let unscored = 0
    for (const value of this.#r) {
      if (Number.isNaN(value)) unscored++
      else sum += value
    }
    const lines = this.#r.length / this.#targets
    return { meanR: sum / (this.#r.length - unscored), unscoredTargets: unscored / lines }
  }
}

/** Writes [lines, width] to columns from `from` on of [lines, columns]. */
function place<Data extends Float32Array | Float64Array>(
  to: Data,
  columns: number,
  part: Data,
  width: number,
  from: number,
): void {
  for (let line = 0; line * width < part.length; line++)
    to.set(part.subarray(line * width, (line + 1) * width), line * columns + from)
}

/**
 * Predictions or weights of a stripe to their place in the file, in the unit of what was read unless that was scaled on
 * the way.
 * @param values [samples or features, width], written over
 * @param unit by what responses were divided before they were fitted and, for predictions alone, what was subtracted
 */
export async function writeLarge(
  file: NpyColumnWriter,
  { from, to }: Stripe,
  values: Float32Array,
  { mean, scale }: { readonly mean?: Scaled['mean'] | undefined; readonly scale: Scaled['scale'] | undefined },
): Promise<void> {
  const width = to - from
  if (scale)
    for (let i = 0; i < values.length; i++) values[i] = (mean ? mean[i % width] : 0) + scale[i % width] * values[i]
  await file.write(from, values, width)
}
