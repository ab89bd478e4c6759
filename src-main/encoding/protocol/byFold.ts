import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { FoldComponents } from '../foldComponents.ts'
import { scoredPart, type Fold } from '../folds.ts'
import { innerFoldsOf } from '../innerFolds.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { fitPca, pcaScores, type Pca } from '../pca.ts'
import { primalBytes, primalIsCheaper } from '../primal/primal.ts'
import { prepareSolver } from '../primal/prepareSolver.ts'
import type { ProductsOf, RidgeProblem } from '../ridge.ts'
import { pauser, type Watch } from '../score.ts'
import { momentCount, type RidgeScores } from '../solver.ts'
import { scoreComponents, targetComponents } from './components.ts'
import { scaleByTraining } from './foldScaling.ts'
import { arrangeOne, arrangeSelection, trainedWithout, type Arrangement, type HeldSet } from './heldOut.ts'
import type { EncodingComputing, EncodingKeep, EncodingOptions, EncodingProblem, EncodingScores } from './options.ts'
import { takeRows } from './rows.ts'
import { scoreRidge } from './sharedAlpha.ts'
import { weightsOf } from './weights.ts'

/** What one fold's scores need of X. */
interface FoldModel {
  readonly arrangement: Arrangement
  readonly problem: RidgeProblem
  /** [n_samples, n_features] as the regression has them, where weights are asked for. */
  readonly features: Matrix32 | undefined
  readonly pca: Pca | undefined
}

/** Scores of one fold. */
interface FoldScores {
  readonly scores: RidgeScores
  readonly alpha: Uint8Array
  /** [n_features, n_targets] */
  readonly weights: Float32Array | undefined
}

/**
 * Fold after fold, X and Y transformed by what its training samples say. Each fold costs a Gram matrix and, at each
 * alpha, an inverse of all samples: `folds` times what preparing all of them together costs. Recordings after the first
 * cost that again, but for folds that fit `keepBytes`.
 */
export function prepareByFold(
  x: Matrix32,
  sets: readonly HeldSet[],
  options: EncodingOptions,
  computing: EncodingComputing,
): EncodingProblem {
  for (const set of sets) {
    const arrangement = arrangeOne(set, x.rows)
    innerFoldsOf(arrangeSelection(options.selection, set, arrangement), arrangement.folds, x.rows)
  }
  const { keepBytes = 0 } = computing
  const one = Math.max(...sets.map((set) => foldBytes(x, set, options, computing)))
  const keep = sets.length * one <= keepBytes
  const kept: (FoldModel | undefined)[] = sets.map(() => undefined)
  const products = new Set<ProductsOf>()
  return {
    nSamples: x.rows,
    nFolds: sets.length,
    get products() {
      return [...products]
    },
    bytes: keep ? sets.length * one : one,
    async score(y, watch = {}, wanted = {}, given) {
      checkLength(x, y)
      const total = emptyScores(y, sets, options, wanted, x.cols)
      const { pcaY, standardizeY } = options
      const { gemm } = computing
      const early = pcaY !== 'none' && standardizeY === 'none' && given === undefined
      const components = early
        ? await targetComponents(y, trainedWithout(sets), pcaY, gemm, stretch(watch, 0, 0.3))
        : given
      const rest = early ? stretch(watch, 0.3, 1) : watch
      for (const [index, set] of sets.entries()) {
        const known = kept[index]
        const half = known ? 0 : 0.5
        const model = known ?? (await prepareFold(x, set, options, computing, part(rest, index, 0, half, sets.length)))
        if (keep) kept[index] = model
        products.add(model.problem.products)
        const scoring = {
          gemm,
          watch: part(rest, index, half, 1, sets.length),
          wanted: keptOf(wanted, index, sets.length),
        }
        const found = await scoreFold(model, y, options, scoring, components && ofFold(components, index))
        addFold(total, found, { index, arrangement: model.arrangement, folds: sets.length })
      }
      return total
    },
  }
}

/** What a fold's model takes: a matrix [n, n] an alpha, one [n, held out], those of inner folds; X where it is held. */
function foldBytes(
  { rows: n, cols: p }: Matrix32,
  set: HeldSet,
  options: EncodingOptions,
  { lazy = false }: EncodingComputing,
): number {
  const { alphas, selection, weights, pcaX } = options
  const x = weights === true ? 4 * n * p : 0
  const fitted = pcaX === 'none' ? p : Math.min(p, pcaX)
  if (primalIsCheaper(n, fitted)) return primalBytes(n, fitted, 1) + x
  const held = set.samples.length
  const inner = selection === 'leave-one-out' ? 0 : 'kfold' in selection ? selection.kfold : selection.runs.length
  const residuals = inner === 0 ? 0 : 4 * (n - held) * ((n - held) / inner + held)
  return (lazy ? 1 : alphas.length) * (4 * n * n + 4 * n * held + residuals) + x
}

/** What is kept, with the alphas that are given for one fold. */
function keptOf({ given, ...wanted }: EncodingKeep, index: number, folds: number): EncodingKeep {
  if (!given) return wanted
  const width = given.length / folds
  return { ...wanted, given: given.subarray(index * width, (index + 1) * width) }
}

/** Progress of a part of the work as that of all of it. */
const stretch = (watch: Watch, from: number, to: number): Watch => ({
  ...watch,
  onProgress: (within) => watch.onProgress?.(from + (to - from) * within),
})

/** Progress within a fold as a part of that over all. */
const part = (watch: Watch, index: number, from: number, to: number, folds: number): Watch =>
  stretch(watch, (index + from) / folds, (index + to) / folds)

function checkLength(x: Matrix32, y: Matrix32): void {
  if (x.rows === y.rows) return
  throw new HeschlError('SHAPE_MISMATCH', 'The responses and the design matrix differ in length', {
    expected: `${x.rows} volumes`,
    found: `${y.rows} volumes`,
  })
}

async function prepareFold(
  x: Matrix32,
  set: HeldSet,
  options: EncodingOptions,
  { gemm, threads, lazy = false }: EncodingComputing,
  watch: Watch,
): Promise<FoldModel> {
  const arrangement = arrangeOne(set, x.rows)
  const { order, folds } = arrangement
  const { alphas, intercept, pcaX, weights } = options
  let features = scaleByTraining(takeRows(x, order), folds[0], options.standardizeX)
  let pca: Pca | undefined
  if (pcaX !== 'none') {
    pca = await fitPca(features, pcaX, gemm, pauser(watch), folds[0])
    features = await pcaScores(features, pca, gemm)
  }
  const selection = arrangeSelection(options.selection, set, arrangement)
  const ridge = {
    folds,
    alphas,
    intercept,
    selection,
    weights: options.weights === true,
    lazy,
    gemm,
    ...(threads && { threads }),
  }
  const problem = await prepareSolver(features, ridge, watch)
  const held = weights === true ? scaleByTraining(features, folds[0], intercept ? 'centre' : 'none') : undefined
  return { arrangement, problem, features: held, pca }
}

async function scoreFold(
  model: FoldModel,
  y: Matrix32,
  options: EncodingOptions,
  { gemm, watch, wanted }: { readonly gemm: Gemm; readonly watch: Watch; readonly wanted: EncodingKeep },
  components: FoldComponents | undefined,
): Promise<FoldScores> {
  const { arrangement, problem, features, pca } = model
  const [fold] = arrangement.folds
  const scaled = scaleByTraining(takeRows(y, arrangement.order), fold, options.standardizeY)
  const { weights: asked, ...kept } = wanted
  const pause = pauser(watch)
  /** Weights of X's features [n_features, cols]. */
  const primal = async (duals: Float64Array, cols: number): Promise<Float32Array> => {
    const weights = await weightsOf(
      { a: features!, transposeA: true },
      { data: duals, rows: y.rows, cols },
      gemm,
      pause,
    )
    if (!pca) return weights
    const ofComponents = { data: Float64Array.from(weights), rows: features!.cols, cols }
    return weightsOf({ a: pca.components, transposeA: true }, ofComponents, gemm, pause)
  }
  const duals = asked === true && features !== undefined
  if (options.pcaY === 'none') {
    const scores = await scoreRidge(problem, scaled, options, watch, { ...kept, duals })
    return { scores, alpha: scores.alpha, weights: scores.duals && (await primal(scores.duals, y.cols)) }
  }
  // What training samples do to Y is done in the order of the fold.
  const { order } = components ? arrangement : { order: undefined }
  const known = components ?? (await targetComponents(scaled, [samplesOf(fold)], options.pcaY, gemm, watch))
  const { targets, ...found } = await scoreComponents(problem, scaled, { folds: [fold], order }, known, {
    ...{ options, gemm, watch, keep: kept },
    ...(duals && { primal }),
  })
  return { scores: targets, ...found }
}

const samplesOf = ({ start, end }: Fold): Uint32Array => Uint32Array.from({ length: end - start }, (_, i) => start + i)

/** Components of one fold alone. */
function ofFold({ count, vectors, sizes }: FoldComponents, index: number): FoldComponents {
  const [first, end] = [index * count, (index + 1) * count]
  const data = vectors.data.subarray(first * vectors.cols, end * vectors.cols)
  return { count, vectors: { ...vectors, data, rows: count }, sizes: sizes.subarray(first, end) }
}

/** [folds, targets] of everything, to be filled fold by fold. */
function emptyScores(
  y: Matrix32,
  sets: readonly HeldSet[],
  { pcaY }: EncodingOptions,
  keep: EncodingKeep,
  nFeatures: number,
): EncodingScores {
  const nAlphas = pcaY === 'none' ? y.cols : pcaY
  const unknown = (count: number) => new Float32Array(count).fill(NaN)
  const count = sets.length * y.cols
  return {
    r: unknown(count),
    alpha: new Uint8Array(sets.length * nAlphas).fill(255),
    nTargets: y.cols,
    nAlphas,
    heldOut: sets.map(({ samples, scored }) => (scored ? scored.end - scored.start : samples.length)),
    ...(keep.r2 === true && { r2: unknown(count) }),
    ...(keep.moments === true && { moments: new Float64Array(momentCount * count).fill(NaN) }),
    ...(keep.predictions === true && { predictions: unknown(y.rows * y.cols) }),
    ...(keep.weights === true && { weights: new Float32Array(nFeatures * y.cols) }),
  }
}

function addFold(
  total: EncodingScores,
  { scores, alpha, weights }: FoldScores,
  { index, arrangement, folds }: { readonly index: number; readonly arrangement: Arrangement; readonly folds: number },
): void {
  const { nTargets: cols } = total
  total.r.set(scores.r, index * cols)
  total.alpha.set(alpha, index * total.nAlphas)
  if (scores.r2) total.r2?.set(scores.r2, index * cols)
  if (scores.moments) total.moments?.set(scores.moments, index * cols * momentCount)
  const { start, end } = scoredPart(arrangement.folds[0])
  for (let i = start; scores.predictions && i < end; i++)
    total.predictions?.set(scores.predictions.subarray(i * cols, (i + 1) * cols), (arrangement.order?.[i] ?? i) * cols)
  const sums = total.weights
  if (weights && sums) for (let i = 0; i < sums.length; i++) sums[i] += weights[i] / folds
}
