/**
 * Ridge by a singular value decomposition of each fold's training features, float64 throughout: slow, for the alphas
 * at which `fastSolver` would lose digits (alpha far below the features' variance, samples that determine themselves).
 *
 * With training features U S Vᵀ, held-out ones Z = X_F V, both centred on the training samples, and N = I - 11ᵀ/n_T -
 * U Uᵀ: leave-one-out errors are [N y + U a/(S²+a) Uᵀy]_i / [N + U a/(S²+a) Uᵀ]_ii, predictions Z S/(S²+a) Uᵀy.
 * Source: scikit-learn's RidgeCV, sklearn/linear_model/_ridge.py (_RidgeGCV, SVD of the design matrix).
 */
import type { Gemm } from '../linalg/gemm.ts'
import { lowerFactor } from '../linalg/householder.ts'
import { orthogonalizeColumns } from '../linalg/jacobi.ts'
import { sharedMatrix64, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { norm2, sum } from '../linalg/vector.ts'
import type { Fold } from './folds.ts'
import type { CentredFeatures } from './gram.ts'
import type { Decomposition, ExactSolution } from './solutions.ts'
import { batchSize, type AlphaSolver, type Prediction } from './solver.ts'
import { copyTraining, rowOf, trainingSize } from './split.ts'

/** The decomposition of every fold's training features; shared by all alphas. */
export async function decompose(
  features: CentredFeatures,
  folds: readonly Fold[],
  pause: () => Promise<void>,
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
  for (const fold of folds) out.push(await decomposeFold(columns, fold, x.rows, pause))
  return out
}

async function decomposeFold(
  columns: readonly Float64Array[],
  fold: Fold,
  n: number,
  pause: () => Promise<void>,
): Promise<Decomposition> {
  const nTraining = trainingSize(fold, n)
  const parts = columns.map((column) => {
    const part = new Float64Array(n)
    copyTraining(column, fold, part)
    part.set(column.subarray(fold.start, fold.end), nTraining)
    const mean = sum(part.subarray(0, nTraining)) / nTraining
    return part.map((value) => value - mean)
  })
  await orthogonalizeColumns(parts, nTraining, pause)
  const norms = parts.map((part) => norm2(part.subarray(0, nTraining)))
  const smallest = norms.reduce((a, b) => Math.max(a, b), 0) * Number.EPSILON * Math.max(n, columns.length)
  const kept = parts.map((_, j) => j).filter((j) => norms[j] > smallest)
  const s = Float64Array.from(kept, (j) => norms[j])
  const u = sharedMatrix64(nTraining, kept.length)
  const z = sharedMatrix64(n - nTraining, kept.length)
  for (const [k, j] of kept.entries()) {
    const part = parts[j]
    for (let i = 0; i < nTraining; i++) u.data[i * u.cols + k] = part[i] / norms[j]
    for (let i = nTraining; i < n; i++) z.data[(i - nTraining) * z.cols + k] = part[i]!
  }
  const rest = Float64Array.from({ length: nTraining }, (_, i) => {
    const value = 1 - 1 / nTraining - norm2(rowOf(u, i)) ** 2
    return value > 1e-13 && kept.length < nTraining - 1 ? value : 0
  })
  return { fold, u, s, z, rest }
}

export function exactSolver({ decompositions, alpha }: ExactSolution, gemm: Gemm): AlphaSolver {
  const shrinkage = decompositions.map(({ s }) => s.map((value) => alpha / (value * value + alpha)))
  const denominators = decompositions.map(({ u, rest }, index) =>
    rest.map((value, i) => {
      let total = value
      for (let k = 0; k < u.cols; k++) total += u.data[i * u.cols + k] ** 2 * shrinkage[index][k]
      return total
    }),
  )
  return {
    async errors(y, out) {
      for (const [index, { fold, u, rest }] of decompositions.entries()) {
        const training = trainingRows(y, fold)
        for (let t = 0; t < y.cols; t++) {
          const row = rowOf(training, t)
          const mean = sum(row) / row.length
          for (let i = 0; i < row.length; i++) row[i] -= mean
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
          out[index * batchSize + t] = square / u.rows
        }
      }
    },
    async predict(index, samples): Promise<Prediction> {
      const { fold, u, s, z } = decompositions[index]
      const c = await gemm.multiply(centredTraining(samples, fold), u)
      scaleColumns(
        c,
        s.map((value) => value / (value * value + alpha)),
      )
      const values = await gemm.multiply(c, z, { transposeB: true })
      const reach = norm2(z.data)
      const resolution = Float64Array.from({ length: samples.rows }, (_, t) => 1e-13 * reach * norm2(rowOf(c, t)))
      return { values, resolution }
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

/** The training samples in float64, each row centred: U is orthogonal to constants up to rounding alone. */
function centredTraining(samples: Matrix32, fold: Fold): Matrix64 {
  const out = zeros64(samples.rows, trainingSize(fold, samples.cols))
  for (let t = 0; t < samples.rows; t++) {
    const row = rowOf(out, t)
    copyTraining(rowOf(samples, t), fold, row)
    const mean = sum(row) / row.length
    for (let i = 0; i < row.length; i++) row[i] -= mean
  }
  return out
}

function scaleColumns(a: Matrix64, factors: Float64Array): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] *= factors[i % factors.length]
}
