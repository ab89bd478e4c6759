import { frameToVolume } from '../features/design.ts'
import { Regressors } from '../features/regressors.ts'
import { SampleMeans } from '../features/sampleMeans.ts'
import type { NamedArray } from './context.ts'
import type { DesignTask } from './tasks.ts'

/** Takes a run's frames, a block at a time and in order, and makes its regressors. */
export type FrameSink = Pick<Regressors, 'add' | 'finish'>

/** The regressors of a run, to which frames are added as they come. */
export function regressorsFor(
  { run, encoding }: Pick<DesignTask, 'run' | 'encoding'>,
  units: number,
  hopSeconds: number,
  frames: number,
): FrameSink {
  const { tr, volumes, start } = run
  const { hrf, oversampling, scaleFeatures } = encoding
  // Lags are of the samples' means: they are written out where they are fitted, if at all.
  if (hrf === 'none' || (typeof hrf === 'object' && 'lags' in hrf))
    return new SampleMeans({ tr, volumes, hopSeconds, frames, audioStart: start }, units, scaleFeatures)
  const maps = frameToVolume({ hrf, tr, volumes, hopSeconds, frames, audioStart: start, oversampling })
  return new Regressors(maps, units, { scale: scaleFeatures, hrf })
}

/** A layer's design matrix, once all frames were added. */
export function named(name: string, regressors: FrameSink): NamedArray {
  const { data, rows, cols } = regressors.finish()
  return { name, shape: [rows, cols], data }
}
