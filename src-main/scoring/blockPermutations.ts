/** Blocks of time that change places within held-out folds. */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'

/** Samples that follow one another in time, within one run: `start` to `end`, exclusive. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Blocks in the order of their folds. */
export interface Blocks {
  /** [blocks]: first sample. */
  readonly starts: Uint32Array
  /** [blocks]: samples. */
  readonly lengths: Uint32Array
  /** [folds + 1]: the blocks of fold f are `bounds[f]` to `bounds[f + 1]`. */
  readonly bounds: Uint32Array
}

/** Permutations times blocks held at a time: 400 MB. */
const mostPlaces = 1e8

/**
 * Cuts each stretch into blocks of `length` samples, the last of a stretch shorter where it does not divide.
 * @param folds the held-out samples of each fold
 * @throws HeschlError OPTION_INVALID where a fold has no two blocks of `length` samples to exchange
 */
export function cutBlocks(folds: readonly (readonly Stretch[])[], length: number): Blocks {
  const starts: number[] = []
  const lengths: number[] = []
  const bounds = [0]
  if (!Number.isInteger(length) || length < 1 || folds.length === 0) {
    throw new HeschlError('OPTION_INVALID', 'The held-out samples cannot be cut into blocks', {
      expected: 'blocks of at least 1 sample, and at least one fold',
      found: `blocks of ${length}, ${folds.length} folds`,
    })
  }
  for (const [f, stretches] of folds.entries()) {
    let whole = 0
    for (const { start, end } of stretches) {
      for (let at = start; at < end; at += length) {
        starts.push(at)
        lengths.push(Math.min(length, end - at))
        if (at + length <= end) whole++
      }
    }
    if (whole < 2) {
      throw new HeschlError('OPTION_INVALID', 'The held-out samples cannot be permuted in blocks', {
        expected: `at least 2 whole blocks of ${length} samples in every fold`,
        found: `${whole} in fold ${f + 1}`,
        remedy: 'Give shorter blocks, or fewer folds',
      })
    }
    bounds.push(starts.length)
  }
  return { starts: Uint32Array.from(starts), lengths: Uint32Array.from(lengths), bounds: Uint32Array.from(bounds) }
}

/**
 * Random orders of the blocks: within each fold, blocks of one length change places with one another, all orders
 * alike (Fisher–Yates), so that no sample moves within its block and no block to another fold. Where a stretch ends in a
 * shorter block that has no equal in its fold, that block stays.
 * @returns [permutations, blocks]: the block that comes to stand in each place
 * @throws HeschlError OPTION_INVALID where the blocks have fewer orders than `permutations`, or there are too many to
 *   hold
 */
export function permuteBlocks({ lengths, bounds }: Blocks, permutations: number, seed: number): Uint32Array {
  const groups: number[][] = []
  for (let f = 0; f + 1 < bounds.length; f++) {
    const places = Array.from({ length: bounds[f + 1] - bounds[f] }, (_, i) => bounds[f] + i)
    for (const group of Map.groupBy(places, (b) => lengths[b]).values()) if (group.length > 1) groups.push(group)
  }
  const orders = groups.reduce((product, { length }) => product * factorial(length), 1)
  if (!(Number.isInteger(permutations) && permutations >= 1 && permutations <= orders)) {
    throw new HeschlError('OPTION_INVALID', 'The blocks have fewer orders than permutations are asked for', {
      expected: `1 to ${orders} permutations`,
      found: String(permutations),
      remedy: 'Give shorter blocks, or fewer permutations',
    })
  }
  if (permutations * lengths.length > mostPlaces) {
    throw new HeschlError('OPTION_INVALID', 'There are too many permutations of too many blocks', {
      expected: `at most ${mostPlaces} permutations times blocks`,
      found: `${permutations} x ${lengths.length}`,
      remedy: 'Give longer blocks, or fewer permutations',
    })
  }
  const random = seededRandom(seed)
  const out = new Uint32Array(permutations * lengths.length)
  for (let p = 0; p < permutations; p++) {
    const order = out.subarray(p * lengths.length, (p + 1) * lengths.length)
    for (let b = 0; b < order.length; b++) order[b] = b
    for (const group of groups) {
      for (let i = group.length - 1; i > 0; i--) {
        const j = Math.floor(random.uniform() * (i + 1))
        const held = order[group[i]]
        order[group[i]] = order[group[j]]
        order[group[j]] = held
      }
    }
  }
  return out
}

function factorial(n: number): number {
  let product = 1
  for (let i = 2; i <= n; i++) product *= i
  return product
}
