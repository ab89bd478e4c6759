import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, open, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HeschlError } from '../../errors.ts'

/**
 * A folder beside a command's results, for the engine to write them in: whatever ends the engine, half a file never
 * stands under a name that the user asked for. It is removed when `use` has ended, or the host's process ends.
 *
 * @param folder where the results go, on the same disk; made where it is missing if `make` says so
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, DISK_FULL, or whatever `use` throws
 */
export async function withScratch<T>(folder: string, make: boolean, use: (scratch: string) => Promise<T>): Promise<T> {
  const { scratch, made } = await inFolder(folder, async () => {
    const made = make && (await mkdir(folder, { recursive: true })) !== undefined
    return { scratch: await mkdtemp(join(folder, '.heschl-')), made }
  })
  const removeNow = () => rmSync(scratch, { recursive: true, force: true })
  process.once('exit', removeNow)
  try {
    return await use(scratch)
  } finally {
    process.off('exit', removeNow)
    await rm(scratch, { recursive: true, force: true })
    // A folder that was made for results that did not come; one that has them stays.
    if (made) await rmdir(folder).catch(() => undefined)
  }
}

/**
 * Flushes files of the scratch folder to the disk and gives them their names, in the order given.
 * @throws HeschlError FILE_UNREADABLE (a folder of that name is in the way), DISK_FULL
 */
export async function publish(files: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  for (const { from, to } of files)
    await inFolder(to, async () => {
      const handle = await open(from, 'r+')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(from, to)
    })
}

async function inFolder<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    throw HeschlError.from(error, { file })
  }
}
