import type { LaggedRuns } from '../encoding/primal/lagged.ts'
import { HeschlError } from '../errors.ts'
import { sampleLags } from '../features/lags.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { ResolvedEncoding } from '../study/resolvedEncoding.ts'
import { stretchesOf } from './encodingModel.ts'
import type { RecordingFiles } from './tasks.ts'

/** How many regressors a unit gives by lags; 1 without lags, and where they do not fit the rate, which a fit refuses. */
export function lagCountOf(hrf: ResolvedEncoding['hrf'], secondsPerSample: number): number {
  if (typeof hrf !== 'object' || !('lags' in hrf)) return 1
  try {
    const { from, to } = sampleLags(hrf.lags, secondsPerSample)
    return to - from + 1
  } catch {
    return 1
  }
}

/**
 * Features as an encoding model has them: with lags of the recordings' samples, where it asks for lags. They are written
 * out only where the solver has to (encoding/primal).
 * @param x [samples of all runs, units]
 * @param runs samples of each
 * @throws HeschlError OPTION_INVALID where the lags do not fit the rate, SHAPE_MISMATCH where runs differ in it
 */
export function lagsOf(
  x: Matrix32,
  hrf: ResolvedEncoding['hrf'],
  runs: readonly number[],
  recordings: readonly Pick<RecordingFiles, 'tr' | 'stimulus'>[],
): Matrix32 | LaggedRuns {
  if (typeof hrf !== 'object' || !('lags' in hrf)) return x
  const { tr } = recordings[0]
  const other = recordings.find((recording) => recording.tr !== tr)
  if (other)
    throw new HeschlError(
      'SHAPE_MISMATCH',
      'Runs of a subject differ in their rate, so that lags are of different samples',
      {
        where: { stimulus: other.stimulus },
        expected: `${tr} s from sample to sample, as in the first run`,
        found: `${other.tr} s`,
        remedy: 'Resample the recordings to one rate',
      },
    )
  return {
    runs: stretchesOf(runs).map(({ start, end }) => ({
      data: x.data.subarray(start * x.cols, end * x.cols),
      rows: end - start,
      cols: x.cols,
    })),
    lags: sampleLags(hrf.lags, tr),
  }
}
