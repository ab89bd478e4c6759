import { HeschlError } from '../errors.ts'
import { zeros32, type Matrix32 } from '../linalg/matrix.ts'
import { checkDesign, type DesignOptions } from './design.ts'
import type { FeatureScale } from './regressors.ts'
import { UnitMoments } from './unitMoments.ts'

/** An overlap of less than this share of the shorter of frame and sample is rounding. */
const rounding = 1e-6

/**
 * Regressors without a response: row v is the mean of the frames during sample v of the recording, from v · tr to
 * (v + 1) · tr, each weighted by how long it overlaps with it; 0 where there is no sound. Frames may be shorter or longer
 * than samples.
 *
 * Every unit is first scaled over all its frames, as in `Regressors`: a unit that never changes gives zeros. Frames arrive
 * a block at a time and in order; sums are float64 and of one sample at a time.
 */
export class SampleMeans {
  readonly #options: Omit<DesignOptions, 'hrf' | 'oversampling'>
  readonly #units: number
  readonly #scale: FeatureScale
  readonly #moments: UnitMoments | undefined
  readonly #min: Float32Array
  readonly #max: Float32Array
  /** [volumes, units], unscaled until `finish`. */
  readonly #x: Matrix32
  /** Samples that a frame overlaps with. */
  readonly #heard: Uint8Array
  /** The sample that is being summed, and its sum and weight so far. */
  #sample = -1
  readonly #sum: Float64Array
  #weight = 0
  #nextFrame = 0

  /** @throws HeschlError OPTION_INVALID */
  constructor(options: Omit<DesignOptions, 'hrf' | 'oversampling'>, units: number, scale: FeatureScale) {
    checkDesign({ ...options, oversampling: 1 })
    this.#options = options
    this.#units = units
    this.#scale = scale
    this.#moments = scale === 'zscore' ? new UnitMoments(units) : undefined
    this.#min = new Float32Array(units).fill(Infinity)
    this.#max = new Float32Array(units).fill(-Infinity)
    this.#x = zeros32(options.volumes, units)
    this.#heard = new Uint8Array(options.volumes)
    this.#sum = new Float64Array(units)
  }

  /**
   * Adds frames `firstFrame`, `firstFrame + 1`, … Blocks come in order and without gaps.
   *
   * @param block [frames, units]
   * @throws HeschlError SHAPE_MISMATCH, or NUMERICAL when an activation is not finite
   */
  add(firstFrame: number, block: Matrix32): void {
    const { frames, tr, hopSeconds, audioStart, volumes } = this.#options
    const units = this.#units
    if (block.cols !== units || firstFrame !== this.#nextFrame || firstFrame + block.rows > frames)
      throw new HeschlError('SHAPE_MISMATCH', 'Activations do not fit the design matrix', {
        expected: `frames from ${this.#nextFrame} to at most ${frames}, ${units} units`,
        found: `frames ${firstFrame} to ${firstFrame + block.rows}, ${block.cols} units`,
      })
    const least = rounding * Math.min(tr, hopSeconds)
    for (let row = 0; row < block.rows; row++) {
      const frame = firstFrame + row
      this.#track(block.data, row * units, frame)
      const start = audioStart + frame * hopSeconds
      const end = audioStart + (frame + 1) * hopSeconds
      const first = Math.max(0, Math.floor(start / tr) - 1)
      for (let sample = first; sample < volumes && sample * tr < end; sample++) {
        const overlap = Math.min(end, (sample + 1) * tr) - Math.max(start, sample * tr)
        if (overlap > least) this.#addTo(sample, overlap, block.data, row * units)
      }
    }
    this.#moments?.add(block)
    this.#nextFrame += block.rows
  }

  /**
   * The regressors [volumes, units].
   *
   * @throws HeschlError SHAPE_MISMATCH when frames are still missing
   */
  finish(): Matrix32 {
    if (this.#nextFrame !== this.#options.frames)
      throw new HeschlError('SHAPE_MISMATCH', 'Activations ended before the audio did', {
        expected: `${this.#options.frames} frames`,
        found: `${this.#nextFrame} frames`,
      })
    this.#close()
    const { data, rows, cols } = this.#x
    if (this.#scale === 'none') return this.#x
    for (let u = 0; u < cols; u++) {
      const [origin, unit] = this.#scaling(u)
      for (let v = 0; v < rows; v++) {
        const at = v * cols + u
        data[at] = unit === 0 || this.#heard[v] === 0 ? 0 : (data[at] - origin) / unit
      }
    }
    return this.#x
  }

  /** What a unit is less, and in what it is measured. */
  #scaling(unit: number): readonly [origin: number, unit: number] {
    const [min, max] = [this.#min[unit], this.#max[unit]]
    if (min === max) return [min, 0]
    return this.#moments ? [this.#moments.mean(unit), this.#moments.deviation(unit)] : [min, max - min]
  }

  /** Samples come in order, since frames do. */
  #addTo(sample: number, weight: number, data: Float32Array, at: number): void {
    if (sample !== this.#sample) {
      // A frame that is longer than a sample gives the next ones, too: those before it are complete.
      this.#close()
      this.#sample = sample
    }
    const sum = this.#sum
    for (let u = 0; u < sum.length; u++) sum[u] += weight * data[at + u]
    this.#weight += weight
  }

  #close(): void {
    if (this.#weight > 0) {
      const to = this.#sample * this.#units
      for (let u = 0; u < this.#units; u++) this.#x.data[to + u] = this.#sum[u] / this.#weight
      this.#heard[this.#sample] = 1
    }
    this.#sum.fill(0)
    this.#weight = 0
  }

  #track(data: Float32Array, at: number, frame: number): void {
    const min = this.#min
    const max = this.#max
    for (let u = 0; u < min.length; u++) {
      const value = data[at + u]
      if (value < min[u]) min[u] = value
      if (value > max[u]) max[u] = value
      if (!Number.isFinite(value))
        throw new HeschlError('NUMERICAL', `An activation is ${value}`, {
          expected: 'finite activations',
          found: `${value} in frame ${frame}, unit ${u}`,
          remedy: 'Check the checkpoint and the audio: one of them holds values that overflow',
        })
    }
  }
}
