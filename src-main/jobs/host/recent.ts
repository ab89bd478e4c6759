/** The studies a user opened last, in a small JSON file of the user's state folder. */
import { access, mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { StudyEntry } from '../../contract/study.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'

const maximum = 30
const fileSchema = z.object({
  version: z.literal(1),
  studies: z.array(z.object({ path: z.string(), name: z.string(), opened: z.number() })).max(1000),
})
type Remembered = z.infer<typeof fileSchema>['studies'][number]

export interface RecentStudies {
  /** Newest first; `exists` is looked up now. */
  list(): Promise<readonly StudyEntry[]>
  /** Puts a study first. */
  remember(path: string, name: string): Promise<void>
  forget(path: string): Promise<void>
}

/** @param stateDir made when the first study is remembered */
export function openRecentStudies(stateDir: string): RecentStudies {
  const file = join(stateDir, 'recent-studies.json')
  // Changes wait for one another: each reads the file again, so that another Heschl's changes are kept.
  let last: Promise<unknown> = Promise.resolve()
  const change = (edit: (studies: readonly Remembered[]) => readonly Remembered[]): Promise<void> => {
    const next = last.then(async () => {
      const studies = edit(await read(file)).slice(0, maximum)
      await mkdir(stateDir, { recursive: true })
      await writeFileAtomic(file, JSON.stringify({ version: 1, studies }, null, 2) + '\n')
    })
    last = next.catch(() => undefined)
    return next
  }
  return {
    async list() {
      await last
      const studies = await read(file)
      return Promise.all(studies.map(async (study) => ({ ...study, exists: await exists(study.path) })))
    },
    remember: (path, name) =>
      change((studies) => [{ path, name, opened: Date.now() }, ...studies.filter((study) => study.path !== path)]),
    forget: (path) => change((studies) => studies.filter((study) => study.path !== path)),
  }
}

/** A list that cannot be understood is set aside under another name, never overwritten. */
async function read(file: string): Promise<readonly Remembered[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const parsed = fileSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data.studies
  await rename(file, `${file}.unreadable`)
  return []
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
