import { HeschlError } from '../errors.ts'
import { gridOf, shortestInterval } from './grid.ts'
import { hrfKernels } from './hrf.ts'
import type { Hrf } from './hrf.ts'

export interface DesignOptions {
  readonly hrf: Hrf
  /** Seconds between volumes; volume v is taken at v · tr. */
  readonly tr: number
  readonly volumes: number
  /** Seconds from one frame to the next, and a frame's duration. */
  readonly hopSeconds: number
  readonly frames: number
  /** Seconds from the first volume to the first frame; negative when the audio began first. */
  readonly audioStart: number
  /** Grid steps per TR on which the convolution runs. */
  readonly oversampling: number
}

/**
 * The linear map H [volumes, frames] from a sequence of frames to the responses predicted at the volumes, in factors:
 * frames are summed into the bins of a grid of tr / oversampling seconds, the bins are convolved with the response,
 * and the result is interpolated at the volumes' times. Never materialised: an hour of conv0 has 11.5 million frames.
 */
export interface FrameToVolume {
  readonly volumes: number
  readonly frames: number
  /** [samples] the haemodynamic response on the grid. */
  readonly kernel: Float64Array
  /** [volumes] the last bin at or before the volume, and how far the volume lies from it to the next, 0–1. */
  readonly bin: Int32Array
  readonly fraction: Float64Array
  /** [volumes] H · 1: the response to a constant stimulus of amplitude 1. */
  readonly ones: Float64Array
  /** The bins frame i is added to: [first, last); empty when it lies outside the grid. */
  readonly firstBin: (frame: number) => number
  readonly lastBin: (frame: number) => number
}

/**
 * The maps, one for each response of the model, whose products with activations A [frames, units] are, column by column,
 * nilearn's `compute_regressor((onsets, durations, A[:, u]), hrf, arange(volumes) * tr, oversampling=oversampling)` with
 * onsets = audioStart + arange(frames) * hopSeconds and durations = hopSeconds. The grid's times are computed with the
 * same operations in the same order, because which bin a frame falls into hangs on the last bit. nilearn makes the
 * derivatives' regressors orthogonal to those before them, which is left to regressors.ts.
 *
 * One deliberate difference: frames that start more than 24 s before the first volume are left out, as nilearn
 * documents; its code (0.14) adds all of them to the first bin.
 *
 * @throws HeschlError OPTION_INVALID
 */
export function frameToVolume(options: DesignOptions): readonly FrameToVolume[] {
  checkDesign(options)
  const { hrf, tr, volumes, hopSeconds, frames, audioStart, oversampling } = options
  const grid = gridOf(tr, volumes, oversampling)
  const last = grid.bins - 1
  const onset = (frame: number) => audioStart + frame * hopSeconds
  const outside = (frame: number) => onset(frame) < grid.at(0)
  const firstBin = (frame: number) => (outside(frame) ? 0 : Math.min(grid.search(onset(frame)), last))
  const lastBin = (frame: number) => {
    if (outside(frame)) return 0
    const end = Math.min(grid.search(onset(frame) + hopSeconds), last)
    // A frame shorter than a bin counts for one whole bin.
    return end < last && end === firstBin(frame) ? end + 1 : end
  }
  const kernels = hrfKernels(hrf, shortestInterval(tr, volumes), oversampling)
  // nilearn reads a finite impulse response at the end of its TR, so that delay 0 is the TR that begins at the volume.
  const ahead = typeof hrf === 'object' ? oversampling - 1 : 0
  const bin = new Int32Array(volumes)
  const fraction = new Float64Array(volumes)
  for (let v = 0; v < volumes; v++) {
    const above = Math.min(Math.max(grid.search(v * tr), 1), last - ahead)
    bin[v] = above - 1 + ahead
    fraction[v] = (v * tr - grid.at(above - 1)) / (grid.at(above) - grid.at(above - 1))
  }
  const counts = new Float64Array(grid.bins)
  for (let frame = 0; frame < frames; frame++) {
    const end = lastBin(frame)
    for (let b = firstBin(frame); b < end; b++) counts[b]++
  }
  return kernels.map((kernel) => {
    const ones = new Float64Array(volumes)
    const h = { volumes, frames, kernel, bin, fraction, ones, firstBin, lastBin }
    for (let v = 0; v < volumes; v++) {
      for (let b = Math.max(0, bin[v] - kernel.length + 1); b <= bin[v] + 1; b++) ones[v] += weight(h, v, b) * counts[b]
    }
    return h
  })
}

/** The response of volume v to an amplitude of 1 in bin b; 0 outside the kernel. */
export function weight(h: FrameToVolume, v: number, b: number): number {
  const lag = h.bin[v] - b
  const { kernel } = h
  const below = lag >= 0 && lag < kernel.length ? kernel[lag] : 0
  const above = lag >= -1 && lag < kernel.length - 1 ? kernel[lag + 1] : 0
  return below + h.fraction[v] * (above - below)
}

/** @throws HeschlError OPTION_INVALID where a number is out of range */
export function checkDesign(options: Omit<DesignOptions, 'hrf'>): void {
  const { tr, volumes, hopSeconds, frames, audioStart, oversampling } = options
  const refuse = (name: string, expected: string, found: number) => {
    throw new HeschlError('OPTION_INVALID', `The design matrix cannot be made: ${name} is out of range`, {
      expected,
      found: String(found),
      remedy: `Check ${name} in the study file, and that times are in seconds`,
    })
  }
  if (!(tr > 0 && tr <= 60)) refuse('the TR', 'more than 0 and at most 60 s', tr)
  if (!(Number.isInteger(volumes) && volumes >= 2 && volumes <= 1e6))
    refuse('the number of volumes', '2 to 1,000,000', volumes)
  if (!(hopSeconds > 0 && hopSeconds <= 3600)) refuse('the hop', 'more than 0 and at most 3,600 s', hopSeconds)
  if (!(Number.isInteger(frames) && frames >= 1 && frames <= 2 ** 31))
    refuse('the number of frames', '1 to 2³¹', frames)
  if (!(Math.abs(audioStart) <= 86_400))
    refuse('the start of the audio', 'within a day of the first volume', audioStart)
  if (!(Number.isInteger(oversampling) && oversampling >= 1 && oversampling <= 1000))
    refuse('oversampling', 'a whole number from 1 to 1,000', oversampling)
}
