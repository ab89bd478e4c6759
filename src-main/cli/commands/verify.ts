/** `verify`: whether a study still gives a figure. */
import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { readFigure } from '../../formats/embedded.ts'
import { withEngine } from '../engine.ts'
import { figureFile, prepareFigure } from '../figureFiles.ts'
import { compareRecords, parseRecord } from '../figureRecord.ts'
import type { Output } from '../output.ts'
import { findFigure } from './exportFigure.ts'

/** Exit code of a figure that the study no longer gives. */
const differs = 1

/** @returns 0 where scores, tables and drawing are the same and the file is as it was exported; 1 otherwise */
export async function verify(path: string, options: { readonly study?: string }, output: Output): Promise<number> {
  const file = resolve(path)
  const { bytes, format, text } = await readFigure(file)
  const then = parseRecord(text, file)
  const study = options.study === undefined ? resolve(dirname(file), then.study.file) : resolve(options.study)
  await access(study).catch((cause: unknown) => {
    throw new HeschlError('FILE_MISSING', 'The figure’s study is not where it was', {
      where: { file: study },
      remedy: 'Name it with --study',
      cause,
    })
  })
  const figure = await withEngine((engine) => findFigure(engine, study, then.figure, then.options, output))
  const prepared = await prepareFigure(figure, then.print, study, dirname(file))
  const { same, changes, remarks } = compareRecords(then, prepared.record)
  // With the record that it has, so that versions and names in it do not matter.
  const untouched =
    same &&
    Buffer.compare(bytes, await figureFile(format, prepared.svg, then.print.dpi, text, figure.finding.title)) === 0
  const found = same && !untouched ? ['the file: it was changed, or written by other versions'] : changes
  output.document({ figure: then.figure, file, study, same: found.length === 0, changes: found, remarks })
  output.say(
    found.length === 0
      ? `The study gives this figure: the same scores, tables and drawing (${then.figure}, key ${then.key.slice(0, 12)})`
      : `The study no longer gives this figure (${then.figure}). What is different:\n${listed(found)}`,
  )
  if (remarks.length > 0) output.say(`Also:\n${listed(remarks)}`)
  return found.length === 0 ? 0 : differs
}

const listed = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
