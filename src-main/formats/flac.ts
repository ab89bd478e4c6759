import { createHash } from 'node:crypto'
import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'
import { BitsEnded } from './flacBits.ts'
import { decodeFlacFrame } from './flacFrame.ts'
import type { FlacFrame } from './flacFrame.ts'

export interface FlacInfo {
  readonly rate: number
  readonly channels: number
  readonly bits: number
  /** Samples per channel; 0 when the encoder did not know. */
  readonly length: number
  /** MD5 of the decoded samples, lower-case hexadecimal; null when the encoder did not write it. */
  readonly md5: string | null
}

/** Larger than any frame: 65,536 samples of 8 channels of 33 bits, and the headers. */
const longestFrame = 65_536 * 33 + 4096
/** What is in memory of the file at once. */
const windowBytes = 2 * longestFrame
const mostBlocks = 10_000

/**
 * The STREAMINFO block with which every FLAC file begins (RFC 9639, section 8.2).
 * @throws HeschlError AUDIO_INVALID
 */
export async function parseFlacInfo(file: FileBytes): Promise<FlacInfo> {
  if (file.size < 42) throw invalid(file, 'at least 42 bytes', `${file.size}`)
  const bytes = Buffer.alloc(42)
  await file.read(0, bytes)
  if (bytes.toString('latin1', 0, 4) !== 'fLaC' || (bytes[4] & 0x7f) !== 0 || bytes.readUIntBE(5, 3) !== 34)
    throw invalid(file, 'fLaC and a STREAMINFO block', 'something else')
  const rate = bytes.readUIntBE(18, 3) >> 4
  const channels = ((bytes[20] >> 1) & 7) + 1
  const bits = (((bytes[20] & 1) << 4) | (bytes[21] >> 4)) + 1
  const length = (bytes[21] & 15) * 2 ** 32 + bytes.readUInt32BE(22)
  const md5 = bytes.toString('hex', 26, 42)
  if (rate === 0) throw invalid(file, 'a sample rate above 0', '0 Hz')
  if (bits < 4) throw invalid(file, 'samples of 4 to 32 bits', `${bits} bits`)
  return { rate, channels, bits, length, md5: /^0+$/.test(md5) ? null : md5 }
}

/**
 * The frames of a FLAC file, one array of exact integers a channel. Every frame's CRC is checked, at the end also the
 * length and the MD5 sum of all samples, as far as the file names them.
 *
 * Decoded here because the decoder on npm (@audio/decode-flac 1.3) loses frames whose header falls across two pieces
 * of the input, and taking whole files at once has no bound on memory; it also scales by 2^(bits − 1) − 1.
 *
 * @throws HeschlError AUDIO_INVALID
 */
export async function* flacFrames(file: FileBytes, info: FlacInfo): AsyncGenerator<readonly Float64Array[]> {
  const hash = info.md5 === null ? undefined : createHash('md5')
  let window = new Uint8Array(0)
  let windowStart = await audioStart(file)
  let at = 0
  let length = 0
  while (windowStart + at < file.size && (info.length === 0 || length < info.length)) {
    if (window.length - at < longestFrame && windowStart + window.length < file.size) {
      windowStart += at
      at = 0
      window = new Uint8Array(Math.min(windowBytes, file.size - windowStart))
      await file.read(windowStart, window)
    }
    const { channels, end } = frameAt(file, window, at, windowStart, info)
    at = end
    length += channels[0]?.length ?? 0
    hash?.update(integers(channels, info.bits))
    yield channels
  }
  if (info.length > 0 && length !== info.length)
    throw invalid(
      file,
      `${info.length.toLocaleString('en')} samples, by its header`,
      `${length.toLocaleString('en')}: the file is truncated or damaged`,
    )
  if (hash && hash.digest('hex') !== info.md5)
    throw invalid(file, 'samples with the MD5 sum of its header', 'others: the file is damaged')
}

function frameAt(file: FileBytes, window: Uint8Array, at: number, windowStart: number, info: FlacInfo): FlacFrame {
  try {
    return decodeFlacFrame(window, at, info)
  } catch (error) {
    if (error instanceof BitsEnded) throw invalid(file, 'a whole frame', 'the end of the file: it is truncated')
    if (!(error instanceof RangeError)) throw error
    const expected = `a frame of ${info.channels} channels, ${info.bits} bits, ${info.rate} Hz`
    throw invalid(file, expected, `${error.message}, at byte ${windowStart + at}: the file is truncated or damaged`)
  }
}

/** The byte after the last metadata block. */
async function audioStart(file: FileBytes): Promise<number> {
  let at = 4
  for (let block = 0; block < mostBlocks; block++) {
    if (at + 4 > file.size) break
    const header = Buffer.alloc(4)
    await file.read(at, header)
    at += 4 + header.readUIntBE(1, 3)
    if (header[0] & 0x80) {
      if (at >= file.size) break
      return at
    }
  }
  throw invalid(file, 'frames after the metadata', 'none: the file is truncated')
}

/** Interleaved little-endian integers of whole bytes, of which the MD5 sum is taken (RFC 9639, section 8.2). */
function integers(channels: readonly Float64Array[], bits: number): Buffer {
  const width = Math.ceil(bits / 8)
  const length = channels[0]?.length ?? 0
  const bytes = Buffer.alloc(length * channels.length * width)
  let at = 0
  for (let i = 0; i < length; i++) {
    for (const channel of channels) {
      const value = channel[i]
      for (let byte = 0; byte < width; byte++) bytes[at++] = value >> (8 * byte)
    }
  }
  return bytes
}

function invalid(file: FileBytes, expected: string, found: string): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This FLAC file cannot be used', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Copy the file again, or test it with: flac -t FILE',
  })
}
