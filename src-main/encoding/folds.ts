import { HeschlError } from '../errors.ts'

/** Samples that follow one another: `start` to `end`, exclusive. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Samples that a fold does not train on. */
export interface Fold extends Stretch {
  /**
   * Of these, the samples that are predicted and scored; all of them where it is left out. The others are a gap between
   * these and the training samples.
   */
  readonly scored?: Stretch
}

/** The samples of a fold that are predicted and scored. */
export const scoredPart = (fold: Fold): Stretch => fold.scored ?? fold

/** Keeps `gap` samples on both sides of a stretch out of its training, as far as they are of the runs it touches. */
export function withGap(held: Stretch, gap: number, runs: readonly Stretch[]): Fold {
  const first = runs.find(({ end }) => end > held.start)
  const last = runs.findLast(({ start }) => start < held.end)
  const start = Math.max(first?.start ?? 0, held.start - gap)
  const end = Math.min(last?.end ?? held.end, held.end + gap)
  const { start: from, end: to } = held
  return start === from && end === to ? held : { start, end, scored: { start: from, end: to } }
}

/**
 * Contiguous folds of nearly equal size, the first ones longer by one where they do not divide evenly
 * (scikit-learn's KFold with shuffle=False).
 * @throws HeschlError OPTION_INVALID
 */
export function contiguousFolds(nSamples: number, folds: number): readonly Fold[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > nSamples) {
    throw new HeschlError('OPTION_INVALID', 'The samples cannot be divided into this number of folds', {
      expected: `2 to ${nSamples} folds`,
      found: String(folds),
      remedy: 'Lower `encoding.folds`, or bring longer recordings',
    })
  }
  const size = Math.floor(nSamples / folds)
  const longer = nSamples % folds
  return Array.from({ length: folds }, (_, i) => {
    const start = i * size + Math.min(i, longer)
    return { start, end: start + size + (i < longer ? 1 : 0) }
  })
}
