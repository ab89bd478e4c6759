/**
 * A subject's responses predicted from the mean of the others, as one matrix that multiplies the subject's responses:
 * ridge from principal components of the others' mean to principal components of the subject's, cross-validated. All of
 * it follows from the two Gram matrices, so that no step but the first and the last sees a target.
 */
import { HeschlError } from '../errors.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { leadingEigen } from '../linalg/leadingEigen.ts'
import { zeros64, type Matrix64 } from '../linalg/matrix.ts'

export interface OthersOptions {
  /** Held-out samples of each fold: `start` to `end`, exclusive. */
  readonly folds: readonly { readonly start: number; readonly end: number }[]
  /** Principal components of either side; fewer where there are no more. */
  readonly components: number
  /** Penalties; the one with the least leave-one-out error over all components of a fold is taken. */
  readonly alphas: readonly number[]
  /** On what components are fitted: `all` samples, the held-out ones among them, or each fold's training samples. */
  readonly fitted: 'all' | 'training-fold'
}

/** Principal components of the samples of a Gram matrix. */
interface Components {
  /** [n_samples, n_components]: scores of all samples, those among them that were not fitted too. */
  readonly scores: Matrix64
  /** [n_components, n_samples]: times the responses, the components (scikit-learn's `components_`); 0 where not fitted. */
  readonly back: Matrix64
  /** Samples that the components were fitted on. */
  readonly rows: Uint32Array
}

/**
 * @param kx [n_samples, n_samples]: inner products of the others' mean over targets
 * @param ky of the subject's own responses, [n_samples, n_targets]
 * @param pause awaited between products
 * @returns [n_samples, n_samples]; times the responses, the prediction of each sample when it was held out
 * @throws HeschlError OPTION_INVALID where a fold leaves fewer than 3 samples to train on
 */
export async function othersOperator(
  kx: Matrix64,
  ky: Matrix64,
  { folds, components, alphas, fitted }: OthersOptions,
  gemm: Gemm,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Matrix64> {
  const n = kx.rows
  const out = zeros64(n, n)
  const everything = Uint32Array.from({ length: n }, (_, i) => i)
  const both = async (rows: Uint32Array) => ({
    x: await componentsOf(kx, rows, components, gemm, pause),
    y: await componentsOf(ky, rows, components, gemm, pause),
  })
  const shared = fitted === 'all' ? await both(everything) : undefined
  for (const { start, end } of folds) {
    await pause()
    const training = everything.filter((i) => i < start || i >= end)
    if (training.length < 3) {
      throw new HeschlError('OPTION_INVALID', 'Too few samples for a noise ceiling', {
        expected: 'at least 3 samples outside every fold',
        found: String(training.length),
        remedy: 'Lower `encoding.folds`, or bring longer recordings',
      })
    }
    const { x, y } = shared ?? (await both(training))
    const predicted = await ridge(x.scores, y.scores, training, start, end, alphas, gemm)
    const product = await gemm.multiply(predicted, y.back)
    out.data.set(product.data, start * n)
    // The mean of what was fitted: components are of centred responses.
    for (let i = start; i < end; i++) for (const j of y.rows) out.data[i * n + j] += 1 / y.rows.length
  }
  return out
}

async function componentsOf(
  k: Matrix64,
  rows: Uint32Array,
  count: number,
  gemm: Gemm,
  pause: () => Promise<void>,
): Promise<Components> {
  const n = k.rows
  const m = rows.length
  // Inner products with the samples that are fitted, less their mean on both sides.
  const means = new Float64Array(n)
  for (let i = 0; i < n; i++) for (const j of rows) means[i] += k.data[i * n + j] / m
  let mean = 0
  for (const i of rows) mean += means[i] / m
  const cross = zeros64(n, m)
  const square = zeros64(m, m)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) cross.data[i * m + j] = k.data[i * n + rows[j]] - means[i] - means[rows[j]] + mean
  for (let i = 0; i < m; i++) square.data.set(cross.data.subarray(rows[i] * m, (rows[i] + 1) * m), i * m)
  const { values, vectors } = await leadingEigen(square, count, gemm, pause)
  const scores = await gemm.multiply(cross, vectors, { transposeB: true })
  const back = zeros64(values.length, n)
  for (let c = 0; c < values.length; c++) {
    const scale = 1 / Math.sqrt(values[c])
    for (let i = 0; i < n; i++) scores.data[i * values.length + c] *= scale
    for (let j = 0; j < m; j++) back.data[c * n + rows[j]] = vectors.data[c * m + j] * scale
  }
  return { scores, back, rows }
}

/** Predictions [held out, outputs]: as scikit-learn's RidgeCV with one alpha for all outputs. */
async function ridge(
  x: Matrix64,
  y: Matrix64,
  training: Uint32Array,
  start: number,
  end: number,
  alphas: readonly number[],
  gemm: Gemm,
): Promise<Matrix64> {
  const [meanX, meanY] = [meansOf(x, training), meansOf(y, training)]
  const heldOut = Uint32Array.from({ length: end - start }, (_, i) => start + i)
  const [xc, yc] = [centred(x, training, meanX), centred(y, training, meanY)]
  const { values, vectors } = await leadingEigen(await gemm.multiply(xc, xc, { transposeA: true }), x.cols, gemm)
  // In the basis of the covariance every alpha divides each direction by its own number.
  const rotated = await gemm.multiply(xc, vectors, { transposeB: true })
  const products = await gemm.multiply(rotated, yc, { transposeA: true })
  let best: { readonly error: number; readonly weights: Matrix64 } | undefined
  for (const alpha of alphas) {
    const weights = zeros64(values.length, y.cols)
    for (let k = 0; k < values.length; k++)
      for (let c = 0; c < y.cols; c++)
        weights.data[k * y.cols + c] = products.data[k * y.cols + c] / (values[k] + alpha)
    const error = leaveOneOutError(rotated, yc, await gemm.multiply(rotated, weights), values, alpha)
    if (!best || error < best.error) best = { error, weights }
  }
  const rotatedOut = await gemm.multiply(centred(x, heldOut, meanX), vectors, { transposeB: true })
  const out = await gemm.multiply(rotatedOut, best!.weights)
  for (let i = 0; i < out.data.length; i++) out.data[i] += meanY[i % y.cols]
  return out
}

function leaveOneOutError(x: Matrix64, y: Matrix64, fit: Matrix64, values: Float64Array, alpha: number): number {
  let total = 0
  for (let i = 0; i < x.rows; i++) {
    let leverage = 1 / x.rows
    for (let k = 0; k < x.cols; k++) leverage += x.data[i * x.cols + k] ** 2 / (values[k] + alpha)
    for (let c = i * y.cols; c < (i + 1) * y.cols; c++) total += ((y.data[c] - fit.data[c]) / (1 - leverage)) ** 2
  }
  return total
}

function meansOf({ data, cols }: Matrix64, rows: Uint32Array): Float64Array {
  const means = new Float64Array(cols)
  for (const i of rows) for (let j = 0; j < cols; j++) means[j] += data[i * cols + j] / rows.length
  return means
}

function centred({ data, cols }: Matrix64, rows: Uint32Array, means: Float64Array): Matrix64 {
  const out = zeros64(rows.length, cols)
  for (const [i, row] of rows.entries())
    for (let j = 0; j < cols; j++) out.data[i * cols + j] = data[row * cols + j] - means[j]
  return out
}
