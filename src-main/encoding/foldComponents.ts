/** Principal components of targets, fitted on each fold's training samples, from one matrix of products. */
import { leadingEigen } from '../linalg/leadingEigen.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { zeros32, zeros64, type Matrix32, type Matrix64 } from '../linalg/matrix.ts'
import { sum } from '../linalg/vector.ts'
import { centreFeatures, gramMatrix } from './gram.ts'
import { fitPca, pcaScores } from './pca.ts'
import { rowOf } from './split.ts'

/**
 * What components need beside the targets Y: of a fold's centred training samples U S Vᵀ, the columns of U are
 * `vectors`, their scores are U S, and their loadings S⁻¹ Uᵀ Y.
 */
export interface FoldComponents {
  /** Components a fold. */
  readonly count: number
  /** [folds · count, n_samples]: orthonormal rows, 0 at samples that the fold holds out and beyond a fold's rank. */
  readonly vectors: Matrix32
  /** [folds, count]: singular values, descending; 0 beyond a fold's rank. */
  readonly sizes: Float64Array
}

/**
 * Centred principal components of every fold's training samples, exactly: `fitPca` of each, at the cost of one Gram
 * matrix over all samples and a fold's leading eigenvectors.
 *
 * @param y [n_samples, n_targets], finite
 * @param sets samples that each fold holds out, ascending
 * @param report called with 0–1
 * @throws HeschlError OPTION_INVALID, NUMERICAL
 */
export async function foldComponents(
  y: Matrix32,
  sets: readonly Uint32Array[],
  count: number,
  gemm: Gemm,
  pause: () => Promise<void>,
  report: (fraction: number) => void = () => {},
): Promise<FoldComponents> {
  const found: FoldComponents = {
    count,
    vectors: zeros32(sets.length * count, y.rows),
    sizes: new Float64Array(sets.length * count),
  }
  const fewTargets = y.cols < y.rows
  const features = fewTargets ? undefined : centreFeatures(y)
  const products = features && (await gramMatrix(features, gemm, pause))
  for (const [index, held] of sets.entries()) {
    const training = trainingSamples(held, y.rows)
    if (products) {
      const { values, vectors } = await leadingEigen(centredPart(products, training), count, gemm, pause)
      for (const [k, value] of values.entries())
        keep(found, index * count + k, Math.sqrt(value * features.scale), rowOf(vectors, k), training)
    } else {
      const part = takeSamples(y, training)
      const pca = await fitPca(part, count, gemm, pause)
      const scores = await pcaScores(part, pca, gemm)
      for (let k = 0; k < scores.cols; k++) {
        const size = Math.sqrt(pca.variance[k] * (training.length - 1))
        const own = Float64Array.from(training, (_, i) => scores.data[i * scores.cols + k] / size)
        keep(found, index * count + k, size, own, training)
      }
    }
    report((index + 1) / sets.length)
  }
  return found
}

/** Writes a component, its row at the training samples. */
function keep({ vectors, sizes }: FoldComponents, at: number, size: number, row: Float64Array, training: Uint32Array) {
  if (!(size > 0)) return
  sizes[at] = size
  const out = vectors.data.subarray(at * vectors.cols, (at + 1) * vectors.cols)
  for (const [i, sample] of training.entries()) out[sample] = row[i]
}

/** The samples that a fold does not hold out. */
function trainingSamples(held: Uint32Array, nSamples: number): Uint32Array {
  const holds = new Uint8Array(nSamples)
  for (const sample of held) holds[sample] = 1
  return Uint32Array.from({ length: nSamples }, (_, i) => i).filter((i) => !holds[i])
}

function takeSamples(y: Matrix32, samples: Uint32Array): Matrix32 {
  const out = zeros32(samples.length, y.cols)
  for (const [i, sample] of samples.entries())
    out.data.set(y.data.subarray(sample * y.cols, (sample + 1) * y.cols), i * y.cols)
  return out
}

/** Products of some samples less their mean. */
function centredPart(k: Matrix64, samples: Uint32Array): Matrix64 {
  const n = samples.length
  const out = zeros64(n, n)
  const means = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const row = rowOf(k, samples[i])
    const own = rowOf(out, i)
    for (let j = 0; j < n; j++) own[j] = row[samples[j]]
    means[i] = sum(own) / n
  }
  const grand = sum(means) / n
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < n; j++, at++) out.data[at] += grand - means[i] - means[j]
  return out
}
