/** A page of panels as files, for a window and for the command line alike. */
import { basename, relative } from 'node:path'
import { loadPage, sourcesOf } from '../../../../src-renderer/figures/index.ts'
import type { Ask } from '../../../../src-renderer/figures/index.ts'
import type { FigurePage, PageSource } from '../../../contract/figurePage.ts'
import type { FindingFigure } from '../../../contract/findings.ts'
import { versions } from '../../provenance.ts'
import type { EngineHandle, FindingArgument } from '../../engineHandle.ts'
import { drawInThread } from './drawThread.ts'
import { figureFile } from './figureFile.ts'
import { recordText, sha256 } from './figureRecord.ts'
import type { PageRecord } from './figureRecord.ts'
import type { FigureFormat } from '../../../formats/embedded.ts'

export interface PreparedPage {
  readonly svg: string
  readonly record: PageRecord
}

/** How the engine is asked for a finding: with the display of a command's progress, or without one. */
export type Find = (argument: FindingArgument) => Promise<FindingFigure>

/** What a page is drawn from, asked of the engine. */
export function askEngine(engine: EngineHandle, study: string, find: Find): Ask {
  return {
    surface: () => engine.call('surface', { study }),
    table: () => engine.call('scoreTable', { study }),
    map: ({ subject, model, layer }) => engine.call('scoreMap', { study, subject, model, layer }),
    finding: ({ figure, options }) => find({ study, figure, options }),
  }
}

/**
 * @param study the study file
 * @param from the folder that the figure's files will lie in; the study is named from there
 * @throws HeschlError as the engine; as `drawInThread`
 */
export async function preparePage(
  engine: EngineHandle,
  study: string,
  page: FigurePage,
  from: string,
  find: Find,
): Promise<PreparedPage> {
  const overview = await engine.call('openStudy', { path: study })
  const data = await loadPage(page, overview.notice, askEngine(engine, study, find))
  const { heschl = '', ...others } = versions()
  const sources: PageSource[] = await sourcesOf(page, data)
  const made: FigurePage = { ...page, made: { heschl, study: basename(study), sources } }
  const svg = await drawInThread({ page, data, dpi: page.dpi })
  return {
    svg,
    record: {
      ...{ heschl: 1, figure: 'page', page: made, versions: { heschl, ...others }, drawing: sha256(svg) },
      study: { name: overview.name, file: relative(from, study).replaceAll('\\', '/') },
    },
  }
}

export const pageFile = (format: FigureFormat, { svg, record }: PreparedPage): Promise<Uint8Array> =>
  figureFile(format, { svg, dpi: record.page.dpi, about: recordText(record), title: record.page.title })
