import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'

/** Four hours of phones in the long form of a TextGrid; a larger file is some other kind. */
const usualBytes = 16 * 1024 * 1024

/**
 * A text file in UTF-8, or in UTF-16 with a byte order mark (as Praat writes it).
 * @param mostBytes a larger file is refused before it is read
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readText(path: string, mostBytes = usualBytes): Promise<string> {
  return withFile(path, async (file) => {
    if (file.size > mostBytes)
      throw notText(path, `at most ${mostBytes.toLocaleString('en')} bytes`, file.size.toLocaleString('en'))
    const bytes = new Uint8Array(file.size)
    await file.read(0, bytes)
    const encoding =
      bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : bytes[0] === 0xff && bytes[1] === 0xfe
          ? 'utf-16le'
          : 'utf-8'
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {
      throw notText(path, `text in ${encoding.toUpperCase()}`, 'bytes that are not')
    }
  })
}

function notText(path: string, expected: string, found: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This file cannot be read as text', {
    where: { file: path },
    expected,
    found,
    remedy: 'Save it as UTF-8',
  })
}
