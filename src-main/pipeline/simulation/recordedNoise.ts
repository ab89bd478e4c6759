/** Noise from a recording, as of people at rest: another one for every listener and run. */
import { HeschlError } from '../../errors.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { RandomStream } from '../../linalg/randomStream.ts'
import type { NoiseRun } from './listeners.ts'

/** Runs shorter than this have no spectrum to speak of. */
const fewest = 4

/**
 * A stretch of the recording as long as the run, from a random volume on, without its linear trend, its phases turned at
 * random, at every frequency by the same angle at all vertices: spectra and correlations between vertices stay what they
 * are (Prichard and Theiler 1994), and no two listeners have the same noise.
 * @param recording [volumes, vertices]; a vertex that is constant stays 0
 * @param file of it, for errors
 * @throws HeschlError SHAPE_MISMATCH for a run that is longer; NUMERICAL for values that are not finite
 */
export function recordedNoise(recording: Matrix32, gemm: Gemm, file: string): NoiseRun {
  if (!recording.data.every(Number.isFinite))
    throw new HeschlError('NUMERICAL', 'The recording of noise has values that are not finite', {
      where: { file },
      expected: 'finite values',
      found: 'NaN or infinity',
      remedy: 'Set vertices that were not recorded to 0',
    })
  return async (volumes, random, pause) => {
    if (volumes > recording.rows || volumes < fewest)
      throw new HeschlError('SHAPE_MISMATCH', 'The recording of noise is shorter than a run', {
        where: { file },
        expected: `at least ${Math.max(fewest, volumes)} volumes`,
        found: `${recording.rows}`,
        remedy: 'Give a longer recording, or leave --noise out',
      })
    const start = Math.floor(random.uniform() * (recording.rows - volumes + 1))
    const stretch = standardStretch(recording, start, volumes)
    await pause()
    return gemm.multiply(phaseRotation(volumes, random), stretch)
  }
}

/** Some volumes, each vertex without mean and linear trend and of variance 1. */
function standardStretch({ data, cols }: Matrix32, start: number, rows: number): Matrix32 {
  const out = zeros32(rows, cols)
  const middle = (rows - 1) / 2
  const square = (rows * (rows * rows - 1)) / 12
  for (let v = 0; v < cols; v++) {
    let mean = 0
    let slope = 0
    for (let t = 0; t < rows; t++) {
      const value = data[(start + t) * cols + v]
      mean += value / rows
      slope += (value * (t - middle)) / square
    }
    let variance = 0
    for (let t = 0; t < rows; t++) {
      const value = data[(start + t) * cols + v] - mean - slope * (t - middle)
      out.data[t * cols + v] = value
      variance += (value * value) / rows
    }
    const factor = variance > 1e-12 * mean * mean ? 1 / Math.sqrt(variance) : 0
    for (let t = 0; t < rows; t++) out.data[t * cols + v] *= factor
  }
  return out
}

/**
 * The orthogonal circulant matrix [n, n] that turns the phase of each frequency by a random angle: the circular
 * convolution with the series whose spectrum is those angles. The mean keeps its phase; for even n the highest frequency
 * keeps its own or is negated.
 */
export function phaseRotation(n: number, random: RandomStream): Matrix32 {
  const kernel = new Float64Array(n).fill(1 / n)
  for (let k = 1; 2 * k <= n; k++) {
    const highest = 2 * k === n
    const angle = highest ? (random.uniform() < 0.5 ? 0 : Math.PI) : 2 * Math.PI * random.uniform()
    const weight = (highest ? 1 : 2) / n
    for (let t = 0; t < n; t++) kernel[t] += weight * Math.cos((2 * Math.PI * ((k * t) % n)) / n + angle)
  }
  const matrix = zeros32(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix.data[i * n + j] = kernel[(i - j + n) % n]
  return matrix
}
