/** What tells a good recording from a bad one, from sums over its samples. Pure. */
import type { Matrix32 } from '../linalg/matrix.ts'

/** Sums of a recording that is seen some targets at a time, all of its samples each. */
export class RecordingQuality {
  /** [n_targets] mean over SD (population) over time; 0 for a constant target, NaN for one that is not finite. */
  readonly tsnr: Float32Array
  /** Targets whose samples are all the same, and such with a value that is not finite. */
  constant = 0
  notFinite = 0
  #used = 0
  readonly #sum: Float64Array
  readonly #squares: Float64Array

  constructor(samples: number, targets: number) {
    this.tsnr = new Float32Array(targets).fill(NaN)
    this.#sum = new Float64Array(samples)
    this.#squares = new Float64Array(samples)
  }

  /** @param first of these targets @param part [n_samples, some targets] */
  add(first: number, { data, rows, cols }: Matrix32): void {
    for (let t = 0; t < cols; t++) {
      let sum = 0
      let varies = false
      for (let i = 0; i < rows; i++) {
        const value = data[i * cols + t]
        sum += value
        if (value !== data[t]) varies = true
      }
      if (!Number.isFinite(sum)) {
        this.notFinite++
        continue
      }
      if (!varies) {
        this.constant++
        this.tsnr[first + t] = 0
        continue
      }
      this.#used++
      const mean = sum / rows
      let square = 0
      for (let i = 0; i < rows; i++) {
        const value = data[i * cols + t]
        square += (value - mean) ** 2
        this.#sum[i] += value
        if (i > 0) this.#squares[i] += (value - data[(i - 1) * cols + t]) ** 2
      }
      this.tsnr[first + t] = mean / Math.sqrt(square / rows)
    }
  }

  /** [n_samples] mean over the targets that vary and are finite. */
  get globalSignal(): Float64Array {
    return this.#sum.map((value) => value / this.#used)
  }

  /**
   * [n_samples] DVARS of Power et al. (2012), NeuroImage 59: root mean square over targets of the change from the sample
   * before, in the recording's unit; NaN for the first.
   */
  get dvars(): Float64Array {
    return this.#squares.map((value, i) => (i === 0 ? NaN : Math.sqrt(value / this.#used)))
  }
}

/**
 * Framewise displacement of Power et al. (2012): the sum of the absolute changes of three translations (mm) and three
 * rotations (radians, as arcs of a sphere of 50 mm); NaN for the first.
 * @param motion [samples][6] translations, then rotations
 */
export function framewiseDisplacement(motion: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(motion, (now, i) => {
    if (i === 0) return NaN
    return now.reduce((sum, value, k) => sum + Math.abs(value - motion[i - 1][k]) * (k < 3 ? 1 : 50), 0)
  })
}

/** Above the third quartile by 1.5 interquartile ranges: FSL's `fsl_motion_outliers` and its default. NaN for nothing. */
export function spikeThreshold(values: Float64Array): number {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted()
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  return high + 1.5 * (high - low)
}

/** As numpy's default: linear between neighbours. @param sorted ascending */
export function quantile(sorted: Float64Array | Float32Array, share: number): number {
  if (sorted.length === 0) return NaN
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below])
}

/** Samples of a segment at most. */
const longest = 2048

/**
 * Power spectral density in the square of the unit a hertz, as scipy.signal.periodogram(values, rate) with its defaults
 * (mean removed, one-sided, no window); of longer series the mean over stretches of 2,048 samples that follow one another.
 */
export function powerSpectrum(
  values: Float64Array,
  rate: number,
): { readonly hertz: Float64Array; readonly power: Float64Array } {
  const n = Math.min(values.length, longest)
  const segments = Math.max(1, Math.floor(values.length / n))
  const power = new Float64Array((n >> 1) + 1)
  const [cos, sin] = [Math.cos, Math.sin].map((wave) =>
    Float64Array.from({ length: n }, (_, i) => wave((2 * Math.PI * i) / n)),
  )
  for (let segment = 0; segment < segments; segment++) {
    const part = values.subarray(segment * n, (segment + 1) * n)
    const mean = part.reduce((sum, value) => sum + value, 0) / n
    for (let k = 0; k < power.length; k++) {
      let [re, im] = [0, 0]
      for (let i = 0; i < n; i++) {
        const at = (i * k) % n
        re += (part[i] - mean) * cos[at]
        im += (part[i] - mean) * sin[at]
      }
      const both = k === 0 || 2 * k === n ? 1 : 2
      power[k] += (both * (re * re + im * im)) / (rate * n * segments)
    }
  }
  return { hertz: Float64Array.from(power, (_, k) => (k * rate) / n), power }
}

/** Counts of values in so many bins of one width from the least to the most; one bin's worth where all are equal. */
export function histogramOf(
  values: Float32Array,
  bins: number,
): { readonly edges: Float64Array; readonly counts: Float64Array } {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)]
  if (values.length === 0) return { edges: new Float64Array(0), counts: new Float64Array(0) }
  const width = (most - least || 1) / bins
  const counts = new Float64Array(bins)
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - least) / width))]++
  return { edges: Float64Array.from({ length: bins + 1 }, (_, i) => least + i * width), counts }
}
