import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'

export interface FlacInfo {
  readonly rate: number
  readonly channels: number
  readonly bits: number
  /** Samples per channel; 0 when the encoder did not know. */
  readonly length: number
  /** MD5 of the decoded samples, lower-case hexadecimal; null when the encoder did not write it. */
  readonly md5: string | null
}

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

function invalid(file: FileBytes, expected: string, found: string): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This FLAC file cannot be used', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Copy the file again, or test it with: flac -t FILE',
  })
}
