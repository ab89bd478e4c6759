import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'

/** Some encoders do not count the frame that holds the statement itself: one frame of layer III is at most this long. */
const longestFrame = 1441

/**
 * Checks an MP3 file against the size that most encoders state in its first frame (the Xing or Info header); a file
 * without one cannot be checked.
 *
 * @throws HeschlError AUDIO_INVALID when the file is truncated
 */
export async function checkMp3Size(file: FileBytes): Promise<void> {
  const tag = Buffer.alloc(10)
  if (file.size < tag.length) throw truncated(file, tag.length, file.size)
  await file.read(0, tag)
  // An ID3 tag's size has seven bits a byte.
  const id3 = tag.toString('latin1', 0, 3) === 'ID3'
  const start = id3 ? 10 + tag.subarray(6).reduce((size, byte) => size * 128 + (byte & 0x7f), 0) : 0
  if (start >= file.size) throw truncated(file, start, file.size)
  const frame = Buffer.alloc(Math.min(64, file.size - start))
  await file.read(start, frame)
  const mpeg1 = ((frame[1] >> 3) & 3) === 3
  const mono = frame[3] >> 6 === 3
  const header = 4 + (mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17)
  const name = frame.toString('latin1', header, header + 4)
  if ((name !== 'Xing' && name !== 'Info') || frame.length < header + 16) return
  const flags = frame.readUInt32BE(header + 4)
  if ((flags & 2) === 0) return
  const stated = frame.readUInt32BE(header + (flags & 1 ? 12 : 8))
  if (stated - longestFrame > file.size - start) throw truncated(file, start + stated, file.size)
}

function truncated(file: FileBytes, expected: number, found: number): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This MP3 file is truncated', {
    where: { file: file.path },
    expected: `${expected.toLocaleString('en')} bytes`,
    found: found.toLocaleString('en'),
    remedy: 'Copy the file again',
  })
}
