/**
 * Whisper's log-mel spectrogram, as transformers' `WhisperFeatureExtractor` gives it, in float64.
 *
 * The audio is padded with zeros to the length of the model (30 s). Frame i is centred on sample 160 i: a periodic Hann
 * window of 400 samples, the audio mirrored at its ends; the power spectrum; triangular bands on Slaney's mel scale up
 * to 8 kHz; log₁₀ with a floor of 1e-10, raised to at least the largest value less 8; then (x + 4) / 4.
 * The largest value is that of the window, so a loud sound changes how far down the quiet frames of its window go.
 */
import FFT from 'fft.js'
import { melFilters } from '../../linalg/melFilters.ts'

const points = 400
const hop = 160
/** 400 = 25 · 16: fft.js takes powers of two. */
const small = 16
const turns = points / small
const bins = points / 2 + 1
const floor = 1e-10
const range = 8

/**
 * @param samples 16 kHz mono, at most 160 · frames
 * @param bands 80, or 128 in the newest models
 * @returns [bands, frames], row-major
 */
export function logMelSpectrogram(samples: Float32Array, bands: number, frames: number): Float32Array {
  const filters = melFilters({ bands, binHertz: 16_000 / points, highest: 8000 })
  const spectrum = powerSpectrum(samples, hop * frames)
  // Beyond the audio and half a window there is silence alone, but for what is mirrored at the very end.
  const last = Math.min(frames, Math.ceil((samples.length + points / 2) / hop))
  const logs = new Float64Array(bands * frames).fill(Math.log10(floor))
  let largest = -Infinity
  for (let frame = 0; frame < frames; frame++) {
    const power = frame < last ? spectrum(frame) : undefined
    for (let band = 0; band < bands; band++) {
      let log = Math.log10(floor)
      if (power) {
        const { first, weights } = filters[band]
        let energy = 0
        for (let k = 0; k < weights.length; k++) energy += weights[k] * power[first + k]
        log = Math.log10(Math.max(energy, floor))
        logs[band * frames + frame] = log
      }
      if (log > largest) largest = log
    }
  }
  return Float32Array.from(logs, (log) => (Math.max(log, largest - range) + 4) / 4)
}

/** [201] powers of a frame; the array is used again for the next one. */
function powerSpectrum(samples: Float32Array, total: number): (frame: number) => Float64Array {
  const fft = new FFT(small)
  const input = new Array<number>(small).fill(0)
  const output = fft.createComplexArray() as number[]
  const real = new Float64Array(bins)
  const imaginary = new Float64Array(bins)
  const hann = Float64Array.from({ length: points }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / points))
  const cosine = Float64Array.from({ length: points }, (_, i) => Math.cos((2 * Math.PI * i) / points))
  const sine = Float64Array.from({ length: points }, (_, i) => Math.sin((2 * Math.PI * i) / points))
  const windowed = new Float64Array(points)
  const power = new Float64Array(bins)
  return (frame) => {
    for (let i = 0; i < points; i++) {
      const at = mirrored(frame * hop - points / 2 + i, total)
      windowed[i] = at < samples.length ? samples[at] * hann[i] : 0
    }
    real.fill(0)
    imaginary.fill(0)
    for (let turn = 0; turn < turns; turn++) {
      for (let i = 0; i < small; i++) input[i] = windowed[turn + turns * i]
      fft.realTransform(output, input)
      fft.completeSpectrum(output)
      for (let k = 0, angle = 0; k < bins; k++) {
        const re = output[2 * (k % small)]
        const im = output[2 * (k % small) + 1]
        real[k] += re * cosine[angle] + im * sine[angle]
        imaginary[k] += im * cosine[angle] - re * sine[angle]
        angle += turn
        if (angle >= points) angle -= points
      }
    }
    for (let k = 0; k < bins; k++) power[k] = real[k] ** 2 + imaginary[k] ** 2
    return power
  }
}

/** torch's `reflect` padding: the sample at an end is not repeated. */
const mirrored = (at: number, total: number) => (at < 0 ? -at : at >= total ? 2 * (total - 1) - at : at)
