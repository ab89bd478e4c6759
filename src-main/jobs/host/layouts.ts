/** How windows are laid out, in a small JSON file of the user's state folder. */
import { z } from 'zod'
import { layoutSchema } from '../../contract/work.ts'
import type { Layout, Layouts } from '../../contract/work.ts'
import { openStateFile } from './stateFile.ts'

const most = 50
const fileSchema = z.object({
  version: z.literal(1),
  current: z.union([layoutSchema, z.null()]),
  saved: z.array(z.object({ name: z.string(), layout: layoutSchema })).max(1000),
})

export interface LayoutList {
  /** Named ones in alphabetical order. */
  list(): Promise<Layouts>
  /** The one that the next window starts with. */
  keep(layout: Layout): Promise<void>
  /** Saves one under a name, in place of one that has it; null forgets the name. */
  name(name: string, layout: Layout | null): Promise<Layouts>
}

/** @param stateDir made when the first layout is remembered */
export function openLayouts(stateDir: string): LayoutList {
  const file = openStateFile(stateDir, 'layouts.json', fileSchema, { version: 1, current: null, saved: [] })
  async function list(): Promise<Layouts> {
    const { current, saved } = await file.read()
    return { current, saved }
  }
  return {
    list,
    keep: (layout) => file.change((value) => ({ ...value, current: { ...layout } })),
    async name(name, layout) {
      await file.change((value) => {
        const others = value.saved.filter((each) => each.name !== name)
        const saved = layout === null ? others : [...others, { name, layout: { ...layout } }].slice(-most)
        return { ...value, saved: saved.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })) }
      })
      return list()
    },
  }
}
