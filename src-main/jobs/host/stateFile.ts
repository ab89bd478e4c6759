/** A small JSON file of the user's state folder, which several Heschls may change. */
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { writeFileAtomic } from '../../formats/atomic.ts'

export interface StateFile<T> {
  /** As it is on the disk now, after the changes asked for so far. */
  read(): Promise<T>
  /** Changes wait for one another: each reads the file again, so that another Heschl's changes are kept. */
  change(edit: (value: T) => T): Promise<void>
}

/**
 * @param stateDir made when something is first written
 * @param empty what there is before that; also what a file that cannot be understood counts as, which is set aside
 *   under another name and never overwritten
 */
export function openStateFile<T>(stateDir: string, name: string, schema: z.ZodType<T>, empty: T): StateFile<T> {
  const file = join(stateDir, name)
  let last: Promise<unknown> = Promise.resolve()
  async function load(): Promise<T> {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return empty
      throw error
    }
    const parsed = schema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    await rename(file, `${file}.unreadable`)
    return empty
  }
  return {
    async read() {
      await last
      return load()
    },
    change(edit) {
      const next = last.then(async () => {
        const value = edit(await load())
        await mkdir(stateDir, { recursive: true })
        await writeFileAtomic(file, JSON.stringify(value, null, 2) + '\n')
      })
      last = next.catch(() => undefined)
      return next
    },
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
