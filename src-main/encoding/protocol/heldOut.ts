/** Which samples folds hold out: any sets that share no sample, brought into an order in which each is one stretch. */
import { HeschlError } from '../../errors.ts'
import { scoredPart } from '../folds.ts'
import type { Fold, Stretch } from '../folds.ts'
import type { Selection } from '../innerFolds.ts'

/** Samples, counted from 0, or a stretch of them, which a gap may set apart from the samples that are trained on. */
export type HeldOut = readonly number[] | Fold

/** What one fold leaves out of its training. */
export interface HeldSet {
  /** Ascending. */
  readonly samples: Uint32Array
  /** Of these, what is scored, where a gap is left around it: then they are one stretch. */
  readonly scored?: Stretch
}

/** Fewest samples to train on, as `checkFolds`. */
const fewestTraining = 3

/**
 * @returns the samples of each fold
 * @throws HeschlError OPTION_INVALID where folds score a sample twice, hold out none, or leave too few to train on
 */
export function heldOutSets(folds: readonly HeldOut[], nSamples: number): readonly HeldSet[] {
  const owner = new Int32Array(nSamples).fill(-1)
  const refuse = (index: number, expected: string, found: string) =>
    new HeschlError('OPTION_INVALID', `Fold ${index + 1} cannot be held out`, {
      expected,
      found,
      remedy: 'Give folds that share no sample and leave enough to train on',
    })
  if (folds.length === 0) throw new HeschlError('OPTION_INVALID', 'There is no fold to score')
  return folds.map((fold, index) => {
    const stretch = 'start' in fold
    const count = stretch ? fold.end - fold.start : fold.length
    if (!(count >= 1 && count <= nSamples - fewestTraining)) {
      const expected = `1 to ${nSamples - fewestTraining} of ${nSamples} samples`
      throw refuse(index, expected, stretch ? `samples ${fold.start} to ${fold.end}` : `${count} samples`)
    }
    const samples = Array.from({ length: count }, (_, i) => (stretch ? fold.start + i : fold[i]))
    const { start, end } = stretch ? scoredPart(fold) : { start: -Infinity, end: Infinity }
    for (const sample of samples) {
      if (!(Number.isInteger(sample) && sample >= 0 && sample < nSamples))
        throw refuse(index, `samples from 0 to ${nSamples - 1}`, String(sample))
      if (sample < start || sample >= end) continue
      const other = owner[sample]
      if (other >= 0) {
        const where = other === index ? 'twice' : `in fold ${other + 1}, too`
        throw refuse(index, 'samples that nothing else holds out', `sample ${sample} ${where}`)
      }
      owner[sample] = index
    }
    const scored = stretch ? fold.scored : undefined
    return { samples: Uint32Array.from(samples).sort(), ...(scored && { scored }) }
  })
}

/** The samples that each fold does not train on. */
export const trainedWithout = (sets: readonly HeldSet[]): readonly Uint32Array[] => sets.map(({ samples }) => samples)

/** An order of the samples, undefined where it is that of X, and where it puts the samples that folds hold out. */
export interface Arrangement {
  readonly order: Uint32Array | undefined
  readonly folds: readonly Fold[]
}

/** Ascending samples as a stretch; undefined where there are others between them. */
function stretchOf({ samples, scored }: HeldSet): Fold | undefined {
  const [start, end] = [samples[0], samples.at(-1)! + 1]
  return end - start === samples.length ? { start, end, ...(scored && { scored }) } : undefined
}

/** One order for all folds; undefined where inner folds would be of other samples than in the order of X. */
export function arrangeAll(sets: readonly HeldSet[], nSamples: number, selection: Selection): Arrangement | undefined {
  const folds = sets.map(stretchOf)
  if (folds.every((fold) => fold !== undefined)) return { order: undefined, folds }
  // Gaps of one fold are other folds' samples: there is no order in which both are stretches.
  const apart = sets.some(({ scored }) => scored !== undefined)
  return selection === 'leave-one-out' && !apart ? inOrder(sets, nSamples) : undefined
}

/** A fold's training samples in the order of X, then those it holds out. */
export function arrangeOne(set: HeldSet, nSamples: number): Arrangement {
  const stretch = stretchOf(set)
  if (stretch) return { order: undefined, folds: [stretch] }
  const held = new Set(set.samples)
  const training = Array.from({ length: nSamples }, (_, i) => i).filter((i) => !held.has(i))
  const fold = { start: training.length, end: nSamples }
  return { order: Uint32Array.of(...training, ...set.samples), folds: [fold] }
}

/** The sets one after the other, then what none holds out. */
function inOrder(sets: readonly HeldSet[], nSamples: number): Arrangement {
  const order = new Uint32Array(nSamples)
  const held = new Uint8Array(nSamples)
  let at = 0
  const folds = sets.map(({ samples }) => {
    order.set(samples, at)
    for (const sample of samples) held[sample] = 1
    return { start: at, end: (at += samples.length) }
  })
  for (let i = 0; i < nSamples; i++) if (!held[i]) order[at++] = i
  return { order, folds }
}

/** How alphas are chosen in an arrangement of one fold: the lengths of the runs there. */
export function arrangeSelection(selection: Selection, { samples }: HeldSet, { order }: Arrangement): Selection {
  if (order === undefined || selection === 'leave-one-out' || 'kfold' in selection) return selection
  const held = new Set(samples)
  let end = 0
  const training = selection.runs.map((length) => {
    let left = 0
    for (let i = end; i < end + length; i++) if (!held.has(i)) left++
    end += length
    return left
  })
  return { runs: [...training, samples.length] }
}
