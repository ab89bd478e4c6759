/** What windows ask of jobs beyond starting and cancelling them. */
import { z } from 'zod'

const text = z.string().max(4096)

const name = z.string().min(1).max(40)
/** What a window remembers of its own arrangement, by names of its own: sizes in CSS pixels, what is open. */
export const layoutSchema = z
  .record(name, z.union([z.number(), z.boolean(), z.string().max(200)]))
  .refine((layout) => Object.keys(layout).length <= 64, 'a layout has at most 64 entries')

export const workSchemas = {
  /** Puts a waiting job before another that waits, or last. */
  moveJob: z.strictObject({ job: text, before: z.union([text, z.null()]) }),
  jobLog: z.strictObject({ job: text }),
  /** Takes a job that is over off the list with its log, or all of them. */
  clearJobs: z.strictObject({ job: z.union([text, z.null()]) }),
  layouts: z.strictObject({}),
  /** Remembers how a window is laid out now: the next one starts like it. */
  keepLayout: z.strictObject({ layout: layoutSchema }),
  /** Saves a layout under a name, or with null forgets that name. */
  nameLayout: z.strictObject({ name: z.string().min(1).max(60), layout: z.union([layoutSchema, z.null()]) }),
  /** What windows have kept of a study's view, as JSON texts. */
  remembered: z.strictObject({ study: text }),
  remember: z.strictObject({ study: text, what: z.string().min(1).max(100), text: z.string().max(256 * 1024) }),
  /** The host's own dialog for a folder; null when cancelled or when the host has none. */
  pickFolder: z.strictObject({}),
  /** Opens another window on the same engine; a host without windows of its own refuses. */
  newWindow: z.strictObject({ study: z.union([text, z.null()]) }),
} as const

/** What happened in a job, in words. */
export interface JobLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

export interface LogEntry extends JobLine {
  readonly job: string
}

export interface Cleared {
  readonly jobs: readonly string[]
}

export type Layout = Readonly<z.infer<typeof layoutSchema>>

export interface Layouts {
  /** As the last window left it; null before there was one. */
  readonly current: Layout | null
  readonly saved: readonly { readonly name: string; readonly layout: Layout }[]
}
