/** `verify` of a page of panels: its exported file, or the page itself. */
import { dirname, join } from 'node:path'
import { loadPage, sourceChanges, sourcesOf } from '../../../src-renderer/figures/index.ts'
import { HeschlError } from '../../errors.ts'
import { figureFile } from '../../jobs/host/figures/figureFile.ts'
import { askEngine, preparePage } from '../../jobs/host/figures/exportPage.ts'
import type { Find } from '../../jobs/host/figures/exportPage.ts'
import { comparePages, type Comparison, type PageRecord } from '../../jobs/host/figures/figureRecord.ts'
import { readPage } from '../../jobs/host/figures/pageFile.ts'
import type { readFigure } from '../../formats/embedded.ts'
import { withEngine } from '../engine.ts'
import type { Output } from '../output.ts'
import { findFigure } from './exportFigure.ts'

/** An exported page, drawn again from the study. */
export async function comparePage(
  file: string,
  { bytes, format, text }: Awaited<ReturnType<typeof readFigure>>,
  then: PageRecord,
  study: string,
  output: Output,
): Promise<Comparison> {
  const { svg, record } = await withEngine((engine) =>
    preparePage(engine, study, then.page, dirname(file), finding(engine, output)),
  )
  const found = comparePages(then, record)
  if (!found.same) return found
  const { dpi, title } = then.page
  const untouched = Buffer.compare(bytes, await figureFile(format, { svg, dpi, about: text, title })) === 0
  return untouched
    ? found
    : { ...found, same: false, changes: ['the file: it was changed, or written by other versions'] }
}

/** A saved page: whether what it showed is still what the study has. @param study the one that it was saved with */
export async function compareSavedPage(file: string, given: string | undefined, output: Output) {
  const page = await readPage(file)
  if (page.made === null)
    throw new HeschlError('OPTION_INVALID', 'This figure does not say what it showed', {
      where: { file },
      expected: 'a figure that was saved in the window',
      found: 'one without `made`',
      remedy: 'Open it in the window and save it',
    })
  const study = given ?? join(dirname(file), '..', page.made.study)
  const now = await withEngine(async (engine) => {
    const { notice } = await engine.call('openStudy', { path: study })
    return sourcesOf(page, await loadPage(page, notice, askEngine(engine, study, finding(engine, output))))
  })
  const changes = sourceChanges(page.made.sources, now)
  return { study, compared: { same: changes.length === 0, changes, remarks: [] } satisfies Comparison }
}

const finding =
  (engine: Parameters<typeof findFigure>[0], output: Output): Find =>
  ({ study, figure, options }) =>
    findFigure(engine, study, figure, options, output)
