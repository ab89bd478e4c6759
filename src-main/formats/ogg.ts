import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'

export interface OggInfo {
  readonly codec: 'opus' | 'vorbis'
  /** Of the decoded audio: always 48,000 for Opus. */
  readonly rate: number
  readonly channels: number
  /** Samples per channel, from the last page. */
  readonly length: number
}

/** A page is at most 65,307 bytes long, so that a whole one lies within this many bytes of the end. */
const tailBytes = 2 * 65_307
const endOfStream = 4
const mostChannels = 8

/**
 * What the first and the last page of an Ogg file say (RFC 3533, RFC 7845, Vorbis I specification).
 * @throws HeschlError AUDIO_INVALID, also when the last page is not marked as the end: the file is truncated
 */
export async function parseOggInfo(file: FileBytes): Promise<OggInfo> {
  const head = Buffer.alloc(Math.min(file.size, 27 + 255 + 64))
  await file.read(0, head)
  if (head.length < 64 || head.toString('latin1', 0, 4) !== 'OggS') throw invalid(file, 'an Ogg page', 'something else')
  const packet = head.subarray(27 + head[26])
  const opus = packet.toString('latin1', 0, 8) === 'OpusHead'
  if ((!opus && packet.toString('latin1', 0, 7) !== '\x01vorbis') || packet.length < 19)
    throw invalid(file, 'Vorbis or Opus audio', 'another codec')
  const rate = opus ? 48_000 : packet.readUInt32LE(12)
  const channels = opus ? packet[9] : packet[11]
  if (rate === 0) throw invalid(file, 'a sample rate above 0', '0 Hz')
  if (channels === 0 || channels > mostChannels)
    throw invalid(file, `1 to ${mostChannels} channels`, `${channels} channels`)
  const end = await lastGranule(file)
  const length = end - (opus ? packet.readUInt16LE(10) : 0)
  if (!(length > 0 && Number.isSafeInteger(length))) throw invalid(file, 'samples', 'none: the recording is empty')
  return { codec: opus ? 'opus' : 'vorbis', rate, channels, length }
}

async function lastGranule(file: FileBytes): Promise<number> {
  const tail = Buffer.alloc(Math.min(file.size, tailBytes))
  await file.read(file.size - tail.length, tail)
  for (let at = tail.lastIndexOf('OggS'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1)) {
    if (at + 27 > tail.length || tail[at + 4] !== 0) continue
    const segments = tail[at + 26]
    const body = tail.subarray(at + 27, at + 27 + segments).reduce((sum, length) => sum + length, 0)
    if (at + 27 + segments + body !== tail.length || (tail[at + 5] & endOfStream) === 0) break
    return Number(tail.readBigInt64LE(at + 6))
  }
  throw invalid(file, 'a last page marked as the end', 'none: the file is truncated')
}

function invalid(file: FileBytes, expected: string, found: string): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This Ogg file cannot be used', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Copy the file again, or convert it: ffmpeg -i FILE NEW.wav',
  })
}
