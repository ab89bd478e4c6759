/** What a window asks its host about figures: findings, and pages of panels. */
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Argument, Results } from '../../../contract/procedures.ts'
import type { FindingFigure } from '../../../contract/findings.ts'
import type { FigureFormat } from '../../../formats/embedded.ts'
import { HeschlError } from '../../../errors.ts'
import type { EngineHandle, FindingArgument } from '../../engineHandle.ts'
import { followJob } from '../followJob.ts'
import { listPages, writePage } from './pageFile.ts'

/** The window shows the job itself, with its progress and a button to cancel it. @throws HeschlError the job's own */
export async function findingOf(engine: EngineHandle, argument: FindingArgument): Promise<FindingFigure> {
  const quiet = { show: () => undefined, stopping: () => undefined, interrupts: () => () => undefined }
  const job = await followJob(engine, () => engine.finding(argument), quiet)
  return engine.findingFigure(job.id)
}

type PageProcedures = {
  [Name in 'pages' | 'savePage' | 'exportPage']: (argument: Argument<Name>) => Promise<Results[Name]>
}

/** @param hand gives a file to the user */
export function pageProcedures(
  engine: EngineHandle,
  hand: (bytes: Uint8Array, name: string, format: FigureFormat) => Promise<Results['exportPage']>,
): PageProcedures {
  return {
    pages: ({ study }) => listPages(study),
    savePage: async ({ study, name, page }) => {
      await access(study).catch((error: unknown) => {
        throw HeschlError.from(error, { file: study })
      })
      return { path: await writePage(study, name, page) }
    },
    exportPage: async ({ study, name, page, format }) => {
      const { pageFile, preparePage } = await import('./exportPage.ts')
      const prepared = await preparePage(engine, study, page, dirname(study), (asked) => findingOf(engine, asked))
      return hand(await pageFile(format, prepared), name, format)
    },
  }
}
