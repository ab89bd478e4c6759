/**
 * Noise ceiling of each subject: how well the mean of the other subjects predicts it, with no lag.
 *
 * Source: Millet et al. (2022), released code: PCA(100) of the mean of the others to PCA(100) of the subject,
 * RidgeCV(0.1, 1, 10), cross_val_predict over KFold(10), r over the whole concatenated series. There both PCAs see the
 * held-out samples too, which lets the ceiling be too high; fitted in the training fold they do not.
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { correlate } from '../linalg/correlation.ts'
import { zeros32, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { othersOperator, type OthersOptions } from './othersOperator.ts'

export interface OthersCeiling {
  /**
   * Adds a subject's responses to the sum; nothing else of them is kept.
   * @param y [n_samples, n_targets]: the runs one under the other
   * @throws HeschlError SHAPE_MISMATCH
   */
  add(y: Matrix32): void
  /**
   * One subject's ceiling, once all subjects were added.
   * @param y what was added for this subject
   * @param pause awaited between products
   * @returns [n_targets]: Pearson's r of the responses with their prediction; NaN for a target that is constant or not
   *   finite in this subject, or usable in no other
   * @throws HeschlError as `othersOperator`
   */
  score(y: Matrix32, options: OthersOptions, gemm: Gemm, pause?: () => Promise<void>): Promise<Float32Array>
}

/** Targets at a time: what is turned to float64 for the inner products, and what is predicted. */
const targetsAtOnce = 1024

export function othersCeiling(nSamples: number, nTargets: number): OthersCeiling {
  const sum = zeros32(nSamples, nTargets)
  const counts = new Uint16Array(nTargets)

  /** Less each target's mean; 0 where the target is of no use, with the ones that are. */
  function centred(y: Matrix32): { readonly values: Matrix32; readonly usable: Uint8Array } {
    if (y.rows !== nSamples || y.cols !== nTargets) {
      throw new HeschlError('SHAPE_MISMATCH', 'The responses of two subjects to the same stimuli differ in shape', {
        expected: `${nSamples} volumes x ${nTargets} targets`,
        found: `${y.rows} volumes x ${y.cols} targets`,
      })
    }
    const means = new Float64Array(nTargets)
    const usable = new Uint8Array(nTargets)
    for (let i = 0; i < y.data.length; i++) {
      means[i % nTargets] += y.data[i] / nSamples
      if (y.data[i] !== y.data[i % nTargets]) usable[i % nTargets] = 1
    }
    for (let j = 0; j < nTargets; j++) if (!Number.isFinite(means[j])) usable[j] = 0
    const values = zeros32(nSamples, nTargets)
    for (let i = 0; i < y.data.length; i++) if (usable[i % nTargets]) values.data[i] = y.data[i] - means[i % nTargets]
    return { values, usable }
  }

  function add(y: Matrix32): void {
    const { values, usable } = centred(y)
    for (let j = 0; j < nTargets; j++) counts[j] += usable[j]
    for (let i = 0; i < values.data.length; i++) sum.data[i] += values.data[i]
  }

  async function score(
    y: Matrix32,
    options: OthersOptions,
    gemm: Gemm,
    pause: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Float32Array> {
    const { values, usable } = centred(y)
    const others = counts.map((count, j) => count - usable[j])
    const own = (from: number, to: number) => block(values, from, to, (value) => value)
    const rest = (from: number, to: number) =>
      block(sum, from, to, (value, j, i) => (others[j] > 0 ? (value - values.data[i]) / others[j] : 0))
    const kx = await innerProducts(rest, gemm, pause)
    const ky = await innerProducts(own, gemm, pause)
    const operator = await othersOperator(kx, ky, options, gemm, pause)
    const out = new Float32Array(nTargets).fill(NaN)
    for (let from = 0; from < nTargets; from += targetsAtOnce) {
      const to = Math.min(nTargets, from + targetsAtOnce)
      const responses = own(from, to)
      const predicted = transposed(await gemm.multiply(operator, responses))
      const measured = transposed(responses)
      for (let j = from; j < to; j++) {
        const at = (j - from) * nSamples
        if (usable[j] && others[j] > 0) out[j] = correlate(measured, at, predicted, at, nSamples)
      }
      await pause()
    }
    return out
  }

  async function innerProducts(
    part: (from: number, to: number) => Matrix64,
    gemm: Gemm,
    pause: () => Promise<void>,
  ): Promise<Matrix64> {
    const out = zeros64(nSamples, nSamples)
    for (let from = 0; from < nTargets; from += targetsAtOnce) {
      const values = part(from, Math.min(nTargets, from + targetsAtOnce))
      const product = await gemm.multiply(values, values, { transposeB: true })
      for (let i = 0; i < out.data.length; i++) out.data[i] += product.data[i]
      await pause()
    }
    return out
  }

  return { add, score }
}

/** Columns `from` to `to`, in float64. */
function block(
  { data, rows, cols }: Matrix32,
  from: number,
  to: number,
  value: (value: number, column: number, index: number) => number,
): Matrix64 {
  const out = zeros64(rows, to - from)
  for (let i = 0; i < rows; i++)
    for (let j = from; j < to; j++) out.data[i * out.cols + j - from] = value(data[i * cols + j], j, i * cols + j)
  return out
}

function transposed({ data, rows, cols }: Matrix64): Float64Array {
  const out = new Float64Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = data[i * cols + j]
  return out
}
