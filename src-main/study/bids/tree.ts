/** The files below a folder, with what BIDS says in their names. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HeschlError } from '../../errors.ts'

export interface BidsFile {
  /** From the root, with "/". */
  readonly path: string
  readonly name: string
  /** `sub`, `ses`, `task`, `run`, `space`, `hemi`, `desc`…, as the name has them. */
  readonly entities: Readonly<Record<string, string>>
  /** `bold`; empty where the name ends with an entity. */
  readonly suffix: string
  /** From the first dot: `.func.gii`. */
  readonly extension: string
  /** False for a link to content that was never fetched (DataLad, git-annex). */
  readonly there: boolean
}

/** Beyond this a folder is no data set: a disk, or a loop. */
const mostFiles = 1_000_000
const deepest = 16

/** Hears of the files seen so far, a folder at a time, and says whether to stop. */
export type TreeWatch = (files: number) => 'go on' | 'stop'

/**
 * Folders that begin with a dot are passed over; links to folders are not followed, so that there are no loops.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; CANCELLED; FORMAT_INVALID for more files than any data set has
 */
export async function readTree(root: string, watch?: TreeWatch): Promise<readonly BidsFile[]> {
  const files: BidsFile[] = []
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
      throw HeschlError.from(error, { file: join(root, folder) })
    })
    if (watch?.(files.length) === 'stop') throw new HeschlError('CANCELLED', 'Reading the folder was stopped')
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && depth < deepest) await visit(path, depth + 1)
        continue
      }
      if (entry.isSymbolicLink()) {
        const target = await stat(join(root, path)).catch(() => null)
        if (target === null || target.isFile()) files.push(bidsFile(path, target !== null))
      } else if (entry.isFile()) files.push(bidsFile(path, true))
      if (files.length > mostFiles)
        throw new HeschlError('FORMAT_INVALID', 'This folder is no data set', {
          where: { file: root },
          expected: `at most ${mostFiles.toLocaleString('en')} files`,
          found: 'more',
          remedy: 'Name the folder of one data set',
        })
    }
  }
  await visit('', 0)
  return files
}

function bidsFile(path: string, there: boolean): BidsFile {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.indexOf('.', 1)
  const stem = dot < 0 ? name : name.slice(0, dot)
  const parts = stem.split('_')
  const entities: Record<string, string> = {}
  for (const part of parts) {
    const dash = part.indexOf('-')
    if (dash > 0) entities[part.slice(0, dash)] = part.slice(dash + 1)
  }
  const last = parts.at(-1)!
  return {
    ...{ path, name, entities, there },
    suffix: last.includes('-') ? '' : last,
    extension: dot < 0 ? '' : name.slice(dot),
  }
}
