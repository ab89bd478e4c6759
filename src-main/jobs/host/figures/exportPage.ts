/** A page of panels as files, for a window and for the command line alike. */
import { randomUUID } from 'node:crypto'
import { basename, relative } from 'node:path'
import { loadPage, soundColumns, sourcesOf } from '../../../../src-renderer/figures/index.ts'
import type { Ask } from '../../../../src-renderer/figures/index.ts'
import type { FigurePage, PageSource } from '../../../contract/figurePage.ts'
import type { FindingFigure } from '../../../contract/findings.ts'
import { HeschlError } from '../../../errors.ts'
import { versions } from '../../provenance.ts'
import type { EngineHandle, FindingArgument } from '../../engineHandle.ts'
import { drawInThread } from './drawThread.ts'
import type { DrawProgress } from './drawThread.ts'
import { figureFile } from './figureFile.ts'
import { cancelled, unlessStopped } from './follow.ts'
import type { Follow } from './follow.ts'
import { recordText, sha256 } from './figureRecord.ts'
import type { PageRecord } from './figureRecord.ts'
import type { FigureFormat } from '../../../formats/embedded.ts'

export interface PreparedPage {
  readonly svg: string
  readonly record: PageRecord
}

/** How the engine is asked for a finding: with the display of a command's progress, or without one. */
export type Find = (argument: FindingArgument) => Promise<FindingFigure>

/** Of an export's progress: what is asked for may have to be computed first. */
const loadingShare = 0.5

/** Pages are drawn one need after the other: nothing of theirs takes another's place. */
const pageLane = `page ${randomUUID()}`

/** What a page is drawn from, asked of the engine. */
export function askEngine(engine: EngineHandle, study: string, find: Find): Ask {
  return {
    surface: () => engine.call('surface', { study }),
    table: () => engine.call('scoreTable', { study }),
    map: ({ subject, model, layer }) => engine.call('scoreMap', { study, subject, model, layer }),
    gridMap: async ({ spec, correction }) => {
      const [answer] = await engine.call('maps', { study, maps: [spec], correction })
      if (answer.ok) return answer.map
      throw HeschlError.deserialize(answer.error)
    },
    pointScores: ({ place }) => engine.call('pointScores', { study, place, lane: pageLane }),
    inspection: ({ points, window }) =>
      engine.call('inspect', { study, lane: pageLane, points: [...points], window, weights: false }),
    stimulus: ({ stimulus, from, to }) =>
      engine.call('stimulusView', { study, stimulus, from, to, columns: soundColumns }),
    recording: ({ subject, run }) => engine.call('recordingQuality', { study, subject, run }),
    finding: ({ figure, options }) => find({ study, figure, options }),
  }
}

/**
 * @param study the study file
 * @param from the folder that the figure's files will lie in; the study is named from there
 * @param follow told how far it is; CANCELLED where it is told to stop
 * @throws HeschlError as the engine; as `drawInThread`
 */
export async function preparePage(
  engine: EngineHandle,
  study: string,
  page: FigurePage,
  from: string,
  find: Find,
  follow?: Follow,
): Promise<PreparedPage> {
  const { told = () => undefined, signal } = follow ?? {}
  const overview = await unlessStopped(engine.call('openStudy', { path: study }), signal)
  const loaded = loadPage(page, overview.notice, askEngine(engine, study, find), (what, done, of) => {
    if (signal?.aborted) throw cancelled()
    told(`Asking for ${what}`, (loadingShare * done) / of)
  })
  const data = await unlessStopped(loaded, signal)
  const { heschl = '', ...others } = versions()
  const sources: PageSource[] = await sourcesOf(page, data)
  const made: FigurePage = { ...page, made: { heschl, study: basename(study), sources } }
  const drawing = ({ done, of }: DrawProgress) =>
    told(`Drawing panel ${done + 1} of ${of}`, loadingShare + ((0.95 - loadingShare) * done) / of)
  const svg = await drawInThread({ page, data, dpi: page.dpi }, drawing, signal)
  told('Writing the file', 0.95)
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
