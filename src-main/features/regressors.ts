import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { dot } from '../linalg/vector.ts'
import { weight } from './design.ts'
import type { FrameToVolume } from './design.ts'
import type { Hrf } from './hrf.ts'
import { UnitMoments } from './unitMoments.ts'

/** Of each unit over a run, before the response. */
export type FeatureScale = 'minmax' | 'zscore' | 'none'

/** Bins that are summed before they are spread over the volumes: small enough to stay in the cache. */
const binsAtOnce = 32

/**
 * X = H A for activations that arrive a block of frames at a time, so that they are never in memory together.
 *
 * With `scale: 'minmax'` every unit is scaled to 0–1 over all its frames before H, with `zscore` to mean 0 and SD 1. That is
 * affine, so it is applied at the end: X = (H A − (H 1) minᵀ) / range. A unit that never changes gives zeros.
 *
 * A model of several responses gives [volumes, responses · units]: all units under the first response, then all under the
 * second, and so on. Derivatives are made orthogonal to the regressors of the same unit before them, as nilearn does.
 *
 * Sums are float64 and in the order of the frames: the same blocks give the same bits.
 */
export class Regressors {
  /** One a response; they differ in nothing else. */
  readonly #maps: readonly FrameToVolume[]
  readonly #h: FrameToVolume
  readonly #orthogonal: boolean
  readonly #units: number
  readonly #scale: FeatureScale
  readonly #moments: UnitMoments | undefined
  /** A response each: [volumes, units] H A so far. */
  readonly #sums: readonly Float64Array[]
  /** [binsAtOnce, units] sums of frames from bin `#binsFrom` on, of which `#binsUsed` are in use. */
  readonly #bins: Float64Array
  #binsFrom = 0
  #binsUsed = 0
  readonly #min: Float32Array
  readonly #max: Float32Array
  #nextFrame = 0

  /** @param maps as `frameToVolume` gives them */
  constructor(
    maps: readonly FrameToVolume[],
    units: number,
    options: { readonly scale: FeatureScale; readonly hrf: Hrf },
  ) {
    this.#maps = maps
    this.#h = maps[0]
    this.#units = units
    this.#scale = options.scale
    this.#moments = options.scale === 'zscore' ? new UnitMoments(units) : undefined
    this.#orthogonal = typeof options.hrf === 'string'
    this.#sums = maps.map(({ volumes }) => new Float64Array(volumes * units))
    this.#bins = new Float64Array(binsAtOnce * units)
    this.#min = new Float32Array(units).fill(Infinity)
    this.#max = new Float32Array(units).fill(-Infinity)
  }

  /**
   * Adds frames `firstFrame`, `firstFrame + 1`, … Blocks come in order and without gaps.
   *
   * @param block [frames, units]
   * @throws HeschlError SHAPE_MISMATCH, or NUMERICAL when an activation is not finite
   */
  add(firstFrame: number, block: Matrix32): void {
    const units = this.#units
    if (block.cols !== units || firstFrame !== this.#nextFrame || firstFrame + block.rows > this.#h.frames)
      throw new HeschlError('SHAPE_MISMATCH', 'Activations do not fit the design matrix', {
        expected: `frames from ${this.#nextFrame} to at most ${this.#h.frames}, ${units} units`,
        found: `frames ${firstFrame} to ${firstFrame + block.rows}, ${block.cols} units`,
      })
    for (let row = 0; row < block.rows;) {
      const frame = firstFrame + row
      const bin = this.#h.firstBin(frame)
      const end = this.#h.lastBin(frame)
      if (end === bin + 1 && row + 3 < block.rows && this.#within(frame + 3, bin)) {
        this.#addFour(block.data, row * units, frame, this.#slot(bin) * units)
        row += 4
        continue
      }
      this.#track(block.data, row * units, frame)
      for (let to = bin; to < end; to++) this.#addOne(block.data, row * units, this.#slot(to) * units)
      row += 1
    }
    this.#moments?.add(block)
    this.#spread()
    this.#nextFrame += block.rows
  }

  /**
   * The regressors [volumes, units].
   *
   * @throws HeschlError SHAPE_MISMATCH when frames are still missing
   */
  finish(): Matrix32 {
    if (this.#nextFrame !== this.#h.frames)
      throw new HeschlError('SHAPE_MISMATCH', 'Activations ended before the audio did', {
        expected: `${this.#h.frames} frames`,
        found: `${this.#nextFrame} frames`,
      })
    const units = this.#units
    const { volumes } = this.#h
    const responses = this.#maps.length
    const x = zeros32(volumes, responses * units)
    const columns = this.#maps.map(() => new Float64Array(volumes))
    for (let u = 0; u < units; u++) {
      const [origin, unit] = this.#scaling(u)
      if (unit === 0) continue
      for (const [r, { ones }] of this.#maps.entries()) {
        const sums = this.#sums[r]
        for (let v = 0; v < volumes; v++) columns[r][v] = (sums[v * units + u] - ones[v] * origin) / unit
      }
      if (this.#orthogonal) orthogonalize(columns)
      for (const [r, column] of columns.entries()) {
        for (let v = 0; v < volumes; v++) x.data[v * x.cols + r * units + u] = column[v]
      }
    }
    return x
  }

  /** What a unit is less, and in what it is measured. */
  #scaling(unit: number): readonly [origin: number, unit: number] {
    if (this.#scale === 'none') return [0, 1]
    const [min, max] = [this.#min[unit], this.#max[unit]]
    if (min === max) return [min, 0]
    return this.#moments ? [this.#moments.mean(unit), this.#moments.deviation(unit)] : [min, max - min]
  }

  /** Whether a frame, and so every frame since one that is, is added to this bin alone. */
  #within(frame: number, bin: number): boolean {
    return this.#h.firstBin(frame) === bin && this.#h.lastBin(frame) === bin + 1
  }

  #track(data: Float32Array, at: number, frame: number): void {
    const min = this.#min
    const max = this.#max
    let poison = 0
    for (let u = 0; u < min.length; u++) {
      const value = data[at + u]
      if (value < min[u]) min[u] = value
      if (value > max[u]) max[u] = value
      // 0 for every finite number, NaN for the others.
      poison += value - value
    }
    if (poison !== 0) this.#refuse(data, at, frame)
  }

  #addOne(data: Float32Array, at: number, to: number): void {
    const sums = this.#bins
    const units = this.#units
    for (let u = 0; u < units; u++) sums[to + u] += data[at + u]
  }

  /** `#track` and `#addOne` of four frames of one bin, which reads and writes what is known of a unit once for four. */
  #addFour(data: Float32Array, at: number, frame: number, to: number): void {
    const min = this.#min
    const max = this.#max
    const sums = this.#bins
    const units = this.#units
    const at1 = at + units
    const at2 = at1 + units
    const at3 = at2 + units
    let poison = 0
    for (let u = 0; u < units; u++) {
      const a = data[at + u]
      const b = data[at1 + u]
      const c = data[at2 + u]
      const d = data[at3 + u]
      let low = min[u]
      let high = max[u]
      if (a < low) low = a
      if (b < low) low = b
      if (c < low) low = c
      if (d < low) low = d
      if (a > high) high = a
      if (b > high) high = b
      if (c > high) high = c
      if (d > high) high = d
      min[u] = low
      max[u] = high
      const sum = sums[to + u] + a + b + c + d
      sums[to + u] = sum
      // The sum is finite when all five are: they are float32, or at most 2³¹ of them.
      poison += sum - sum
    }
    if (poison !== 0) for (let i = 0; i < 4; i++) this.#refuse(data, at + i * units, frame + i)
  }

  /** @throws HeschlError NUMERICAL when one of the frame's values is not finite */
  #refuse(data: Float32Array, at: number, frame: number): void {
    const unit = data.subarray(at, at + this.#units).findIndex((value) => !Number.isFinite(value))
    if (unit === -1) return
    throw new HeschlError('NUMERICAL', `An activation is ${data[at + unit]}`, {
      expected: 'finite activations',
      found: `${data[at + unit]} in frame ${frame}, unit ${unit}`,
      remedy: 'Check the checkpoint and the audio: one of them holds values that overflow',
    })
  }

  /** Where a bin's sums are kept; makes room when it lies beyond those in use. */
  #slot(bin: number): number {
    if (this.#binsUsed > 0 && (bin < this.#binsFrom || bin >= this.#binsFrom + binsAtOnce)) this.#spread()
    if (this.#binsUsed === 0) this.#binsFrom = bin
    this.#binsUsed = Math.max(this.#binsUsed, bin - this.#binsFrom + 1)
    return bin - this.#binsFrom
  }

  /** Adds the bins' sums to every volume they reach, and empties them. */
  #spread(): void {
    if (this.#binsUsed === 0) return
    for (const [r, h] of this.#maps.entries()) this.#spreadOver(h, this.#sums[r])
    this.#bins.fill(0, 0, this.#binsUsed * this.#units)
    this.#binsUsed = 0
  }

  #spreadOver(h: FrameToVolume, sums: Float64Array): void {
    const units = this.#units
    const bins = this.#bins
    const from = this.#binsFrom
    const used = this.#binsUsed
    // Four bins at a time: a sum is read and written once for four products.
    const quads = Math.ceil(used / 4)
    for (let v = lowerBound(h.bin, from - 1); v < h.volumes && h.bin[v] < from + used - 1 + h.kernel.length; v++) {
      const to = v * units
      for (let quad = 0; quad < quads; quad++) {
        const bin = from + quad * 4
        const w0 = weight(h, v, bin)
        const w1 = weight(h, v, bin + 1)
        const w2 = weight(h, v, bin + 2)
        const w3 = weight(h, v, bin + 3)
        const b0 = quad * 4 * units
        const b1 = b0 + units
        const b2 = b1 + units
        const b3 = b2 + units
        for (let u = 0; u < units; u++) {
          sums[to + u] += w0 * bins[b0 + u] + w1 * bins[b1 + u] + w2 * bins[b2 + u] + w3 * bins[b3 + u]
        }
      }
    }
  }
}

/** Takes from each column what those before it explain; a column that they explain wholly is left with rounding. */
function orthogonalize(columns: readonly Float64Array[]): void {
  for (const [i, column] of columns.entries()) {
    for (const before of columns.slice(0, i)) {
      const norm = dot(before, before)
      const share = norm === 0 ? 0 : dot(column, before) / norm
      for (let v = 0; v < column.length; v++) column[v] -= share * before[v]
    }
  }
}

/** The first index whose value is at least `value`; values ascend. */
function lowerBound(values: Int32Array, value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
