/**
 * Jobs of this Heschl and of those before it, with their logs, in the user's state folder: `jobs/ID.json` and
 * `jobs/ID.log`. A file a job, so that several Heschls do not write the same one, and a log that only grows, so that
 * nothing is lost whatever ends.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Job } from '../../contract/study.ts'
import type { JobLine } from '../../contract/work.ts'
import { errorCodes, HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import type { EngineHandle } from '../engineHandle.ts'
import { JobLog, readLog } from './jobLog.ts'
import { parseJson } from './stateFile.ts'

export interface JobHistory {
  /** In the order in which they were asked for; those that wait in the order in which they will run. */
  list(): Promise<readonly Job[]>
  lines(job: string): Promise<readonly JobLine[]>
  /** Takes a job that is over off the list, or with null all of them. @returns those that went */
  clear(job: string | null): Promise<readonly string[]>
  /** Once everything heard so far is on the disk. */
  settled(): Promise<void>
  /** Stops listening: what ends from here on was cut off, and the next Heschl says so. */
  close(): Promise<void>
}

const kept = 200
/** Milliseconds between writes of a job's progress. */
const often = 5000
const id = /^[\w-]{1,64}$/
const time = z.number().nullable()
const serialized = z.looseObject({ code: z.enum(errorCodes), summary: z.string(), message: z.string() })
const schema = z.object({
  version: z.literal(1),
  /** The process that runs it. */
  process: z.number().int(),
  job: z.object({
    ...{ id: z.string().regex(id), study: z.string(), label: z.string() },
    state: z.enum(['queued', 'running', 'cancelling', 'cancelled', 'done', 'failed']),
    ...{ asked: z.number(), began: time, ended: time, place: time },
    ...{ step: z.string(), stepsDone: z.number(), stepsTotal: z.number(), stepsCached: z.number() },
    ...{ fraction: z.number(), secondsLeft: time, secondsElapsed: z.number(), rate: z.string() },
    ...{ memoryBytes: z.number(), error: serialized.nullable() },
  }),
})

interface Entry {
  job: Job
  /** null for a job of an earlier Heschl, whose log is read when it is asked for. */
  log: JobLog | null
  writing: Promise<void>
  /** performance.now() of the last write. */
  wrote: number
}

export function openJobHistory(stateDir: string, engine: Pick<EngineHandle, 'on'>): JobHistory {
  const folder = join(stateDir, 'jobs')
  const entries = new Map<string, Entry>()
  const file = (job: string, kind: 'json' | 'log') => join(folder, `${job}.${kind}`)

  function entryOf(job: Job): Entry {
    const known = entries.get(job.id)
    if (known) return known
    const entry: Entry = { job, log: new JobLog(file(job.id, 'log')), writing: Promise.resolve(), wrote: -Infinity }
    entries.set(job.id, entry)
    return entry
  }

  function write(entry: Entry): void {
    entry.wrote = performance.now()
    const next = async () => {
      // Cleared in the meantime.
      if (!entries.has(entry.job.id)) return
      await mkdir(folder, { recursive: true })
      const text = JSON.stringify({ version: 1, process: process.pid, job: entry.job })
      await writeFileAtomic(file(entry.job.id, 'json'), text)
    }
    // The list in the window is whole without the file; the next write tries again.
    entry.writing = entry.writing.then(next).catch(() => undefined)
  }

  const stopJobs = engine.on('job', (job) => {
    const entry = entryOf(job)
    const before = entry.job
    entry.job = job
    const first = entry.wrote === -Infinity
    if (first || before.state !== job.state || performance.now() - entry.wrote > often) write(entry)
  })
  const stopLog = engine.on('log', ({ job, at, text }) => entries.get(job)?.log?.add({ at, text }))

  const earlier = load(folder).then((jobs) => {
    for (const { job, lost } of jobs) {
      if (entries.has(job.id)) continue
      const entry: Entry = { job, log: null, writing: Promise.resolve(), wrote: 0 }
      entries.set(job.id, entry)
      if (lost) write(entry)
    }
  })

  async function settled() {
    await earlier
    for (const { log, writing } of entries.values()) {
      await log?.written()
      await writing
    }
  }

  return {
    async list() {
      await earlier
      const jobs = [...entries.values()].map(({ job }) => job)
      return jobs.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0) || a.asked - b.asked)
    },
    async lines(job) {
      await earlier
      const entry = entries.get(job)
      if (!entry) throw new HeschlError('OPTION_INVALID', 'There is no such job', { found: job })
      return entry.log?.lines ?? readLog(file(job, 'log'))
    },
    async clear(job) {
      await earlier
      const gone = [...entries.values()].filter(
        (entry) => entry.job.ended !== null && (job ?? entry.job.id) === entry.job.id,
      )
      for (const entry of gone) {
        entries.delete(entry.job.id)
        await entry.log?.written()
        await entry.writing
        await remove(folder, entry.job.id)
      }
      return gone.map((entry) => entry.job.id)
    },
    settled,
    close() {
      stopJobs()
      stopLog()
      return settled()
    },
  }
}

/** The latest jobs of earlier Heschls; older ones are removed. One that another Heschl runs now is left to it. */
async function load(folder: string): Promise<readonly { readonly job: Job; readonly lost: boolean }[]> {
  const names = await readdir(folder).catch(() => [])
  const found: { job: Job; process: number }[] = []
  for (const name of names) {
    if (!name.endsWith('.json')) continue
    const text = await readFile(join(folder, name), 'utf8').catch(() => '')
    const parsed = schema.safeParse(parseJson(text))
    // Not ours, or of a newer Heschl: it stays as it is.
    if (parsed.success && `${parsed.data.job.id}.json` === name)
      found.push({ job: parsed.data.job, process: parsed.data.process })
  }
  const [latest, old] = split(
    found.toSorted((a, b) => b.job.asked - a.job.asked),
    kept,
  )
  for (const { job } of old) if (job.ended !== null) await remove(folder, job.id)
  return latest.flatMap(({ job, process: owner }): readonly { job: Job; lost: boolean }[] => {
    if (job.ended !== null) return [{ job, lost: false }]
    return alive(owner) ? [] : [{ job: interrupted(job), lost: true }]
  })
}

function split<T>(list: readonly T[], at: number): readonly [readonly T[], readonly T[]] {
  return [list.slice(0, at), list.slice(at)]
}

const remove = async (folder: string, job: string): Promise<void> => {
  await rm(join(folder, `${job}.json`), { force: true })
  await rm(join(folder, `${job}.log`), { force: true })
}

function alive(owner: number): boolean {
  if (owner === process.pid) return false
  try {
    process.kill(owner, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function interrupted(job: Job): Job {
  const error = new HeschlError('ENGINE_LOST', 'Heschl ended before this job did', {
    remedy: 'Resume it: what was finished is stored',
  })
  const over = { state: 'failed', place: null, secondsLeft: null, rate: '' } as const
  return { ...job, ...over, ended: job.began ?? job.asked, error: error.serialize() }
}
