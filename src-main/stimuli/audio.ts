import { HeschlError } from '../errors.ts'
import { withFile } from '../formats/fileBytes.ts'
import type { FileBytes } from '../formats/fileBytes.ts'
import { flacFrames, parseFlacInfo } from '../formats/flac.ts'
import { checkMp3Size } from '../formats/mp3.ts'
import { parseOggInfo } from '../formats/ogg.ts'
import { decodeWavSamples, parseWavHeader } from '../formats/wav.ts'
import { decodeCompressed } from './compressed.ts'
import type { Decoded } from './compressed.ts'
import { Mono, mostSamples } from './mono.ts'
import { resample } from './resample.ts'

export interface AudioInfo {
  /** Samples a second. */
  readonly rate: number
  /** In the file. */
  readonly channels: number
  readonly seconds: number
}

interface Audio extends AudioInfo {
  /** The mean of the channels, −1 to 1. */
  readonly samples: Float32Array
}

/** Samples a second of the speech that models hear. */
const speechRate = 16_000

/**
 * Decodes WAV, FLAC, Ogg Vorbis, Ogg Opus or MP3 (told by its content, not by its name) to mono.
 *
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, AUDIO_INVALID: empty, truncated, damaged, a sample rate of 0, a
 *   sample that is not finite, a header that cannot be true, or another format
 */
export async function decodeAudio(path: string): Promise<Audio> {
  return withFile(path, async (file) => {
    const { samples, rate, channels } = await decodeAny(file, nothing)
    return { samples, rate, channels, seconds: samples.length / rate }
  })
}

/**
 * Rate, channels and length from the header alone, where there is one; MP3 (and FLAC of unknown length) are decoded.
 * @throws HeschlError as `decodeAudio`, as far as the header tells
 */
export async function audioInfo(path: string): Promise<AudioInfo> {
  return withFile(path, async (file) => {
    const { rate, channels, length } = await headerOf(file)
    return { rate, channels, seconds: length / rate }
  })
}

/**
 * Speech as models take it: 16 kHz, mono, −1 to 1.
 *
 * @param between called between pieces of well under a second; what it throws (once the user has cancelled) ends it
 * @param clipping `accept`: a recording whose peaks were cut off is taken as it is
 * @throws HeschlError as `decodeAudio`; AUDIO_CLIPPED
 */
export async function loadSpeech(
  path: string,
  between: () => void = nothing,
  clipping: 'refuse' | 'accept' = 'refuse',
): Promise<Float32Array> {
  const { samples, clipped } = await loadHeard(path, between)
  if (clipping === 'refuse' && clipped > mostClipped) throw clips(path, clipped)
  return samples
}

/** What was heard, to look at and listen to. */
interface Heard extends AudioInfo {
  /** 16 kHz mono, −1 to 1, whether peaks are cut off or not. */
  readonly samples: Float32Array
  /** Share of the file's samples in runs at full scale. */
  readonly clipped: number
}

/** As `loadSpeech`, of any recording, with what its file says of itself. @throws HeschlError as `decodeAudio` */
export async function loadHeard(path: string, between: () => void = nothing): Promise<Heard> {
  const { samples, rate, channels, clipped } = await withFile(path, (file) => decodeAny(file, between))
  const seconds = samples.length / rate
  return { samples: resample(samples, rate, speechRate, between), rate, channels, seconds, clipped }
}

const nothing = () => undefined

/**
 * Samples cut off at full scale that pass, of all: a word too loud in half an hour. Cut-off peaks add harmonics that no
 * listener's model was trained on, so that more than these have to be accepted by whoever knows the recording.
 */
const mostClipped = 1e-4

function clips(file: string, clipped: number): HeschlError {
  return new HeschlError('AUDIO_CLIPPED', 'This recording clips: its peaks are cut off', {
    where: { file },
    expected: `at most ${mostClipped * 100} % of its samples in runs at full scale`,
    found: `${(clipped * 100).toPrecision(2)} %`,
    remedy:
      'Take a copy that was recorded or normalised lower; to use it as it is, `clipped: accept` or --accept-clipping',
  })
}

type Kind = 'wav' | 'flac' | 'ogg' | 'mp3'

async function decodeAny(file: FileBytes, between: () => void): Promise<Decoded> {
  const kind = await kindOf(file)
  if (kind === 'wav') return decodeWav(file, between)
  if (kind === 'mp3') {
    await checkMp3Size(file)
    return decodeCompressed(file, 'mp3', between)
  }
  if (kind === 'ogg') {
    const info = await parseOggInfo(file)
    return decodeCompressed(file, info.codec, between, info)
  }
  return decodeFlac(file, between)
}

async function decodeFlac(file: FileBytes, between: () => void): Promise<Decoded> {
  const info = await parseFlacInfo(file)
  const mono = new Mono(file, info.length, 1 - 2 ** (1 - info.bits), between)
  const scale = 2 ** -(info.bits - 1)
  for await (const channels of flacFrames(file, info)) mono.addChannels(channels, scale)
  return { samples: mono.finish(), rate: info.rate, channels: info.channels, clipped: mono.clipped }
}

async function headerOf(file: FileBytes): Promise<{ rate: number; channels: number; length: number }> {
  const kind = await kindOf(file)
  if (kind === 'wav') return parseWavHeader(file)
  if (kind === 'ogg') return parseOggInfo(file)
  const flac = kind === 'flac' ? await parseFlacInfo(file) : undefined
  if (flac && flac.length > 0) return flac
  const { samples, rate, channels } = await decodeAny(file, nothing)
  return { rate, channels, length: samples.length }
}

async function decodeWav(file: FileBytes, between: () => void): Promise<Decoded> {
  const header = await parseWavHeader(file)
  const { rate, channels, frameBytes, dataStart, length } = header
  if (length > mostSamples)
    throw new HeschlError('AUDIO_INVALID', 'This recording is too long', {
      where: { file: file.path },
      expected: `at most ${mostSamples.toLocaleString('en')} samples`,
      found: length.toLocaleString('en'),
      remedy: 'Cut it into runs',
    })
  const mono = new Mono(file, length, header.kind === 'float' ? 1 : 1 - 2 ** (1 - header.bits), between)
  const framesAtOnce = Math.ceil((1 << 20) / frameBytes)
  for (let frame = 0; frame < length; frame += framesAtOnce) {
    const bytes = new Uint8Array(Math.min(framesAtOnce, length - frame) * frameBytes)
    await file.read(dataStart + frame * frameBytes, bytes)
    mono.addInterleaved(decodeWavSamples(header, bytes), channels)
  }
  return { samples: mono.finish(), rate, channels, clipped: mono.clipped }
}

async function kindOf(file: FileBytes): Promise<Kind> {
  if (file.size === 0) throw unknown(file, 'an empty file')
  const bytes = Buffer.alloc(Math.min(4, file.size))
  await file.read(0, bytes)
  const start = bytes.toString('latin1')
  if (start === 'RIFF' || start === 'RF64') return 'wav'
  if (start === 'fLaC') return 'flac'
  if (start === 'OggS') return 'ogg'
  // Eleven bits of 1 begin an MPEG audio frame, in which a layer of 0 is reserved.
  const mpeg = bytes[0] === 0xff && (bytes[1] & 0xe0) === 0xe0 && (bytes[1] & 0x06) !== 0
  if (start.startsWith('ID3') || mpeg) return 'mp3'
  throw unknown(file, `a file that begins with ${JSON.stringify(start)}`)
}

function unknown(file: FileBytes, found: string): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This is not a kind of audio that Heschl reads', {
    where: { file: file.path },
    expected: 'WAV, FLAC, Ogg Vorbis, Ogg Opus or MP3',
    found,
    remedy: 'Convert it: ffmpeg -i FILE NEW.wav',
  })
}
