import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { weight } from './design.ts'
import type { FrameToVolume } from './design.ts'

/** Bins that are summed before they are spread over the volumes: small enough to stay in the cache. */
const binsAtOnce = 32

/**
 * X = H A for activations that arrive a block of frames at a time, so that they are never in memory together.
 *
 * With `scale: 'minmax'` every unit is scaled to 0–1 over all its frames before H. That is affine, so it is applied at
 * the end: X = (H A − (H 1) minᵀ) / range. A unit that never changes gives zeros.
 *
 * Sums are float64 and in the order of the frames: the same blocks give the same bits.
 */
export class Regressors {
  readonly #h: FrameToVolume
  readonly #units: number
  readonly #scale: 'minmax' | 'none'
  /** [volumes, units] H A so far. */
  readonly #sums: Float64Array
  /** [binsAtOnce, units] sums of frames from bin `#binsFrom` on, of which `#binsUsed` are in use. */
  readonly #bins: Float64Array
  #binsFrom = 0
  #binsUsed = 0
  readonly #min: Float32Array
  readonly #max: Float32Array
  #nextFrame = 0

  constructor(h: FrameToVolume, units: number, options: { readonly scale: 'minmax' | 'none' }) {
    this.#h = h
    this.#units = units
    this.#scale = options.scale
    this.#sums = new Float64Array(h.volumes * units)
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
    for (let row = 0; row < block.rows; row++) {
      const frame = firstFrame + row
      const at = row * units
      this.#track(block.data, at, frame)
      const end = this.#h.lastBin(frame)
      for (let bin = this.#h.firstBin(frame); bin < end; bin++) {
        const sums = this.#bins
        const to = this.#slot(bin) * units
        for (let u = 0; u < units; u++) sums[to + u] += block.data[at + u]
      }
    }
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
    const x = zeros32(this.#h.volumes, units)
    for (let u = 0; u < units; u++) {
      const scaled = this.#scale === 'minmax'
      const min = scaled ? this.#min[u] : 0
      const range = scaled ? this.#max[u] - min : 1
      if (range === 0) continue
      for (let v = 0; v < x.rows; v++) {
        x.data[v * units + u] = (this.#sums[v * units + u] - this.#h.ones[v] * min) / range
      }
    }
    return x
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
    if (poison === 0) return
    const unit = data.subarray(at, at + min.length).findIndex((value) => !Number.isFinite(value))
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
    const h = this.#h
    const units = this.#units
    const bins = this.#bins
    const sums = this.#sums
    const from = this.#binsFrom
    const used = this.#binsUsed
    if (used === 0) return
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
    bins.fill(0, 0, used * units)
    this.#binsUsed = 0
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
