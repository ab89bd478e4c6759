/**
 * Banded ridge by gradient descent on the logarithms of kernel weights: himalaya's
 * MultipleKernelRidgeCV(solver='hyper_gradient') on features and targets centred on each training fold. Unlike himalaya,
 * which takes one gradient step of the dual weights an iteration, the inner equations are solved at every iteration, and a
 * target stops by its own change rather than by that of all targets, so that its result does not depend on the others.
 */
import { HeschlError } from '../../errors.ts'
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts'
import type { Fold } from '../folds.ts'
import { innerFoldsOf, type InnerFold } from '../innerFolds.ts'
import type { RidgeOptions } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import { checkFolds } from '../split.ts'
import type { Band } from './bands.ts'
import { hyperGradient, type GradientMethod, type InnerProblem } from './hyperGradient.ts'
import { centredTargets, heldOutKernel, trainingKernel } from './kernels.ts'
import { gradientBatch, kernelParts, solveMixed, weighted, type KernelParts, type Precision } from './mixedKernel.ts'
import type { TargetSource } from './search.ts'
import { writeScores, type SplitScores } from './split.ts'

export interface GradientOptions extends Pick<RidgeOptions, 'folds' | 'gemm'> {
  /** Inner folds. */
  readonly selection: Exclude<RidgeOptions['selection'], 'leave-one-out' | undefined>
  readonly iterations: number
  /** A target whose δ change by less than this in an iteration is done; 0: never. 0.01 in himalaya. */
  readonly tolerance: number
  readonly method: GradientMethod
  readonly precision?: Precision
  /** [folds, bands, n_targets]: δ at first, log(weight / alpha) in the unit of the features. NaN where nothing is fitted. */
  readonly start: Float64Array
}

export interface GradientScores {
  readonly nTargets: number
  /** [folds, bands, n_targets]: δ = log(weight / alpha). */
  readonly deltas: Float64Array
  /** [folds, n_targets]: mean squared error averaged over the inner folds, before the last step. */
  readonly errors: Float64Array
  /** [folds, n_targets]: Pearson's r and the coefficient of determination on the held-out samples; NaN as the deltas. */
  readonly r: Float32Array
  readonly r2: Float32Array
  /** Contributions of the bands, whose sum over them is the score (split.ts). */
  readonly split: SplitScores
}

/** Beyond which a residual does not change what is stored. */
const usual: Precision = { steps: 200, residual: 1e-7 }

/** An outer fold's kernels, in units in which each has a mean eigenvalue of 1 over all samples. */
interface FoldKernels {
  readonly inner: readonly KernelParts[]
  /** Of all training samples. */
  readonly whole: KernelParts
  /** [held out, training] a band. */
  readonly heldOut: readonly Matrix64[]
}

/**
 * Takes, for each target, fold, inner fold and iteration, some tens of products with every band's kernel: for few
 * targets, or to refine what a random search has found.
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, CANCELLED
 */
export async function descendBands(
  bands: readonly Band[],
  targets: TargetSource,
  options: GradientOptions,
  watch: Watch = {},
): Promise<GradientScores> {
  const { folds, selection, start } = options
  const { nTargets } = targets
  checkFolds(folds, bands[0].features.nSamples)
  const inner = innerFoldsOf(selection, folds, bands[0].features.nSamples)!
  const size = folds.length * bands.length * nTargets
  if (start.length !== size) {
    throw new HeschlError('SHAPE_MISMATCH', 'The first kernel weights do not fit the targets', {
      expected: `${folds.length} folds, ${bands.length} bands, ${nTargets} targets`,
      found: `${start.length} values`,
    })
  }
  const out: GradientScores = {
    nTargets,
    deltas: start.slice(),
    errors: new Float64Array(folds.length * nTargets).fill(NaN),
    r: new Float32Array(folds.length * nTargets).fill(NaN),
    r2: new Float32Array(folds.length * nTargets).fill(NaN),
    split: { r: new Float32Array(size).fill(NaN), r2: new Float32Array(size).fill(NaN) },
  }
  const pause = pauser(watch)
  for (const [f, fold] of folds.entries()) {
    const kernels = foldKernels(bands, fold, inner[f])
    for (let from = 0; from < nTargets; from += targets.batch) {
      const y = await targets.read(from, Math.min(nTargets, from + targets.batch))
      for (let first = 0; first < y.cols; first += gradientBatch) {
        const part = Array.from({ length: Math.min(gradientBatch, y.cols - first) }, (_, t) => first + t)
        const at = (b: number, t: number) => (f * bands.length + b) * nTargets + from + part[t]
        const fitted = part.filter((_, t) => !Number.isNaN(start[at(0, t)]))
        part.splice(0, part.length, ...fitted)
        if (part.length === 0) continue
        // From the features' unit to that of the kernels, and back.
        const shift = (b: number) => (bands[b].features.scale > 0 ? Math.log(bands[b].features.scale) : 0)
        const deltas = zeros64(bands.length, gradientBatch)
        for (let b = 0; b < bands.length; b++)
          for (let t = 0; t < part.length; t++) deltas.data[b * gradientBatch + t] = start[at(b, t)] + shift(b)
        const { training, heldOut } = centredTargets(y, part, fold)
        const padded = pad(training)
        const errors = await descend(kernels.inner, padded, deltas, part.length, options, pause)
        const predictions = await predict(kernels, padded, deltas, options, pause)
        const whole = writeScores(predictions, pad(heldOut), part.length, at, out.split)
        for (let t = 0; t < part.length; t++) {
          const to = f * nTargets + from + part[t]
          out.errors[to] = errors[t]
          out.r[to] = whole.r[t]
          out.r2[to] = whole.r2[t]
          for (let b = 0; b < bands.length; b++) out.deltas[at(b, t)] = deltas.data[b * gradientBatch + t] - shift(b)
        }
        await pause()
      }
      watch.onProgress?.((f + Math.min(1, (from + y.cols) / nTargets)) / folds.length)
    }
  }
  return out
}

function foldKernels(bands: readonly Band[], fold: Fold, inner: readonly InnerFold[]): FoldKernels {
  const kernels = bands.map(({ k }) => trainingKernel(k, fold))
  const all = Int32Array.from({ length: kernels[0].rows }, (_, i) => i)
  const parts = inner.map((pieces) => {
    const isHeldOut = new Uint8Array(all.length)
    for (const { start, end } of pieces) {
      const before = start < fold.start ? 0 : fold.end - fold.start
      isHeldOut.fill(1, start - before, end - before)
    }
    const samples = (held: number) => all.filter((i) => isHeldOut[i] === held)
    return kernelParts(kernels, samples(0), samples(1))
  })
  const whole = kernelParts(kernels, all, new Int32Array())
  return { inner: parts, whole, heldOut: bands.map(({ k }) => heldOutKernel(k, fold)) }
}

/**
 * Changes the deltas of a batch, [bands, batch].
 * @param y [training, batch]
 * @param count targets of the batch that are none of its padding
 * @returns [batch] errors before the last step
 */
async function descend(
  inner: readonly KernelParts[],
  y: Matrix64,
  deltas: Matrix64,
  count: number,
  { iterations, tolerance, method, precision = usual, gemm }: GradientOptions,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const problems = inner.map((parts): InnerProblem => {
    const own = rowsOf(y, parts.training)
    const [w, v] = [zeros64(own.rows, own.cols), zeros64(own.rows, own.cols)]
    return { parts, y: own, yHeldOut: rowsOf(y, parts.heldOut), w, v }
  })
  const errors = new Float64Array(y.cols)
  const done = Uint8Array.from({ length: y.cols }, (_, t) => (t < count ? 0 : 1))
  for (let iteration = 0; iteration < iterations && done.includes(0); iteration++) {
    const gradient = zeros64(deltas.rows, deltas.cols)
    const step = new Float64Array(y.cols).fill(Infinity)
    const error = new Float64Array(y.cols)
    const weights: Matrix64 = { ...deltas, data: deltas.data.map(Math.exp) }
    for (const problem of problems) {
      const one = await hyperGradient(problem, weights, { method, precision }, gemm, pause)
      const share = problem.yHeldOut.rows / y.rows
      for (let k = 0; k < gradient.data.length; k++) gradient.data[k] += share * one.gradient.data[k]
      for (let t = 0; t < y.cols; t++) {
        step[t] = Math.min(step[t], one.step[t])
        error[t] += one.error[t] / problems.length
      }
    }
    for (let t = 0; t < y.cols; t++) {
      if (done[t] === 1) continue
      errors[t] = error[t]
      const next = Array.from({ length: deltas.rows }, (_, b) => {
        const k = b * deltas.cols + t
        return deltas.data[k] - step[t] * gradient.data[k]
      })
      // A target whose weights leave the range of numbers keeps its last ones.
      const finite = next.every((delta) => Math.exp(delta) < Infinity)
      const change = Math.max(...next.map((delta, b) => Math.abs(delta - deltas.data[b * deltas.cols + t])))
      if (finite) for (const [b, delta] of next.entries()) deltas.data[b * deltas.cols + t] = delta
      if (!finite || change < tolerance) done[t] = 1
    }
  }
  return errors
}

/** [held out, batch] a band: its part of the predictions of the fit on all training samples. */
async function predict(
  { whole, heldOut }: FoldKernels,
  y: Matrix64,
  deltas: Matrix64,
  { gemm, precision = usual }: GradientOptions,
  pause: () => Promise<void>,
): Promise<Matrix64[]> {
  const weights: Matrix64 = { ...deltas, data: deltas.data.map(Math.exp) }
  const w = zeros64(y.rows, y.cols)
  await solveMixed(whole, y, weights, w, precision, gemm, pause)
  const byBand: Matrix64[] = []
  for (const [b, kernel] of heldOut.entries()) {
    const own = { data: weights.data.subarray(b * y.cols, (b + 1) * y.cols), rows: 1, cols: y.cols }
    byBand.push(await gemm.multiply(kernel, weighted(w, own)))
  }
  return byBand
}

function rowsOf(a: Matrix64, rows: Int32Array): Matrix64 {
  const out = zeros64(rows.length, a.cols)
  for (const [i, row] of rows.entries()) out.data.set(a.data.subarray(row * a.cols, (row + 1) * a.cols), i * a.cols)
  return out
}

/** With columns of zeros, to the width of a batch. */
function pad(a: Matrix64): Matrix64 {
  const out = zeros64(a.rows, gradientBatch)
  for (let i = 0; i < a.rows; i++) out.data.set(a.data.subarray(i * a.cols, (i + 1) * a.cols), i * gradientBatch)
  return out
}
