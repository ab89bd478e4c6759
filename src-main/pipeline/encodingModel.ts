/** An encoding model as a study or a command says it, in the terms of what computes it (encoding/protocol). */
import { robustScaleColumns } from '../cleaning/robustScale.ts'
import { contiguousFolds, withGap } from '../encoding/folds.ts'
import type { HeldOut } from '../encoding/protocol/heldOut.ts'
import type { EncodingOptions } from '../encoding/protocol/options.ts'
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { standardizeColumns } from '../scoring/index.ts'
import type { ResolvedEncoding } from '../study/resolvedEncoding.ts'

type Said = Pick<
  ResolvedEncoding,
  'standardizeX' | 'standardizeY' | 'pcaX' | 'pcaY' | 'intercept' | 'selection' | 'alpha'
>

interface Sizes {
  readonly folds: readonly HeldOut[]
  readonly alphas: readonly number[]
  /** Samples of each run. */
  readonly runs: readonly number[]
  readonly weights?: boolean
}

/** What is left to do by folds: scaling by runs is done before. */
export function encodingOptions(said: Said, { folds, alphas, runs, weights = false }: Sizes): EncodingOptions {
  const { standardizeX, standardizeY, pcaX, pcaY, intercept, selection, alpha } = said
  return {
    ...{ folds, alphas, pcaX, pcaY, intercept, alpha, weights },
    standardizeX: standardizeX === 'per-run' ? 'none' : standardizeX,
    standardizeY: standardizeY === 'training-fold' ? standardizeY : 'none',
    selection: selection === 'runs' ? { runs } : selection,
  }
}

/**
 * The samples that each fold holds out: contiguous, each run in turn, or as given.
 * @param gap samples on both sides of a stretch, within its runs, that are left out of training too
 * @throws HeschlError OPTION_INVALID for a gap around samples that do not follow one another
 */
export function heldOutOf(
  folds: number | 'runs' | readonly HeldOut[],
  nSamples: number,
  runs: readonly number[],
  gap = 0,
): readonly HeldOut[] {
  const bounds = stretchesOf(runs)
  const all = typeof folds === 'number' ? contiguousFolds(nSamples, folds) : folds === 'runs' ? bounds : folds
  if (gap === 0) return all
  return all.map((held, index) => {
    if ('start' in held) return withGap(held, gap, bounds)
    throw new HeschlError('OPTION_INVALID', 'A gap is left around samples that follow one another', {
      expected: 'folds of one stretch each',
      found: `a list of ${held.length} samples in fold ${index + 1}`,
      remedy: 'Give stretches as {start, end}, or no gap',
    })
  })
}

/** A gap in samples. @param seconds between samples */
export const gapSamples = (gap: ResolvedEncoding['gap'], seconds: number): number =>
  typeof gap === 'number' ? gap : Math.ceil(gap.seconds / seconds - 1e-9)

/** Where each run begins and ends among the samples. */
export function stretchesOf(runs: readonly number[]): readonly { readonly start: number; readonly end: number }[] {
  let end = 0
  return runs.map((length) => ({ start: end, end: (end += length) }))
}

/** Features or responses scaled run by run, written over; what is done by folds is left to them. */
export function scaleByRun(
  x: Matrix32,
  how: ResolvedEncoding['standardizeX'] | ResolvedEncoding['standardizeY'],
  runs: readonly number[],
): Matrix32 {
  if (how !== 'per-run' && typeof how !== 'object') return x
  for (const { start, end } of stretchesOf(runs)) {
    const data = x.data.subarray(start * x.cols, end * x.cols)
    const run = { data, rows: end - start, cols: x.cols }
    const [from, to] = how === 'per-run' ? [] : how.robust
    data.set((from === undefined ? standardizeColumns(run) : robustScaleColumns(run, { from, to: to! })).data)
  }
  return x
}

/** @throws HeschlError SHAPE_MISMATCH where the lengths of the runs are not those of the samples */
export function checkRuns(runs: readonly number[], nSamples: number): void {
  const total = runs.reduce((sum, length) => sum + length, 0)
  if (total === nSamples) return
  throw new HeschlError('SHAPE_MISMATCH', 'The lengths of the runs do not add up to the samples', {
    expected: `${nSamples} samples`,
    found: `${total} in ${runs.length} runs`,
    remedy: 'Give the number of samples of each run, in order',
  })
}
