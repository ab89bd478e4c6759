import { hopSeconds, sampleRate } from '../../features/frames.ts'
import { peakSamples, pictureBands } from './heardAudio.ts'

/** A stimulus at its finest, as `HeardAudio.picture` gives it. */
export interface Picture {
  /** [pairs, 2] */
  readonly peaks: Uint16Array
  /** [frames, bands] */
  readonly mel: Uint8Array
}

/**
 * A stretch of a picture in so many columns: least and most sample of each, and the mean of its frames (the frame it lies
 * in, where columns are narrower). Empty outside the recording.
 * @returns `peaks` [columns, 2] −1 to 1, `mel` [columns, bands] 0–255
 */
export function stretchOfPicture(
  { peaks, mel }: Picture,
  { from, to, columns }: { readonly from: number; readonly to: number; readonly columns: number },
): { readonly peaks: Float32Array; readonly mel: Uint8Array; readonly bands: number } {
  const bands = pictureBands
  const step = (to - from) / columns
  const pairSeconds = peakSamples / sampleRate
  const outPeaks = new Float32Array(2 * columns)
  const outMel = new Uint8Array(columns * bands)
  const sums = new Float64Array(bands)
  for (let column = 0; column < columns; column++) {
    const [start, end] = [from + column * step, from + (column + 1) * step]
    const [firstPair, lastPair] = span(start, end, pairSeconds, peaks.length / 2)
    for (let pair = firstPair; pair < lastPair; pair++) {
      outPeaks[2 * column] = Math.min(outPeaks[2 * column], (peaks[2 * pair] - 32768) / 32768)
      outPeaks[2 * column + 1] = Math.max(outPeaks[2 * column + 1], (peaks[2 * pair + 1] - 32768) / 32768)
    }
    const [firstFrame, lastFrame] = span(start, end, hopSeconds, mel.length / bands)
    if (lastFrame <= firstFrame) continue
    sums.fill(0)
    for (let frame = firstFrame; frame < lastFrame; frame++)
      for (let band = 0; band < bands; band++) sums[band] += mel[frame * bands + band]
    for (let band = 0; band < bands; band++)
      outMel[column * bands + band] = Math.round(sums[band] / (lastFrame - firstFrame))
  }
  return { peaks: outPeaks, mel: outMel, bands }
}

/** Pieces of `seconds` that a stretch of time covers, one at least where it lies within them. */
function span(start: number, end: number, seconds: number, count: number): readonly [first: number, last: number] {
  if (end <= 0 || start >= count * seconds) return [0, 0]
  const first = Math.max(0, Math.floor(start / seconds + 1e-9))
  return [first, Math.min(count, Math.max(first + 1, Math.ceil(end / seconds - 1e-9)))]
}
