/**
 * Ridge by a singular value decomposition of each fold's training features, float64 throughout: slow, for the alphas
 * at which `fastSolver` would lose digits (alpha far below the features' variance, samples that determine themselves).
 *
 * With training features U S Vᵀ, held-out ones Z = X_F V, both centred on the training samples, and N = I - 11ᵀ/n_T -
 * U Uᵀ (without an intercept nothing is centred and N = I - U Uᵀ): leave-one-out errors are [N y + U a/(S²+a) Uᵀy]_i / [N + U a/(S²+a) Uᵀ]_ii, predictions Z S/(S²+a) Uᵀy.
 * Source: scikit-learn's RidgeCV, sklearn/linear_model/_ridge.py (_RidgeGCV, SVD of the design matrix).
 */
import type { Gemm } from '../linalg/gemm.ts'
import { lowerFactor } from '../linalg/householder.ts'
import { orthogonalizeColumns } from '../linalg/jacobi.ts'
import { sharedMatrix64, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import type { CentredFeatures } from './gram.ts'
import { innerSize, type InnerFold } from './innerFolds.ts'
import type { Decomposition, ExactSolution } from './solutions.ts'
import type { AlphaSolver, Prediction } from './solver.ts'
import { copyTraining, rowOf, trainingSize } from './split.ts'

/**
 * The decomposition of every fold's training features; shared by all alphas.
 * @param inner each fold's own folds, where alphas are chosen by them
 */
export async function decompose(
  features: CentredFeatures,
  folds: readonly Fold[],
  pause: () => Promise<void>,
  inner?: readonly (readonly InnerFold[])[],
): Promise<readonly Decomposition[]> {
  let x = features.columns(0, features.nFeatures)
  // Ridge does not change when features are rotated: n of them hold all that p > n do.
  if (x.cols > x.rows) x = await lowerFactor(x, pause)
  const columns = Array.from({ length: x.cols }, (_, j) =>
    Float64Array.from({ length: x.rows }, (_, i) => x.data[i * x.cols + j]),
  )
  // Orthogonal over all samples, they are nearly so over any fold's.
  await orthogonalizeColumns(columns, x.rows, pause)
  const out: Decomposition[] = []
  for (const [index, fold] of folds.entries()) {
    out.push(await decomposeFold(columns, { fold, centred: features.centred }, pause, inner?.[index]))
  }
  return out
}

async function decomposeFold(
  columns: readonly Float64Array[],
  { fold, centred }: { readonly fold: Fold; readonly centred: boolean },
  pause: () => Promise<void>,
  inner?: readonly InnerFold[],
): Promise<Decomposition> {
  const n = columns[0]?.length ?? 0
  const nTraining = trainingSize(fold, n)
  const parts = columns.map((column) => {
    const part = new Float64Array(n)
    copyTraining(column, fold, part)
    part.set(column.subarray(fold.start, fold.end), nTraining)
    const mean = centred ? sum(part.subarray(0, nTraining)) / nTraining : 0
    return part.map((value) => value - mean)
  })
  const { u, s, z } = await factor(parts, nTraining, pause)
  const fitted = centred ? 1 : 0
  const rest = Float64Array.from({ length: nTraining }, (_, i) => {
    const value = 1 - fitted / nTraining - norm2(rowOf(u, i)) ** 2
    return value > 1e-13 && s.length < nTraining - fitted ? value : 0
  })
  if (!inner) return { fold, u, s, z, rest }
  const decompositions = []
  for (const one of inner) {
    const { start, count } = positionsOf(one, fold)
    const split = parts.map((part) => {
      const out = new Float64Array(nTraining)
      copyTraining(part.subarray(0, nTraining), { start, end: start + count }, out)
      out.set(part.subarray(start, start + count), nTraining - count)
      return out
    })
    decompositions.push({ inner: one, ...(await factor(split, nTraining - count, pause)) })
  }
  return { fold, u, s, z, rest, inner: decompositions }
}

/** Where an inner fold lies among the outer fold's training samples. */
function positionsOf(inner: InnerFold, { start, end }: Fold): { readonly start: number; readonly count: number } {
  const first = inner[0].start
  return { start: first < start ? first : first - (end - start), count: innerSize(inner) }
}

/**
 * U and S of the first `top` samples' features, the others' along the right singular vectors.
 * @param parts a feature each; rotated in place
 */
async function factor(parts: Float64Array[], top: number, pause: () => Promise<void>) {
  await orthogonalizeColumns(parts, top, pause)
  const others = (parts[0]?.length ?? top) - top
  const norms = parts.map((part) => norm2(part.subarray(0, top)))
  const smallest = norms.reduce((a, b) => Math.max(a, b), 0) * Number.EPSILON * Math.max(top + others, parts.length)
  const kept = parts.map((_, j) => j).filter((j) => norms[j] > smallest)
  const s = Float64Array.from(kept, (j) => norms[j])
  const u = sharedMatrix64(top, kept.length)
  const z = sharedMatrix64(others, kept.length)
  for (const [k, j] of kept.entries()) {
    const part = parts[j]
    for (let i = 0; i < top; i++) u.data[i * u.cols + k] = part[i] / norms[j]
    for (let i = 0; i < others; i++) z.data[i * z.cols + k] = part[top + i]!
  }
  return { u, s, z }
}

export function exactSolver({ decompositions, alpha }: ExactSolution, intercept: boolean, gemm: Gemm): AlphaSolver {
  const shrinkage = decompositions.map(({ s }) => s.map((value) => alpha / (value * value + alpha)))
  const denominators = decompositions.map(({ u, rest }, index) =>
    rest.map((value, i) => {
      let total = value
      for (let k = 0; k < u.cols; k++) total += u.data[i * u.cols + k] ** 2 * shrinkage[index][k]
      return total
    }),
  )
  /** @param training [batch, training], centred */
  async function innerErrors(training: Matrix64, { fold, inner = [] }: Decomposition, out: Float64Array) {
    out.fill(0, 0, training.rows)
    for (const { inner: one, u, s, z } of inner) {
      const { start, count } = positionsOf(one, fold)
      const kept = zeros64(training.rows, u.rows)
      for (let t = 0; t < training.rows; t++) {
        copyTraining(rowOf(training, t), { start, end: start + count }, rowOf(kept, t))
      }
      const c = await gemm.multiply(kept, u)
      scaleColumns(
        c,
        s.map((value) => value / (value * value + alpha)),
      )
      const predicted = await gemm.multiply(c, z, { transposeB: true })
      for (let t = 0; t < training.rows; t++) {
        let square = 0
        for (let i = 0; i < count; i++) {
          square += (training.data[t * training.cols + start + i] - predicted.data[t * count + i]) ** 2
        }
        out[t] += square / count / inner.length
      }
    }
  }
  return {
    async errors(y, out) {
      for (const [index, { fold, u, rest, inner }] of decompositions.entries()) {
        const training = trainingRows(y, fold)
        for (let t = 0; t < y.cols; t++) {
          const row = rowOf(training, t)
          const mean = intercept ? sum(row) / row.length : 0
          for (let i = 0; i < row.length; i++) row[i] -= mean
        }
        if (inner) {
          await innerErrors(training, decompositions[index], out.subarray(index * y.cols))
          continue
        }
        const c = await gemm.multiply(training, u)
        const fitted = await gemm.multiply(c, u, { transposeB: true })
        scaleColumns(c, shrinkage[index])
        const shrunk = await gemm.multiply(c, u, { transposeB: true })
        for (let t = 0; t < y.cols; t++) {
          let square = 0
          for (let i = 0; i < u.rows; i++) {
            const at = t * u.rows + i
            const residual = rest[i] === 0 ? 0 : training.data[at] - fitted.data[at]
            square += ((residual + shrunk.data[at]) / denominators[index][i]) ** 2
          }
          out[index * y.cols + t] = square / u.rows
        }
      }
    },
    async predict(index, samples): Promise<Prediction> {
      const { fold, u, s, z } = decompositions[index]
      const c = await gemm.multiply(trainingSamples(samples, fold, intercept), u)
      scaleColumns(
        c,
        s.map((value) => value / (value * value + alpha)),
      )
      const values = await gemm.multiply(c, z, { transposeB: true })
      const reach = norm2(z.data)
      const resolution = Float64Array.from({ length: samples.rows }, (_, t) => 1e-13 * reach * norm2(rowOf(c, t)))
      return { values, resolution }
    },
    async duals(index, samples) {
      const { fold, u, s } = decompositions[index]
      const c = await gemm.multiply(trainingSamples(samples, fold, intercept), u)
      scaleColumns(
        c,
        s.map((value) => 1 / (value * value + alpha)),
      )
      const training = await gemm.multiply(c, u, { transposeB: true })
      const out = zeros64(samples.rows, samples.cols)
      for (let t = 0; t < out.rows; t++) {
        rowOf(out, t).set(rowOf(training, t).subarray(0, fold.start))
        rowOf(out, t).set(rowOf(training, t).subarray(fold.start), fold.end)
      }
      return out
    },
  }
}

/** float64 [batch, training] of [n_samples, batch]. */
function trainingRows(y: Matrix32, fold: Fold): Matrix64 {
  const out = zeros64(y.cols, trainingSize(fold, y.rows))
  for (let i = 0; i < out.cols; i++) {
    const sample = i < fold.start ? i : i + fold.end - fold.start
    for (let t = 0; t < y.cols; t++) out.data[t * out.cols + i] = y.data[sample * y.cols + t]!
  }
  return out
}

/** The training samples in float64, each row centred where asked: U is orthogonal to constants up to rounding alone. */
function trainingSamples(samples: Matrix32, fold: Fold, centred: boolean): Matrix64 {
  const out = zeros64(samples.rows, trainingSize(fold, samples.cols))
  for (let t = 0; t < samples.rows; t++) {
    const row = rowOf(out, t)
    copyTraining(rowOf(samples, t), fold, row)
    const mean = centred ? sum(row) / row.length : 0
    for (let i = 0; i < row.length; i++) row[i] -= mean
  }
  return out
}

function scaleColumns(a: Matrix64, factors: Float64Array): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] *= factors[i % factors.length]
}
