import { hop, sampleRate } from '../../features/frames.ts'
import { melFrames } from '../../features/mel.ts'
import { wavOf } from '../../formats/wavWrite.ts'
import { loadHeard } from '../../stimuli/index.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext, StepResult } from '../context.ts'
import type { ListenTask, PictureTask } from '../tasks.ts'
import { stampOf } from '../stamp.ts'

/** Seconds of a part that is played. */
export const partSeconds = 20
/** Samples of one pair of peaks: 2.5 ms. */
export const peakSamples = 40
/** Bands of the spectrogram that is looked at, and decibels from its loudest to its darkest. */
export const pictureBands = 48
const darkest = 80
/** Bytes of decoded audio that are kept: an hour takes 115 MB. */
const mostKept = 400e6
/** Frames between two looks at whether the user has cancelled. */
const framesBetween = 2000

interface Heard {
  /** 16 kHz mono. */
  readonly samples: Int16Array
  readonly facts: HeardFacts
}

/** What a stimulus's file says of itself, and what its samples do. */
export interface HeardFacts {
  /** Of the file: samples a second, channels. */
  readonly rate: number
  readonly channels: number
  readonly seconds: number
  /** Share of the file's samples in runs at full scale. */
  readonly clipped: number
  /** Largest absolute sample and root mean square, 0–1. */
  readonly peak: number
  readonly rms: number
}

/** Stimuli as they are looked at and listened to; what was decoded is kept for the next part. */
export class HeardAudio {
  readonly #kept = new Map<string, Heard>()

  /**
   * What a stimulus looks like at its finest: `peaks` uint16 [pairs, 2], least and most of each 2.5 ms, 32768 for 0,
   * and `mel` uint8 [frames, 48] of each 10 ms, 255 the loudest of the recording and 0 what is 80 dB below it or less.
   * @throws HeschlError as `decodeAudio`
   */
  async picture({ audio }: PictureTask, context: StepContext): Promise<StepResult> {
    const { samples, facts } = await this.#heard(audio, context)
    const pairs = Math.ceil(samples.length / peakSamples)
    const peaks = new Uint16Array(2 * pairs)
    for (let pair = 0; pair < pairs; pair++) {
      let [least, most] = [0, 0]
      for (let i = pair * peakSamples; i < Math.min(samples.length, (pair + 1) * peakSamples); i++) {
        least = Math.min(least, samples[i])
        most = Math.max(most, samples[i])
      }
      peaks.set([least + 32768, most + 32768], 2 * pair)
    }
    const mel = await spectrogram(samples, context)
    const frames = mel.length / pictureBands
    return {
      arrays: [
        { name: 'peaks', shape: [pairs, 2], data: peaks },
        { name: 'mel', shape: [frames, pictureBands], data: mel },
      ],
      provenance: { ...facts },
    }
  }

  /**
   * A part of 20 s as the bytes of a WAV file of its own, 16 kHz mono: `wav` uint8. The last part is shorter.
   * @throws HeschlError as `decodeAudio`
   */
  async listen({ audio, part }: ListenTask, context: StepContext): Promise<StepResult> {
    const { samples, facts } = await this.#heard(audio, context)
    const length = partSeconds * sampleRate
    const bytes = wavOf(samples.subarray(part * length, (part + 1) * length), sampleRate)
    return { arrays: [{ name: 'wav', shape: [bytes.length], data: bytes }], provenance: { ...facts } }
  }

  async #heard(audio: string, context: StepContext): Promise<Heard> {
    const key = `${audio} ${stampOf(audio)}`
    const known = this.#kept.get(key)
    if (known) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    const { samples, rate, channels, seconds, clipped } = await loadHeard(audio, () => throwIfCancelled(context))
    const whole = new Int16Array(samples.length)
    let [peak, square] = [0, 0]
    for (let i = 0; i < samples.length; i++) {
      whole[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768)))
      peak = Math.max(peak, Math.abs(samples[i]))
      square += samples[i] ** 2
    }
    const rms = samples.length > 0 ? Math.sqrt(square / samples.length) : 0
    const heard = { samples: whole, facts: { rate, channels, seconds, clipped, peak, rms } }
    this.#kept.set(key, heard)
    const held = () => [...this.#kept.values()].reduce((sum, one) => sum + one.samples.byteLength, 0)
    for (const oldest of this.#kept.keys()) if (held() > mostKept && this.#kept.size > 1) this.#kept.delete(oldest)
    return heard
  }
}

async function spectrogram(samples: Int16Array, context: StepContext): Promise<Uint8Array> {
  const frames = Math.ceil(samples.length / hop)
  const decibels = new Float32Array(frames * pictureBands)
  const write = melFrames(
    Float32Array.from(samples, (value) => value / 32768),
    pictureBands,
  )
  const out = new Float64Array(pictureBands)
  let loudest = -Infinity
  for (let frame = 0; frame < frames; frame++) {
    write(frame, out)
    decibels.set(out, frame * pictureBands)
    for (const value of out) loudest = Math.max(loudest, value)
    if (frame % framesBetween !== 0) continue
    throwIfCancelled(context)
    context.progress({ fraction: frame / frames })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Uint8Array.from(decibels, (value) => Math.round(255 * Math.max(0, 1 + (value - loudest) / darkest)))
}
