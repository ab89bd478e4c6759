/** `verify`: whether a study still gives a figure. */
import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { readFigure } from '../../formats/embedded.ts'
import { figureFile } from '../../jobs/host/figures/figureFile.ts'
import { compareRecords, parseRecord } from '../../jobs/host/figures/figureRecord.ts'
import type { Comparison, FigureRecord } from '../../jobs/host/figures/figureRecord.ts'
import { pageExtension } from '../../jobs/host/figures/pageFile.ts'
import { withEngine } from '../engine.ts'
import { prepareFigure } from '../figureFiles.ts'
import type { Output } from '../output.ts'
import { findFigure } from './exportFigure.ts'

/** Exit code of a figure that the study no longer gives. */
const differs = 1

/** @returns 0 where scores, tables and drawing are the same and the file is as it was exported; 1 otherwise */
export async function verify(path: string, options: { readonly study?: string }, output: Output): Promise<number> {
  const file = resolve(path)
  const given = options.study === undefined ? undefined : resolve(options.study)
  if (file.endsWith(pageExtension)) {
    const { compareSavedPage } = await import('./verifyPage.ts')
    const { study, compared } = await compareSavedPage(file, given, output)
    return told({ file, study, figure: 'page', ...compared }, output)
  }
  const exported = await readFigure(file)
  const then = parseRecord(exported.text, file)
  const study = given ?? resolve(dirname(file), then.study.file)
  await access(study).catch((cause: unknown) => {
    throw new HeschlError('FILE_MISSING', 'The figure’s study is not where it was', {
      where: { file: study },
      remedy: 'Name it with --study',
      cause,
    })
  })
  const compared =
    then.figure === 'page'
      ? await (await import('./verifyPage.ts')).comparePage(file, exported, then, study, output)
      : await compareFigure(file, exported, then, study, output)
  return told({ file, study, figure: then.figure, ...compared }, output)
}

async function compareFigure(
  file: string,
  { bytes, format, text }: Awaited<ReturnType<typeof readFigure>>,
  then: FigureRecord,
  study: string,
  output: Output,
): Promise<Comparison> {
  const figure = await withEngine((engine) => findFigure(engine, study, then.figure, then.options, output))
  const { svg, record } = await prepareFigure(figure, then.print, study, dirname(file))
  const found = compareRecords(then, record)
  if (!found.same) return found
  // With the record that it has, so that versions and names in it do not matter.
  const again = await figureFile(format, { svg, dpi: then.print.dpi, about: text, title: figure.finding.title })
  if (Buffer.compare(bytes, again) === 0) return found
  return { ...found, same: false, changes: ['the file: it was changed, or written by other versions'] }
}

function told(
  { file, study, figure, changes, remarks }: Comparison & Readonly<Record<'file' | 'study' | 'figure', string>>,
  output: Output,
): number {
  output.document({ figure, file, study, same: changes.length === 0, changes, remarks })
  output.say(
    changes.length === 0
      ? `The study gives this figure: the same scores, tables and drawing (${figure})`
      : `The study no longer gives this figure (${figure}). What is different:\n${listed(changes)}`,
  )
  if (remarks.length > 0) output.say(`Also:\n${listed(remarks)}`)
  return changes.length === 0 ? 0 : differs
}

const listed = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
