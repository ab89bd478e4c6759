import FFT from 'fft.js'
import { melFilters } from '../linalg/melFilters.ts'
import { hop, sampleRate } from './frames.ts'
import type { FrameWriter } from './frames.ts'

const windowLength = 400
const fftLength = 512
/** Bands of the log-mel spectrogram that the cepstral coefficients are made from. */
export const melBands = 80
/** Bands of Chen et al. 2023's spectrogram. */
export const fineMelBands = 128
const highest = sampleRate / 2
/**
 * Powers below this are raised to it, so that silence is −100 dB and not −∞. The rounding noise of 16-bit audio lies
 * at about −94 dB here: only digital silence reaches the floor.
 */
const floor = 1e-10

/**
 * The log-mel spectrogram of 16 kHz speech: decibels, one unit a band.
 *
 * Frame i covers the 10 ms from i · 10 ms on: its 25 ms periodic Hann window is centred on the middle of them, with
 * zeros beyond the ends of the audio. Power spectrum of 512 points; triangular bands from 0 to 8 kHz, evenly spaced
 * on Slaney's mel scale (linear below 1 kHz, logarithmic above) and each scaled to unit area, as librosa's default;
 * 10 log₁₀ with a floor of 1e-10.
 *
 * @param samples 16 kHz mono
 */
export function melFrames(samples: Float32Array, bands: number): FrameWriter {
  const spectrum = powerSpectrum(samples)
  const filters = melFilters({ bands, binHertz: sampleRate / fftLength, highest })
  return (frame, out) => {
    const power = spectrum(frame)
    for (let band = 0; band < bands; band++) {
      const { first, weights } = filters[band]
      let energy = 0
      for (let k = 0; k < weights.length; k++) energy += weights[k] * power[first + k]
      out[band] = 10 * Math.log10(Math.max(energy, floor))
    }
  }
}

/** [257] powers of a frame; the array is used again for the next one. */
function powerSpectrum(samples: Float32Array): (frame: number) => Float64Array {
  const fft = new FFT(fftLength)
  const input = new Array<number>(fftLength).fill(0)
  const output = fft.createComplexArray() as number[]
  const power = new Float64Array(fftLength / 2 + 1)
  const hann = Float64Array.from(
    { length: windowLength },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / windowLength),
  )
  return (frame) => {
    const start = frame * hop + hop / 2 - windowLength / 2
    for (let i = 0; i < windowLength; i++) {
      const at = start + i
      input[i] = at >= 0 && at < samples.length ? samples[at] * hann[i] : 0
    }
    fft.realTransform(output, input)
    for (let k = 0; k < power.length; k++) power[k] = output[2 * k] ** 2 + output[2 * k + 1] ** 2
    return power
  }
}
