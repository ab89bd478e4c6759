import type { NpyColumnWriter } from '../../formats/npyColumnWriter.ts'
import { writeNpy } from '../../formats/npy.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import type { Stripe } from '../stripes.ts'
import type { StripeScores } from './partFolder.ts'

/** The index of an alpha where there was nothing to fit (encoding/solver.ts). */
const noAlpha = 255

type Files = Pick<EncodeArraysTask, 'r' | 'alpha' | 'r2'>

/** The scores of all targets, put together from those of stripes. */
export class Results {
  readonly #folds: number
  readonly #targets: number
  readonly #alphas: readonly number[]
  /** [folds, targets] each. */
  readonly #r: Float32Array
  readonly #alpha: Float64Array
  readonly #r2: Float32Array | undefined

  constructor(folds: number, targets: number, alphas: readonly number[], r2: boolean) {
    this.#folds = folds
    this.#targets = targets
    this.#alphas = alphas
    this.#r = new Float32Array(folds * targets)
    this.#alpha = new Float64Array(folds * targets)
    this.#r2 = r2 ? new Float32Array(folds * targets) : undefined
  }

  take({ from, to }: Stripe, { r, alpha, r2 }: StripeScores): void {
    const width = to - from
    for (let fold = 0; fold < this.#folds; fold++) {
      const at = fold * this.#targets + from
      const part = <Data extends Float32Array | Uint8Array>(data: Data) =>
        data.subarray(fold * width, (fold + 1) * width)
      this.#r.set(part(r), at)
      if (r2) this.#r2?.set(part(r2), at)
      for (const [t, chosen] of part(alpha).entries())
        this.#alpha[at + t] = chosen === noAlpha ? NaN : this.#alphas[chosen]
    }
  }

  /** @throws HeschlError DISK_FULL, FILE_UNREADABLE */
  async write({ r, alpha, r2 }: Files): Promise<void> {
    const shape = [this.#folds, this.#targets]
    await writeNpy(r, { shape, data: this.#r as Float32Array<ArrayBuffer> })
    await writeNpy(alpha, { shape, data: this.#alpha as Float64Array<ArrayBuffer> })
    if (r2 !== undefined) await writeNpy(r2, { shape, data: this.#r2! as Float32Array<ArrayBuffer> })
  }

  /** Mean r of the targets that were scored, and how many were not. */
  summary(): { readonly meanR: number; readonly unscoredTargets: number } {
    let sum = 0
    let unscored = 0
    for (const value of this.#r) {
      if (Number.isNaN(value)) unscored++
      else sum += value
    }
    return { meanR: sum / (this.#r.length - unscored), unscoredTargets: unscored / this.#folds }
  }
}

/**
 * Predictions of a stripe, in the unit of what was read, to their place in the file.
 * @param inUnit [samples, width], in the unit of `scale` times it plus `mean`; written over
 */
export async function writePredictions(
  file: NpyColumnWriter,
  { from, to }: Stripe,
  inUnit: Float32Array,
  { mean, scale }: { readonly mean?: Float64Array; readonly scale: Float64Array },
): Promise<void> {
  const width = to - from
  if (mean) for (let i = 0; i < inUnit.length; i++) inUnit[i] = mean[i % width] + scale[i % width] * inUnit[i]
  await file.write(from, inUnit, width)
}
