import { open } from 'node:fs/promises'
import { HeschlError } from '../errors.ts'

/** A file open for reading at any place. */
export interface FileBytes {
  readonly path: string
  /** Bytes, as the file system tells: what a header claims is checked against it before anything is allocated. */
  readonly size: number
  /**
   * Fills `target` from `position` on.
   * @throws HeschlError FORMAT_INVALID when the file ends before that
   */
  readonly read: (position: number, target: Uint8Array) => Promise<void>
  /** The system's number of a file that lies on the disk as it is, for who reads many small pieces. */
  readonly file?: number
}

/** A single read is kept below what any platform takes at once. */
const pieceBytes = 1 << 26

/** A file of at most so many bytes is read once, whole: readers of headers ask for tens of small pieces. */
const smallBytes = 1 << 16

/**
 * Opens a file, hands it to `use` and closes it again.
 *
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, or whatever `use` throws
 */
export async function withFile<Result>(path: string, use: (file: FileBytes) => Promise<Result>): Promise<Result> {
  try {
    const handle = await open(path, 'r')
    try {
      const status = await handle.stat()
      if (!status.isFile())
        throw new HeschlError('FILE_UNREADABLE', 'This is not a file', {
          where: { file: path },
          found: status.isDirectory() ? 'a folder' : 'a device or a pipe',
          remedy: 'Name a file',
        })
      const read = async (position: number, target: Uint8Array) => {
        for (let done = 0; done < target.length;) {
          const length = Math.min(pieceBytes, target.length - done)
          const { bytesRead } = await handle.read(target, done, length, position + done)
          if (bytesRead === 0) throw endsEarly(path, position + target.length, position + done)
          done += bytesRead
        }
      }
      const { size } = status
      return await use({ path, size, file: handle.fd, read: size > smallBytes ? read : readOnce(size, read) })
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw HeschlError.from(error, { file: path })
  }
}

/** `read` of a small file, from memory; past its end it fails as the file does. */
function readOnce(size: number, read: FileBytes['read']): FileBytes['read'] {
  let whole: Promise<Uint8Array> | undefined
  return async (position, target) => {
    if (position + target.length > size) return read(position, target)
    whole ??= (async () => {
      const bytes = new Uint8Array(size)
      await read(0, bytes)
      return bytes
    })()
    target.set((await whole).subarray(position, position + target.length))
  }
}

/** @param expected bytes that the file should have at least; `found`: that it has */
export function endsEarly(path: string, expected: number, found: number): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'The file ends too early', {
    where: { file: path },
    expected: `at least ${expected.toLocaleString('en')} bytes`,
    found: `${found.toLocaleString('en')} bytes`,
    remedy: 'Copy or download the file again',
  })
}
