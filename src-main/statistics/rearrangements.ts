/** The rearrangements of a permutation test, as rows of weights: the one that was observed first, then all or some. */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'

export interface Rearrangements {
  /** How many rows there are, the observed one included. */
  readonly count: number
  /** Whether the rows are all that there are, each once. */
  readonly exact: boolean
  /** "all 1,024 sign flips" or "10,000 random sign flips, seed 1". */
  readonly words: string
  /** Writes the next row: [n] weights from `at` on. */
  readonly next: (into: Float64Array, at: number) => void
}

export interface RearrangementOptions {
  /** How many random rearrangements to draw, besides the observed one; all are taken where there are no more than that. */
  readonly permutations: number
  /** A whole number below 2^32. */
  readonly seed: number
  /**
   * [n], a number a subject: for sign flips, subjects of one block flip together; for two groups, labels are exchanged
   * within a block alone. Without it every subject is exchangeable.
   */
  readonly blocks?: ArrayLike<number>
}

/** Weights 1 and -1: if a subject's difference is as likely x as -x, each choice of signs is as likely as the observed. */
export function signFlips(subjects: number, options: RearrangementOptions): Rearrangements {
  const { permutations, seed } = checked(subjects, options)
  const members = blocksOf(subjects, options.blocks ?? Array.from({ length: subjects }, (_, subject) => subject))
  const flippable = members.length
  const total = 2 ** flippable
  const exact = total <= permutations
  const random = seededRandom(seed)
  let row = 0
  const next = (into: Float64Array, at: number): void => {
    into.fill(1, at, at + subjects)
    if (row > 0) {
      members.forEach((block, b) => {
        const flip = exact ? Math.floor(row / 2 ** b) % 2 === 1 : random.uniform() < 0.5
        if (flip) for (const subject of block) into[at + subject] = -1
      })
    }
    row++
  }
  const units = options.blocks ? ` of ${flippable} blocks` : ''
  return {
    count: exact ? total : permutations + 1,
    exact,
    words: exact
      ? `all ${number(total)} sign flips${units}`
      : `${number(permutations)} random sign flips${units}, seed ${seed}`,
    next,
  }
}

/**
 * Weights 1 for the subjects of the first group and 0 for the others: if groups do not differ, every exchange of labels
 * is as likely as the observed one.
 * @param first [n], whether a subject is of the first group
 */
export function relabellings(first: readonly boolean[], options: RearrangementOptions): Rearrangements {
  const { permutations, seed } = checked(first.length, options)
  const members = blocksOf(first.length, options.blocks ?? new Uint8Array(first.length))
  const sizes = members.map((block) => block.filter((subject) => first[subject]).length)
  const total = members.reduce((product, block, b) => product * choices(block.length, sizes[b]), 1)
  const exact = total <= permutations
  const random = seededRandom(seed)
  const chosen = sizes.map((size) => Array.from({ length: size }, (_, i) => i))
  let row = 0
  let seenObserved = false
  const write = (into: Float64Array, at: number): void => {
    into.fill(0, at, at + first.length)
    chosen.forEach((places, b) => places.forEach((place) => (into[at + members[b][place]] = 1)))
  }
  const isObserved = (): boolean => chosen.every((places, b) => places.every((place) => first[members[b][place]]))
  const next = (into: Float64Array, at: number): void => {
    if (row++ === 0) {
      first.forEach((one, subject) => (into[at + subject] = one ? 1 : 0))
      return
    }
    if (!exact) {
      members.forEach((block, b) => (chosen[b] = draw(block.length, sizes[b], random.uniform)))
    } else {
      // In lexicographic order; the observed labelling, which came first, is passed over where it comes up.
      if (row > 2) advance(chosen, members)
      if (!seenObserved && isObserved()) {
        seenObserved = true
        advance(chosen, members)
      }
    }
    write(into, at)
  }
  const within = options.blocks ? ` within ${members.length} blocks` : ''
  return {
    count: exact ? total : permutations + 1,
    exact,
    words: exact
      ? `all ${number(total)} exchanges of labels${within}`
      : `${number(permutations)} random exchanges of labels${within}, seed ${seed}`,
    next,
  }
}

/** The next choice of places, block by block like the digits of a number. */
function advance(chosen: number[][], members: readonly (readonly number[])[]): void {
  for (let b = 0; b < chosen.length; b++) {
    const places = chosen[b]
    const size = members[b].length
    let i = places.length - 1
    while (i >= 0 && places[i] === size - places.length + i) i--
    if (i >= 0) {
      places[i]++
      for (let j = i + 1; j < places.length; j++) places[j] = places[j - 1] + 1
      return
    }
    for (let j = 0; j < places.length; j++) places[j] = j
  }
}

/** `count` of the numbers below `size`, by the first steps of Fisher and Yates's shuffle. */
function draw(size: number, count: number, uniform: () => number): number[] {
  const places = Array.from({ length: size }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(uniform() * (size - i))
    ;[places[i], places[other]] = [places[other], places[i]]
  }
  return places.slice(0, count)
}

/** Binomial coefficient; large ones are rounded, or infinite. */
function choices(n: number, k: number): number {
  let product = 1
  for (let i = 1; i <= Math.min(k, n - k); i++) product = (product * (n - i + 1)) / i
  return product
}

function blocksOf(subjects: number, blocks: ArrayLike<number>): number[][] {
  if (blocks.length !== subjects) {
    throw new HeschlError('SHAPE_MISMATCH', 'The blocks of a permutation test do not fit its subjects', {
      expected: `${subjects} block numbers`,
      found: `${blocks.length}`,
    })
  }
  const members = new Map<number, number[]>()
  for (let subject = 0; subject < subjects; subject++) {
    const block = members.get(blocks[subject])
    if (block) block.push(subject)
    else members.set(blocks[subject], [subject])
  }
  return [...members.values()]
}

function checked(subjects: number, options: RearrangementOptions): RearrangementOptions {
  const { permutations, seed } = options
  if (!(Number.isInteger(permutations) && permutations >= 1 && permutations <= 10_000_000)) {
    throw new HeschlError('OPTION_INVALID', 'The number of permutations is out of range', {
      expected: '1 to 10,000,000',
      found: `${permutations}`,
    })
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new HeschlError('OPTION_INVALID', 'A seed is out of range', {
      expected: 'a whole number from 0 to 2^32 - 1',
      found: `${seed}`,
    })
  }
  if (subjects < 2) {
    throw new HeschlError('OPTION_INVALID', 'A permutation test needs more subjects', {
      expected: 'at least 2',
      found: `${subjects}`,
    })
  }
  return options
}

const number = (value: number): string => value.toLocaleString('en')
