import decode from 'audio-decode'
import type { StreamDecoder } from 'audio-decode'
import { HeschlError } from '../errors.ts'
import type { FileBytes } from '../formats/fileBytes.ts'
import type { FlacInfo } from '../formats/flac.ts'
import { FlacSamples } from './flacSamples.ts'
import { Mono } from './mono.ts'

export interface Decoded {
  readonly samples: Float32Array
  readonly rate: number
  readonly channels: number
}

/** What the header promises; absent for MP3, which has no such header. */
export interface Promised {
  readonly rate: number
  readonly channels: number
  /** 0 when not known. */
  readonly length: number
  readonly flac?: FlacInfo
}

const decoders = { flac: decode.flac, opus: decode.opus, vorbis: decode.oga, mp3: decode.mp3 }

/**
 * Bytes decoded at a time. Small, because a few bytes may stand for many samples: the densest FLAC frames (silence,
 * 65,535 samples) make about 270 MB of these, where a whole file at once could fill any memory.
 */
const bytesAtOnce = 4096

/**
 * Decodes FLAC, Ogg Vorbis, Ogg Opus or MP3 with audio-decode, averaging the channels, and holds the result against
 * what the header promised: rate, channels, length, and for FLAC the MD5 of the samples.
 *
 * @throws HeschlError AUDIO_INVALID
 */
export async function decodeCompressed(
  file: FileBytes,
  codec: keyof typeof decoders,
  promised?: Promised,
): Promise<Decoded> {
  const mono = new Mono(file.path, promised?.length ?? 0)
  const flac = promised?.flac && new FlacSamples(promised.flac)
  let rate = promised?.rate ?? 0
  let channels = promised?.channels ?? 0
  const take = ({ channelData, sampleRate }: Awaited<ReturnType<StreamDecoder>>) => {
    if (channelData.length === 0) return
    rate ||= sampleRate
    if (!promised) channels = Math.max(channels, channelData.length)
    if (sampleRate !== rate || (promised && channelData.length !== channels))
      throw invalid(file, `${channels} channels at ${rate} Hz throughout`, `${channelData.length} at ${sampleRate} Hz`)
    flac?.restore(channelData)
    mono.addChannels(channelData)
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
  if (flac && !flac.sound())
    throw invalid(file, 'samples with the MD5 sum of its header', 'others: the file is damaged')
  return { samples, rate, channels }
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
