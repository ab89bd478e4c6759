import { HeschlError } from '../errors.ts'

/** Samples in the longest recording that is read: 2 GiB in memory; 9.3 h at 16 kHz, 3.1 h at 48 kHz. */
export const mostSamples = 2 ** 29

/** Gathers decoded audio a piece at a time, averaging its channels. */
export class Mono {
  readonly #file: string
  readonly #between: () => void
  #samples: Float32Array<ArrayBuffer>
  #length = 0

  /**
   * @param expected the number of samples, or 0 when it is not known; only a hint
   * @param between called after every piece; what it throws ends the decoding
   */
  constructor(file: string, expected: number, between: () => void) {
    this.#file = file
    this.#between = between
    this.#samples = new Float32Array(Math.min(expected || 2 ** 16, 2 ** 24))
  }

  get length(): number {
    return this.#length
  }

  /**
   * Adds samples whose channels alternate: `values[i * channels + c]`.
   * @throws HeschlError AUDIO_INVALID for samples that are not finite, and for recordings that are too long
   */
  addInterleaved(values: Float64Array, channels: number): void {
    const count = values.length / channels
    const samples = this.#reserve(count)
    const at = this.#length
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let c = 0; c < channels; c++) sum += values[i * channels + c]
      samples[at + i] = sum / channels
    }
    this.#commit(count)
  }

  /** As `addInterleaved`, for one array a channel, whose values are multiplied by `scale`. */
  addChannels(channels: readonly (Float32Array | Float64Array)[], scale: number): void {
    const count = channels[0]?.length ?? 0
    const samples = this.#reserve(count)
    const at = this.#length
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (const channel of channels) sum += channel[i]
      samples[at + i] = (sum * scale) / channels.length
    }
    this.#commit(count)
  }

  /** @throws HeschlError AUDIO_INVALID when nothing was added */
  finish(): Float32Array<ArrayBuffer> {
    if (this.#length === 0) throw this.#invalid('samples', 'none: the recording is empty')
    return this.#length === this.#samples.length ? this.#samples : this.#samples.slice(0, this.#length)
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
