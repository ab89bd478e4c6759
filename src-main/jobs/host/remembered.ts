/** What windows remember of each study's view (pins, the tab it was left at), a small JSON file a study. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { openStateFile } from './stateFile.ts'
import type { StateFile } from './stateFile.ts'

const most = 100
const fileSchema = z.object({
  version: z.literal(1),
  study: z.string(),
  /** JSON texts, which mean something to windows alone. */
  values: z.record(z.string(), z.string()),
})
type Content = z.infer<typeof fileSchema>

export interface RememberedViews {
  of(study: string): Promise<Readonly<Record<string, string>>>
  put(study: string, what: string, text: string): Promise<void>
}

export function openRemembered(stateDir: string): RememberedViews {
  const folder = join(stateDir, 'views')
  const files = new Map<string, StateFile<Content>>()
  function fileOf(study: string): StateFile<Content> {
    const known = files.get(study)
    if (known) return known
    const name = `${createHash('sha256').update(study).digest('hex').slice(0, 32)}.json`
    const opened = openStateFile<Content>(folder, name, fileSchema, { version: 1, study, values: {} })
    files.set(study, opened)
    return opened
  }
  return {
    of: async (study) => (await fileOf(study).read()).values,
    put: (study, what, text) =>
      fileOf(study).change(({ values }) => {
        const others = Object.entries(values).filter(([key]) => key !== what)
        return { version: 1, study, values: Object.fromEntries([...others.slice(1 - most), [what, text]]) }
      }),
  }
}
