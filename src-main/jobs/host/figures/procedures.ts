/** What a window asks its host about figures: findings, and pages of panels. */
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ExportProgress } from '../../../contract/figures.ts'
import type { Argument, Results } from '../../../contract/procedures.ts'
import type { FindingFigure } from '../../../contract/findings.ts'
import type { FigureFormat } from '../../../formats/embedded.ts'
import { HeschlError } from '../../../errors.ts'
import type { EngineHandle, FindingArgument } from '../../engineHandle.ts'
import { followJob } from '../followJob.ts'
import { unlessStopped } from './follow.ts'
import { listPages, writePage } from './pageFile.ts'

/** The window shows the job itself, with its progress and a button to cancel it. @throws HeschlError the job's own */
export async function findingOf(
  engine: EngineHandle,
  argument: FindingArgument,
  signal?: AbortSignal,
): Promise<FindingFigure> {
  const interrupts = (stop: () => void) => {
    signal?.addEventListener('abort', stop)
    return () => signal?.removeEventListener('abort', stop)
  }
  const quiet = { show: () => undefined, stopping: () => undefined, interrupts }
  const job = await followJob(engine, () => engine.finding(argument), quiet)
  return engine.findingFigure(job.id)
}

type PageProcedures = {
  [Name in 'pages' | 'savePage' | 'exportPage' | 'stopExport']: (argument: Argument<Name>) => Promise<Results[Name]>
}

interface PageHost {
  /** Gives a file to the user. */
  readonly hand: (bytes: Uint8Array, name: string, format: FigureFormat) => Promise<Results['exportPage']>
  readonly tell: (progress: ExportProgress) => void
}

export function pageProcedures(engine: EngineHandle, { hand, tell }: PageHost): PageProcedures {
  const exports = new Map<string, AbortController>()
  return {
    pages: ({ study }) => listPages(study),
    savePage: async ({ study, name, page }) => {
      await access(study).catch((error: unknown) => {
        throw HeschlError.from(error, { file: study })
      })
      return { path: await writePage(study, name, page) }
    },
    exportPage: async ({ study, name, page, format, export: id }) => {
      const stop = new AbortController()
      const { signal } = stop
      exports.set(id, stop)
      try {
        const { pageFile, preparePage } = await import('./exportPage.ts')
        const find = (asked: FindingArgument) => findingOf(engine, asked, signal)
        const told = (step: string, fraction: number) => tell({ export: id, step, fraction })
        const prepared = await preparePage(engine, study, page, dirname(study), find, { told, signal })
        const bytes = await unlessStopped(pageFile(format, prepared), signal)
        return await hand(bytes, name, format)
      } finally {
        exports.delete(id)
      }
    },
    stopExport: async ({ export: id }) => {
      exports.get(id)?.abort()
      return null
    },
  }
}
