import type { FrameWriter } from './frames.ts'
import { melBands, melFrames } from './mel.ts'

/** Units: coefficients 0 to 12. */
export const mfccUnits = 13

/**
 * Mel-frequency cepstral coefficients of 16 kHz speech: the first 13 coefficients, 0 included, of the orthonormal
 * discrete cosine transform (type II) over the bands of the log-mel spectrogram in mel.ts; decibels, 25 ms windows every
 * 10 ms. No liftering, no pre-emphasis and no limit on the range of levels. After Davis and Mermelstein, IEEE
 * Transactions on Acoustics, Speech, and Signal Processing 28 (1980) 357.
 *
 * @param samples 16 kHz mono
 */
export function mfccFrames(samples: Float32Array): FrameWriter {
  const spectrogram = melFrames(samples, melBands)
  const mel = new Float64Array(melBands)
  const cosines = Float64Array.from({ length: mfccUnits * melBands }, (_, i) => {
    const [coefficient, band] = [Math.floor(i / melBands), i % melBands]
    const norm = Math.sqrt((coefficient === 0 ? 1 : 2) / melBands)
    return norm * Math.cos((Math.PI * coefficient * (2 * band + 1)) / (2 * melBands))
  })
  return (frame, out) => {
    spectrogram(frame, mel)
    for (let coefficient = 0; coefficient < mfccUnits; coefficient++) {
      let sum = 0
      for (let band = 0; band < melBands; band++) sum += cosines[coefficient * melBands + band] * mel[band]
      out[coefficient] = sum
    }
  }
}
