/**
 * What responses that say nothing of the stimulus score. Moved round in time within each run they keep their
 * autocorrelation, their correlation with one another and the steps of the analysis, and lose their place beside the
 * stimulus: whatever they still score is what noise of this kind scores in these folds.
 */
import { sharedMatrix32, type Matrix32 } from '../linalg/matrix.ts'
import { randomStream } from '../linalg/randomStream.ts'
import type { ResolvedEncoding } from '../study/resolvedEncoding.ts'
import { stretchesOf } from './encodingModel.ts'

/**
 * By how many samples each run is moved, a row a shift: between a quarter and three quarters of it, so that no response is
 * near its stimulus.
 * @param identity of the recordings: every subject has shifts of its own, since shifts that subjects share would give them
 *   scores that go up and down together
 */
export function shiftsOf(
  chance: ResolvedEncoding['chance'],
  runs: readonly number[],
  identity: string,
): readonly (readonly number[])[] {
  if (chance === 'zero') return []
  const random = randomStream(chance.seed, identity, 'chance')
  return Array.from({ length: chance.shifts }, () =>
    runs.map((rows) => Math.round(rows * (0.25 + 0.5 * random.uniform()))),
  )
}

/**
 * @param y [samples of all runs, targets]
 * @param by samples that each run is moved on; what leaves its end comes in at its beginning
 * @returns in memory that threads share
 */
export function shifted({ data, rows, cols }: Matrix32, runs: readonly number[], by: readonly number[]): Matrix32 {
  const out = sharedMatrix32(rows, cols)
  for (const [run, { start, end }] of stretchesOf(runs).entries()) {
    const border = end - by[run]
    out.data.set(data.subarray(border * cols, end * cols), start * cols)
    out.data.set(data.subarray(start * cols, border * cols), (start + by[run]) * cols)
  }
  return out
}
