import decode from 'audio-decode'
import type { StreamDecoder } from 'audio-decode'
import { HeschlError } from '../errors.ts'
import type { FileBytes } from '../formats/fileBytes.ts'
import { Mono } from './mono.ts'

export interface Decoded {
  readonly samples: Float32Array
  readonly rate: number
  readonly channels: number
  /** Of all samples, those that were cut off at full scale: 0 to 1. */
  readonly clipped: number
}

/** What the header promises; absent for MP3, which has no such header. */
export interface Promised {
  readonly rate: number
  readonly channels: number
  readonly length: number
}

const decoders = { opus: decode.opus, vorbis: decode.oga, mp3: decode.mp3 }

/** Bytes decoded at a time. Small, because a byte may stand for 120 ms of Opus: a whole file could fill any memory. */
const bytesAtOnce = 4096

/**
 * Decodes Ogg Vorbis, Ogg Opus or MP3 with audio-decode, averaging the channels, and holds the result against what the
 * header promised: rate, channels, length.
 *
 * @param between called after every piece; what it throws ends the decoding
 * @throws HeschlError AUDIO_INVALID
 */
export async function decodeCompressed(
  file: FileBytes,
  codec: keyof typeof decoders,
  between: () => void,
  promised?: Promised,
): Promise<Decoded> {
  const mono = new Mono(file, promised?.length ?? 0, 1, between)
  let rate = promised?.rate ?? 0
  let channels = promised?.channels ?? 0
  const take = ({ channelData, sampleRate }: Awaited<ReturnType<StreamDecoder>>) => {
    if (channelData.length === 0) return
    rate ||= sampleRate
    if (!promised) channels = Math.max(channels, channelData.length)
    if (sampleRate !== rate || (promised && channelData.length !== channels))
      throw invalid(file, `${channels} channels at ${rate} Hz throughout`, `${channelData.length} at ${sampleRate} Hz`)
    mono.addChannels(channelData, 1)
  }
  try {
    const decoder = await decoders[codec]()
    try {
      for (let at = 0; at < file.size; at += bytesAtOnce) {
        const piece = new Uint8Array(Math.min(bytesAtOnce, file.size - at))
        await file.read(at, piece)
        take(await decoder(piece))
      }
      take(await decoder.flush())
    } finally {
      decoder.free()
    }
  } catch (error) {
    if (error instanceof HeschlError) throw error
    throw invalid(file, `sound ${codec} audio`, error instanceof Error ? error.message : String(error), error)
  }
  if (promised && promised.length > 0 && mono.length < promised.length)
    throw invalid(
      file,
      `${promised.length.toLocaleString('en')} samples, by its header`,
      `${mono.length.toLocaleString('en')}: the file is truncated or damaged`,
    )
  const samples = mono.finish()
  return { samples, rate, channels, clipped: mono.clipped }
}

function invalid(file: FileBytes, expected: string, found: string, cause?: unknown): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This recording cannot be decoded', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Copy the file again, or convert it: ffmpeg -i FILE NEW.wav',
    cause,
  })
}
