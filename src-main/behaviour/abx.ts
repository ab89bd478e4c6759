/**
 * ABX discrimination: is X nearer to the target, which is of its phone, than to the other?
 * Source: Millet and Dunbar (2022), Do self-supervised speech models develop human-like perception biases?, ACL;
 * JAMJU/Sel_supervised_models_perception_biases, compute_distances_from_rep.py.
 */
import type { Matrix32 } from '../linalg/matrix.ts'
import { itemDistances, type ItemDistanceOptions } from './itemDistances.ts'
import { contrastName, type Triplet } from './triplets.ts'

export interface AbxOptions extends Omit<ItemDistanceOptions, 'watched'> {
  /** Awaited now and then; throws to stop. */
  readonly pause?: () => Promise<void>
  readonly onProgress?: (fraction: number) => void
}

export interface AbxDeltas {
  /** [triplets]: distance of target and X, of other and X. NaN where an item has a frame of zeros only. */
  readonly targetX: Float64Array
  readonly otherX: Float64Array
  /** otherX - targetX: positive where the model is right. */
  readonly delta: Float64Array
}

/**
 * Distances d = warped cost / frames of the longer item.
 * @param frames of each item: [frames, units], at least one frame, all with as many units
 * @throws HeschlError NUMERICAL, as `itemDistances`
 */
export async function abxDeltas(
  triplets: readonly Triplet[],
  frames: ReadonlyMap<string, Matrix32>,
  { pause, onProgress, ...options }: AbxOptions,
): Promise<AbxDeltas> {
  // A triplet is asked in four orders, and an item stands in many triplets: each pair is compared once.
  const numbers = new Map<string, number>()
  const numberOf = (id: string) => {
    let number = numbers.get(id)
    if (number === undefined) numbers.set(id, (number = numbers.size))
    return number
  }
  /** [triplets, 2]: of the target and X, and of the other and X; pairs of an X lie side by side. */
  const asked = new Float64Array(2 * triplets.length)
  for (const [i, { target, other, x }] of triplets.entries()) {
    const first = numberOf(x) * 2 ** 26
    asked[2 * i] = first + numberOf(target)
    asked[2 * i + 1] = first + numberOf(other)
  }
  const keys = asked.toSorted()
  let count = 0
  for (const key of keys) if (count === 0 || key !== keys[count - 1]) keys[count++] = key
  const places = new Map<number, number>()
  const pairs = new Uint32Array(2 * count)
  for (let k = 0; k < count; k++) {
    places.set(keys[k], k)
    pairs[2 * k] = keys[k] % 2 ** 26
    pairs[2 * k + 1] = keys[k] / 2 ** 26
  }
  const names = [...numbers.keys()]
  const found = await itemDistances(
    names.map((id) => frames.get(id)!),
    names,
    pairs,
    {
      ...options,
      watched: async (done) => {
        onProgress?.(done / count)
        await pause?.()
      },
    },
  )
  const costs = Float64Array.from(asked, (key) => found[places.get(key)!])
  const targetX = costs.filter((_, k) => k % 2 === 0)
  const otherX = costs.filter((_, k) => k % 2 === 1)
  return { targetX, otherX, delta: otherX.map((value, i) => value - targetX[i]) }
}

export interface Accuracy {
  /** Share of triplets with delta > 0, among those that have a delta. */
  readonly accuracy: number
  readonly triplets: number
  /** With delta = 0 exactly, which count as wrong. */
  readonly ties: number
  /** Without a delta (NaN, or infinite on both sides). */
  readonly undefined: number
}

/**
 * Accuracy of groups of triplets.
 * @param groupOf names a triplet's group; undefined leaves it out
 */
export function accuracies(
  triplets: readonly Triplet[],
  delta: ArrayLike<number>,
  groupOf: (triplet: Triplet) => string | undefined,
): ReadonlyMap<string, Accuracy> {
  const counts = new Map<string, { right: number; triplets: number; ties: number; undefined: number }>()
  for (const [i, triplet] of triplets.entries()) {
    const group = groupOf(triplet)
    if (group === undefined) continue
    let count = counts.get(group)
    if (!count) counts.set(group, (count = { right: 0, triplets: 0, ties: 0, undefined: 0 }))
    const value = delta[i]
    if (Number.isNaN(value)) count.undefined++
    else {
      count.triplets++
      if (value > 0) count.right++
      if (value === 0) count.ties++
    }
  }
  return new Map(
    [...counts].map(([group, { right, ...rest }]) => [group, { accuracy: right / rest.triplets, ...rest }]),
  )
}

/** A contrast of two phones, whichever of them is the target. */
export function contrastOf({ targetPhone, otherPhone, language, dataset }: Triplet): string {
  return contrastName(targetPhone, otherPhone, language, dataset)
}
