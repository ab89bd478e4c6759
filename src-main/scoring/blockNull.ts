/**
 * Which targets are predicted better than by chance: the responses' blocks of time are shuffled within each held-out
 * fold, and the score of every target is computed again. Blocks keep the autocorrelation of recordings, which shuffled
 * samples would not, and one order for all targets keeps their correlation with one another, so that the largest score
 * of each permutation bounds the family-wise error.
 * Source: Nichols and Holmes (2002), Human Brain Mapping 15:1–25 (maximum statistic); blocks of 10 volumes as in the
 * analyses of LeBel et al. (2023), Scientific Data 10:555; p = (1 + b) / (1 + N) after Phipson and Smyth (2010),
 * Stat. Appl. Genet. Mol. Biol. 9:39.
 */
import { HeschlError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { cutBlocks, permuteBlocks, type Stretch } from './blockPermutations.ts'
import { FoldMoments, type ScoreRule } from './foldMoments.ts'

export interface BlockNullOptions extends ScoreRule {
  /** Samples that were held out in each fold; none in two folds. A run's end ends a stretch. */
  readonly folds: readonly (readonly Stretch[])[]
  readonly nSamples: number
  readonly nTargets: number
  /** Samples a block. */
  readonly block: number
  readonly permutations: number
  /** A whole number below 2^32. */
  readonly seed: number
}

export interface BlockNull {
  /** [n_targets]: what was observed, by the rule; NaN where a target is constant or not finite. */
  readonly score: Float32Array
  /** [n_targets]: share of the permutations, with the observed order among them, that score as high. NaN as above. */
  readonly p: Float32Array
  /** [n_targets]: the same of the highest score among all targets: family-wise. */
  readonly pMax: Float32Array
  /** [permutations]: the highest score among all targets, descending. */
  readonly maxima: Float64Array
}

export interface BlockNullSum {
  /**
   * Adds the targets `from`…; each once, in any order and number. Nothing is kept of them but their counts.
   * @param predictions [n_samples, targets], each held-out sample's; samples in no fold have no effect
   * @param y [n_samples, targets]
   * @throws HeschlError SHAPE_MISMATCH
   */
  add(predictions: Matrix, y: Matrix, from: number): void
  finish(): BlockNull
}

/** @throws HeschlError OPTION_INVALID as `cutBlocks` and `permuteBlocks` */
export function blockNull(options: BlockNullOptions): BlockNullSum {
  const { folds, nSamples, nTargets, permutations, seed, measure, over } = options
  const blocks = cutBlocks(folds, options.block)
  const { starts, lengths, bounds } = blocks
  const nBlocks = starts.length
  const orders = permuteBlocks(blocks, permutations, seed)
  const moments = new FoldMoments(blocks, nSamples, options)
  const { predicted, responses, weights } = moments
  const observed = new Float64Array(nTargets).fill(NaN)
  const counts = new Uint32Array(nTargets)
  const maxima = new Float64Array(permutations).fill(-Infinity)

  // Products of every block of the predictions with every block of the responses that may come to stand there: fewer
  // multiplications than the permutations need, wherever those are many.
  const tableStarts = new Uint32Array(nBlocks)
  let size = 0
  for (let f = 0; f + 1 < bounds.length; f++) {
    const count = bounds[f + 1] - bounds[f]
    for (let b = bounds[f]; b < bounds[f + 1]; b++) tableStarts[b] = size + (b - bounds[f]) * count - bounds[f]
    size += count * count
  }
  const table = size <= permutations * nBlocks ? new Float64Array(size) : undefined
  const places = table && orders.map((from, i) => tableStarts[i % nBlocks] + from)

  function product(to: number, from: number): number {
    const shift = starts[from] - starts[to]
    const end = starts[to] + lengths[to]
    let sum = 0
    for (let i = starts[to]; i < end; i++) sum += predicted[i] * responses[i + shift]
    return sum
  }

  function fillTable(products: Float64Array): void {
    for (let f = 0; f + 1 < bounds.length; f++) {
      for (let to = bounds[f]; to < bounds[f + 1]; to++) {
        for (let from = bounds[f]; from < bounds[f + 1]; from++)
          if (lengths[from] === lengths[to]) products[tableStarts[to] + from] = product(to, from)
      }
    }
  }

  const squareEach = measure === 'r-squared' && over === 'folds'
  const squareAll = measure === 'r-squared' && over === 'concatenated'
  /** @param where the index into `products` of what stands in each place, from `at` */
  function score(products: Float64Array, where: Uint32Array, at: number): number {
    let total = moments.constant
    for (let f = 0; f + 1 < bounds.length; f++) {
      let sum = 0
      for (let i = at + bounds[f]; i < at + bounds[f + 1]; i++) sum += products[where[i]]
      total += weights[f] * (squareEach ? sum * sum : sum)
    }
    return squareAll ? total * total : total
  }

  const inPlace = new Float64Array(nBlocks)
  const inOrder = Uint32Array.from(inPlace, (_, b) => b)
  function scoreDirectly(order: Uint32Array, at: number): number {
    for (let b = 0; b < nBlocks; b++) inPlace[b] = product(b, order[at + b])
    return score(inPlace, inOrder, 0)
  }

  function addTarget(target: number): void {
    const own = scoreDirectly(inOrder, 0)
    observed[target] = own
    if (table) fillTable(table)
    for (let p = 0; p < permutations; p++) {
      const at = p * nBlocks
      const permuted = table && places ? score(table, places, at) : scoreDirectly(orders, at)
      if (permuted >= own) counts[target]++
      if (permuted > maxima[p]) maxima[p] = permuted
    }
  }

  function add(predictions: Matrix, y: Matrix, from: number): void {
    const fits = (m: Matrix) => m.rows === nSamples && m.cols === y.cols && from >= 0 && from + m.cols <= nTargets
    if (!fits(predictions) || !fits(y)) {
      throw new HeschlError('SHAPE_MISMATCH', 'Predictions and responses do not fit the permutation test', {
        expected: `${nSamples} samples of the same targets, within ${nTargets}`,
        found: `${predictions.rows} x ${predictions.cols} and ${y.rows} x ${y.cols}, from target ${from}`,
      })
    }
    for (let j = 0; j < y.cols; j++) if (moments.load(predictions.data, y.data, y.cols, j)) addTarget(from + j)
  }

  function finish(): BlockNull {
    const sorted = maxima.slice().sort().reverse()
    const share = (count: number) => (1 + count) / (1 + permutations)
    const tested = (of: (target: number) => number) =>
      Float32Array.from(observed, (value, j) => (Number.isNaN(value) ? NaN : of(j)))
    return {
      score: Float32Array.from(observed),
      p: tested((j) => share(counts[j])),
      pMax: tested((j) => share(atLeast(sorted, observed[j]))),
      maxima: sorted,
    }
  }

  return { add, finish }
}

/** How many of descending values are at least `least`. */
function atLeast(descending: Float64Array, least: number): number {
  let [low, high] = [0, descending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (descending[middle] >= least) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The score above which a target's family-wise p is at most `level`.
 * @param maxima descending, as `BlockNull` has them
 * @returns null where no score can be: too few permutations
 */
export function nullThreshold({ maxima }: Pick<BlockNull, 'maxima'>, level: number): number | null {
  const allowed = Math.floor(level * (1 + maxima.length) + 1e-9) - 1
  return allowed < 0 || maxima.length === 0 ? null : maxima[Math.min(allowed, maxima.length - 1)]
}
