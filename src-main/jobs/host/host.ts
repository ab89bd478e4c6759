/** What every host does the same way: check arguments, answer what is the host's own, pass the rest to the engine. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { argumentSchemas } from '../../contract/procedures.ts'
import type { Argument, Events, HostInfo, ProcedureName, Results } from '../../contract/procedures.ts'
import { HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import type { FigureFormat } from '../../formats/embedded.ts'
import { hostProcedures } from '../engineHandle.ts'
import type { EngineHandle, HostProcedureName } from '../engineHandle.ts'
import { findingOf, pageProcedures } from './figures/procedures.ts'
import { renderPng } from './png.ts'
import type { JobHistory } from './jobHistory.ts'
import type { LayoutList } from './layouts.ts'
import type { RecentStudies } from './recent.ts'
import type { RememberedViews } from './remembered.ts'

/** What differs between hosts. */
export interface Abilities {
  readonly host: HostInfo['host']
  readonly version: string
  /** The study that a window opens at start; asked at every `hello`. */
  study(): string | null
  /** The host's file dialog, where it has one: a path, or null when cancelled. */
  readonly pickStudy?: () => Promise<string | null>
  /** Likewise for a folder. */
  readonly pickFolder?: () => Promise<string | null>
  /** Opens a window on a study, or on the list of studies. */
  readonly newWindow?: (study: string | null) => void
  /** Asks where to save a file of this name: a path, or null when cancelled. Without it, bytes go to the window. */
  readonly choosePlace?: (name: string) => Promise<string | null>
}

export type EventName = keyof Events
export type EventPayload = Parameters<Events[EventName]>[0]

export interface Host {
  /** @throws HeschlError OPTION_INVALID for an unknown procedure or an argument that does not fit its schema */
  call(name: string, argument: unknown): Promise<unknown>
  /** Hears every event; gives a function that stops listening. */
  onEvent(listener: (name: EventName, payload: EventPayload) => void): () => void
}

type Own = { [Name in HostProcedureName]: (argument: Argument<Name>) => Promise<Results[Name]> }

/** What a host keeps in the user's state folder. */
export interface Kept {
  readonly recent: RecentStudies
  readonly history: JobHistory
  readonly layouts: LayoutList
  readonly views: RememberedViews
}

export function createHost(
  engine: EngineHandle,
  { recent, history, layouts, views }: Kept,
  abilities: Abilities,
): Host {
  const windows = new Set<(name: EventName, payload: EventPayload) => void>()
  // A window is coming, which will open a study: the engine starts while it is loaded.
  engine.start()
  const own: Own = {
    hello: async () => ({
      host: abilities.host,
      version: abilities.version,
      study: abilities.study(),
      canPick: abilities.pickStudy !== undefined,
    }),
    recentStudies: () => recent.list(),
    forgetStudy: async ({ path }) => {
      await recent.forget(path)
      return null
    },
    pickStudy: async () => (abilities.pickStudy ? abilities.pickStudy() : null),
    saveFigure: (figure) => saveFigure(figure, abilities.choosePlace),
    jobLog: ({ job }) => history.lines(job),
    clearJobs: async ({ job }) => {
      const jobs = await history.clear(job)
      for (const tell of windows) tell('cleared', { jobs })
      return null
    },
    layouts: () => layouts.list(),
    keepLayout: async ({ layout }) => {
      await layouts.keep(layout)
      return null
    },
    nameLayout: async ({ name, layout }) => {
      const now = await layouts.name(name, layout)
      for (const tell of windows) tell('layouts', now)
      return now
    },
    remembered: ({ study }) => views.of(study),
    remember: async ({ study, what, text }) => {
      await views.put(study, what, text)
      return null
    },
    pickFolder: async () => (abilities.pickFolder ? abilities.pickFolder() : null),
    newWindow: async ({ study }) => {
      if (!abilities.newWindow)
        throw new HeschlError('OPTION_INVALID', 'This host opens no windows of its own', {
          remedy: 'Open the address again in another tab of the browser',
        })
      abilities.newWindow(study)
      return null
    },
    finding: (argument) => findingOf(engine, argument),
    ...pageProcedures(engine, {
      hand: (bytes, name, format) => hand(bytes, fileName(name, format), abilities.choosePlace),
      tell: (progress) => windows.forEach((tell) => tell('exporting', progress)),
    }),
  }

  async function answer<Name extends ProcedureName>(name: Name, argument: Argument<Name>): Promise<unknown> {
    if (name === 'jobs') return history.list()
    if (isOwn(name)) return (own[name] as (argument: unknown) => Promise<unknown>)(argument)
    const result = await engine.call(name, absolute(argument) as never)
    if (name === 'openStudy') {
      const opened = result as Results['openStudy']
      // Nobody waits for the disk: who asks for the list has it with this study. Where it cannot be written there is none.
      recent.remember(opened.path, opened.name).catch(() => undefined)
    }
    return result
  }

  return {
    async call(name, argument) {
      try {
        return await answer(...checked(name, argument))
      } catch (error) {
        throw HeschlError.from(error)
      }
    },
    onEvent(listener) {
      const names: readonly EventName[] = ['job', 'studyChanged', 'log', 'reading', 'inspecting', 'engine']
      const stops = names.map((name) => engine.on(name, (payload: EventPayload) => listener(name, payload)))
      windows.add(listener)
      return () => {
        windows.delete(listener)
        stops.forEach((stop) => stop())
      }
    },
  }
}

function isOwn(name: ProcedureName): name is HostProcedureName {
  return (hostProcedures as readonly string[]).includes(name)
}

function checked(name: string, argument: unknown): [ProcedureName, Argument<ProcedureName>] {
  if (!Object.hasOwn(argumentSchemas, name)) {
    throw new HeschlError('OPTION_INVALID', `There is no procedure "${name.slice(0, 64)}"`, {
      expected: `one of ${Object.keys(argumentSchemas).join(', ')}`,
      remedy: 'Reload the window: it may be of another version than its host',
    })
  }
  const procedure = name as ProcedureName
  const parsed = argumentSchemas[procedure].safeParse(argument)
  if (parsed.success) return [procedure, parsed.data]
  throw new HeschlError('OPTION_INVALID', `The argument of ${name} does not fit`, {
    found: z.prettifyError(parsed.error),
    remedy: 'Reload the window: it may be of another version than its host',
  })
}

/** Paths that a person typed, of a study, a data set, or a new study's file: `~` is the home folder, and a relative path starts where the host was started. */
function absolute(argument: object): object {
  const typed = Object.entries(argument).filter(([key]) => key === 'path' || key === 'file')
  return { ...argument, ...Object.fromEntries(typed.map(([key, path]) => [key, absolutePath(path as string)])) }
}

function absolutePath(given: string): string {
  const typed = given.trim()
  return typed === '~' || /^~[/\\]/.test(typed) ? join(homedir(), typed.slice(1)) : resolve(typed)
}

async function saveFigure(
  { svg, format, scale, name }: Argument<'saveFigure'>,
  choosePlace: Abilities['choosePlace'],
): Promise<Results['saveFigure']> {
  const bytes = format === 'png' ? await renderPng(svg, scale) : new TextEncoder().encode(svg)
  return hand(bytes, fileName(name, format), choosePlace)
}

/** To a place that the user chooses, or to the window for a download. */
async function hand(
  bytes: Uint8Array,
  name: string,
  choosePlace: Abilities['choosePlace'],
): Promise<Results['saveFigure']> {
  if (!choosePlace) return { path: null, bytes }
  const path = await choosePlace(name)
  if (path !== null) await writeFileAtomic(path, bytes)
  return { path, bytes: null }
}

/** A name that every file system takes, with the format's extension. */
export function fileName(name: string, format: FigureFormat): string {
  const stem = name
    .replace(/\.(svg|pdf|png)$/i, '')
    .replace(/[^\p{L}\p{N}._ +-]+/gu, '-')
    .replace(/^[.\s-]+|[.\s-]+$/g, '')
    .slice(0, 120)
  return `${stem || 'figure'}.${format}`
}
