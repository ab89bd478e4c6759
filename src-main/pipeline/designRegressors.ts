import { frameToVolume } from '../features/design.ts'
import { Regressors } from '../features/regressors.ts'
import type { NamedArray } from './context.ts'
import type { DesignTask } from './tasks.ts'
import { notComputed } from './uncomputed.ts'

/** The regressors of a run, to which frames are added as they come. */
export function regressorsFor(
  { run, encoding }: Pick<DesignTask, 'run' | 'encoding'>,
  units: number,
  hopSeconds: number,
  frames: number,
): Regressors {
  const { tr, volumes, start } = run
  const { hrf, oversampling, scaleFeatures } = encoding
  if (hrf === 'none' || (typeof hrf === 'object' && 'lags' in hrf)) throw notComputed('hrf', hrf)
  const maps = frameToVolume({ hrf, tr, volumes, hopSeconds, frames, audioStart: start, oversampling })
  return new Regressors(maps, units, { scale: scaleFeatures, hrf })
}

/** A layer's design matrix, once all frames were added. */
export function named(name: string, regressors: Regressors): NamedArray {
  const { data, rows, cols } = regressors.finish()
  return { name, shape: [rows, cols], data }
}
