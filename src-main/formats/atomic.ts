import { open, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'

/** What is written: one buffer or text, or pieces made as they are needed, so that a large file is never in memory. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Writes a file so that it is there whole or not at all, whenever the process or the machine stops: to a temporary
 * file in the same folder, flushed to the disk, then renamed over `path`.
 *
 * @throws the system's own error (ENOSPC, EACCES…), or what the content's iterator throws; nothing is left behind and
 *   what was at `path` is unchanged
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`)
  try {
    const file = await open(temporary, 'wx')
    try {
      if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content)
      else for await (const piece of content) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    // Of the file that was asked for, not of one that nobody has heard of.
    if (error instanceof Error && 'path' in error && error.path === temporary) error.path = path
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes the rename itself durable; not every system lets a folder be opened (Windows does not), which loses nothing. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (!handle) return
  try {
    await handle.sync()
  } catch {
    // Some file systems refuse to flush a folder; the file's own content is on the disk already.
  } finally {
    await handle.close()
  }
}
