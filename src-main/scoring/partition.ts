/** Variance partitioning: what of the variance explained belongs to one feature space alone, and what several share. */
import { HeschlError } from '../errors.ts'

/** Most feature spaces: of 4 there are 15 unions to fit and as many parts. */
const mostSpaces = 4

/** Some of the spaces, by their positions in increasing order. */
export type SpaceSet = readonly number[]

/**
 * The unions of `count` spaces that are fitted, which are also the sets whose parts are told: every set of at least one,
 * the smaller ones first, and those of one size in the spaces' order.
 * @param count 2 to 4
 * @throws HeschlError OPTION_INVALID
 */
export function spaceSets(count: number): readonly SpaceSet[] {
  if (!(Number.isInteger(count) && count >= 2 && count <= mostSpaces)) {
    throw new HeschlError('OPTION_INVALID', 'The explained variance cannot be divided among so many feature spaces', {
      expected: `2 to ${mostSpaces} feature spaces`,
      found: String(count),
      remedy: 'Put spaces together that need no part of their own',
    })
  }
  const sets = Array.from({ length: 2 ** count - 1 }, (_, mask) =>
    Array.from({ length: count }, (_, space) => space).filter((space) => (mask + 1) & (1 << space)),
  )
  return sets.sort(bySizeAndOrder)
}

function bySizeAndOrder(a: SpaceSet, b: SpaceSet): number {
  if (a.length !== b.length) return a.length - b.length
  const at = a.findIndex((space, i) => space !== b[i])
  return at < 0 ? 0 : a[at] - b[at]
}

/** "only mel" for one space, "mel & words" for what is shared by these and no others. */
export function partName(set: SpaceSet, names: readonly string[]): string {
  return set.length === 1 ? `only ${names[set[0]]}` : set.map((space) => names[space]).join(' & ')
}

/**
 * Parts by inclusion and exclusion. With R²(U) of the fit on the union U of spaces, N all of them and R²(∅) = 0, the part
 * of a set S, explained by each of its spaces and by no other, is −Σ_{C ⊆ S} (−1)^(|S| − |C|) R²(N \ C): of one space
 * R²(N) − R²(N without it); of two, where there are no more, R²(A) + R²(B) − R²(AB). The parts add up to R²(N).
 * A part may be negative: cross-validated scores of nested models are estimates. It is left as it is.
 * Sources: Lescroart, Stansbury and Gallant (2015), Front. Comput. Neurosci. 9:135; de Heer et al. (2017), J. Neurosci.
 * 37:6539–6557; Chen et al. (2023), arXiv 2310.04645.
 *
 * @param scores [n_targets] of each union, in the order of `spaceSets`; NaN spreads to all parts of its target
 * @returns [parts, n_targets], in the order of `spaceSets`
 * @throws HeschlError SHAPE_MISMATCH
 */
export function partition(count: number, scores: readonly Float32Array[]): Float32Array {
  const sets = spaceSets(count)
  const nTargets = scores[0]?.length ?? 0
  if (scores.length !== sets.length || scores.some(({ length }) => length !== nTargets)) {
    throw new HeschlError('SHAPE_MISMATCH', 'The scores of the unions of feature spaces do not fit together', {
      expected: `${sets.length} unions of ${nTargets} targets`,
      found: scores.map(({ length }) => length).join(', '),
    })
  }
  const at = new Map(sets.map((set, i) => [maskOf(set), i]))
  const all = 2 ** count - 1
  const out = new Float32Array(sets.length * nTargets)
  for (const [i, set] of sets.entries()) {
    const own = maskOf(set)
    const terms: { readonly sign: number; readonly values: Float32Array }[] = []
    for (let part = own; part >= 0; part = part === 0 ? -1 : (part - 1) & own) {
      const union = at.get(all & ~part)
      const sign = bits(own & ~part) % 2 === 0 ? -1 : 1
      if (union !== undefined) terms.push({ sign, values: scores[union] })
    }
    for (let t = 0; t < nTargets; t++) {
      let sum = 0
      for (const { sign, values } of terms) sum += sign * values[t]
      // What does not enter the formula must be known all the same: a target is scored in all unions or in none.
      out[i * nTargets + t] = scores.some((values) => Number.isNaN(values[t])) ? NaN : sum
    }
  }
  return out
}

const maskOf = (set: SpaceSet): number => set.reduce((mask, space) => mask | (1 << space), 0)

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest > 0; rest &= rest - 1) count++
  return count
}
