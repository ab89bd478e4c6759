import { HeschlError } from '../errors.ts'
import type { FileBytes } from '../formats/fileBytes.ts'

/** Samples in the longest recording that is read: 2 GiB in memory; 9.3 h at 16 kHz, 3.1 h at 48 kHz. */
export const mostSamples = 2 ** 29

/** Samples that memory is taken for before they are decoded; more, of a file that promises more, as they come. */
const mostAtFirst = 2 ** 24
const fewestAtFirst = 2 ** 16
/** Samples a byte of a file that are believed beforehand: Opus at 12 kbit/s. What silence compresses to comes as above. */
const mostABytePromised = 32

/** Equal samples at full scale in a row that are a peak cut off, not a peak. */
const leastRun = 3

/**
 * Counts samples that were cut off at full scale: runs of three or more in one channel, all at its largest or all at its
 * smallest value. Sound that peaks there has one such sample, seldom two.
 */
class ClipCount {
  #last = 0
  #run = 0
  samples = 0
  readonly #fullScale: number

  constructor(fullScale: number) {
    this.#fullScale = fullScale
  }

  add(value: number): void {
    if (value < this.#fullScale && value > -this.#fullScale) {
      this.#run = 0
      return
    }
    this.#run = this.#run > 0 && value === this.#last ? this.#run + 1 : 1
    this.#last = value
    if (this.#run === leastRun) this.samples += leastRun
    else if (this.#run > leastRun) this.samples++
  }
}

/** Gathers decoded audio a piece at a time, averaging its channels. */
export class Mono {
  readonly #file: string
  readonly #between: () => void
  readonly #fullScale: number
  readonly #clips: ClipCount[] = []
  #samples: Float32Array<ArrayBuffer>
  #length = 0

  /**
   * @param file what is decoded: the smaller it is, the less of `expected` is believed
   * @param expected the number of samples, or 0 when it is not known; only a hint
   * @param fullScale the largest value that the file's samples can have, of −1 to 1
   * @param between called after every piece; what it throws ends the decoding
   */
  constructor({ path, size }: FileBytes, expected: number, fullScale: number, between: () => void) {
    this.#file = path
    this.#fullScale = fullScale
    this.#between = between
    const believed = Math.min(mostAtFirst, Math.max(fewestAtFirst, mostABytePromised * size))
    this.#samples = new Float32Array(Math.min(expected || fewestAtFirst, believed))
  }

  get length(): number {
    return this.#length
  }

  /** Of all samples of all channels, those that were cut off at full scale: 0 to 1. */
  get clipped(): number {
    const samples = this.#clips.reduce((sum, clip) => sum + clip.samples, 0)
    return samples / Math.max(1, this.#length * this.#clips.length)
  }

  /**
   * Adds samples whose channels alternate: `values[i * channels + c]`.
   * @throws HeschlError AUDIO_INVALID for samples that are not finite, and for recordings that are too long
   */
  addInterleaved(values: Float64Array, channels: number): void {
    const count = values.length / channels
    const samples = this.#reserve(count)
    const clips = this.#clipsOf(channels)
    const at = this.#length
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let c = 0; c < channels; c++) {
        const value = values[i * channels + c]
        clips[c].add(value)
        sum += value
      }
      samples[at + i] = sum / channels
    }
    this.#commit(count)
  }

  /** As `addInterleaved`, for one array a channel, whose values are multiplied by `scale`. */
  addChannels(channels: readonly (Float32Array | Float64Array)[], scale: number): void {
    const count = channels[0]?.length ?? 0
    const samples = this.#reserve(count)
    const clips = this.#clipsOf(channels.length)
    const at = this.#length
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let c = 0; c < channels.length; c++) {
        const value = channels[c][i]
        clips[c].add(value * scale)
        sum += value
      }
      samples[at + i] = (sum * scale) / channels.length
    }
    this.#commit(count)
  }

  /** @throws HeschlError AUDIO_INVALID when nothing was added */
  finish(): Float32Array<ArrayBuffer> {
    if (this.#length === 0) throw this.#invalid('samples', 'none: the recording is empty')
    return this.#length === this.#samples.length ? this.#samples : this.#samples.slice(0, this.#length)
  }

  #clipsOf(channels: number): readonly ClipCount[] {
    while (this.#clips.length < channels) this.#clips.push(new ClipCount(this.#fullScale))
    return this.#clips
  }

  #reserve(count: number): Float32Array {
    const length = this.#length + count
    if (length > mostSamples)
      throw this.#invalid(`at most ${mostSamples.toLocaleString('en')} samples`, 'a longer recording')
    if (length > this.#samples.length) {
      const larger = new Float32Array(Math.min(mostSamples, Math.max(length, 2 * this.#samples.length)))
      larger.set(this.#samples.subarray(0, this.#length))
      this.#samples = larger
    }
    return this.#samples
  }

  #commit(count: number): void {
    const added = this.#samples.subarray(this.#length, this.#length + count)
    const bad = added.findIndex((sample) => !Number.isFinite(sample))
    if (bad >= 0) throw this.#invalid('finite samples', `${added[bad]} at sample ${this.#length + bad}`)
    this.#length += count
    this.#between()
  }

  #invalid(expected: string, found: string): HeschlError {
    return new HeschlError('AUDIO_INVALID', 'This recording cannot be used', {
      where: { file: this.#file },
      expected,
      found,
      remedy: 'Check how it was exported, cut long recordings into runs, or take another copy',
    })
  }
}
