/** The studies a user opened last, in a small JSON file of the user's state folder. */
import { access } from 'node:fs/promises'
import { z } from 'zod'
import type { StudyEntry } from '../../contract/study.ts'
import { openStateFile } from './stateFile.ts'

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
  const file = openStateFile(stateDir, 'recent-studies.json', fileSchema, { version: 1, studies: [] })
  const change = (edit: (studies: readonly Remembered[]) => readonly Remembered[]): Promise<void> =>
    file.change(({ studies }) => ({ version: 1, studies: edit(studies).slice(0, maximum) }))
  return {
    async list() {
      const { studies } = await file.read()
      return Promise.all(studies.map(async (study) => ({ ...study, exists: await exists(study.path) })))
    },
    remember: (path, name) =>
      change((studies) => [{ path, name, opened: Date.now() }, ...studies.filter((study) => study.path !== path)]),
    forget: (path) => change((studies) => studies.filter((study) => study.path !== path)),
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
