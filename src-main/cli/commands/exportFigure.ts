/** `export --figure`: figures of what a study's scores say, with the data behind them and their words. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { figureNames } from '../../contract/findings.ts'
import type { FigureName, FindingFigure } from '../../contract/findings.ts'
import { HeschlError } from '../../errors.ts'
import type { EngineHandle } from '../../jobs/engineHandle.ts'
import { missingLetters } from '../../jobs/host/letters.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { withEngine } from '../engine.ts'
import { figureFiles, prepareFigure } from '../figureFiles.ts'
import type { FigureFormat } from '../../formats/embedded.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

export interface FigureExportOptions {
  readonly figure: FigureName | 'all'
  /** `name=value`, as the study file would say it under `figures`. */
  readonly with: readonly string[]
  /** Millimetres. */
  readonly width: number
  /** Dots an inch. */
  readonly dpi: number
  readonly theme: 'light' | 'dark'
  readonly formats: readonly FigureFormat[]
  readonly out: string
}

interface Made {
  readonly figure: FindingFigure
  readonly files: readonly string[]
}

/** With `all` what can be made is written, and what cannot is told with its reason. */
export async function exportFigure(study: string, options: FigureExportOptions, output: Output): Promise<number> {
  const [path, out] = [resolve(study), resolve(options.out)]
  const all = options.figure === 'all'
  const given = Object.fromEntries(options.with.map(optionOf))
  if (all && options.with.length > 0)
    throw new HeschlError('OPTION_INVALID', 'Options of one figure cannot be given for all', {
      found: options.with.join(', '),
      remedy: 'Put them into the study file under figures, or export one figure',
    })
  const failed = new Map<FigureName, HeschlError>()
  const made = await withEngine(async (engine) => {
    const made: Made[] = []
    for (const name of options.figure === 'all' ? figureNames : [options.figure]) {
      try {
        made.push(await makeFigure(engine, path, name, given, out, options, output))
      } catch (error) {
        const known = HeschlError.from(error)
        if (!all || !ofOneFigure.has(known.code)) throw known
        failed.set(name, known)
      }
    }
    return made
  })
  if (made.length === 0) throw [...failed.values()][0]
  const reasons = [...failed].map(([figure, error]) => ({ figure, error: error.serialize() }))
  const documents = made.map(({ figure: { finding }, files }) => {
    const { figure, title, caption, methods, notes, tests, provenance } = finding
    return { figure, files, title, caption, methods, notes, tests, provenance }
  })
  output.document(all ? { out, figures: documents, failed: reasons } : { out, ...documents[0] })
  for (const { figure, files } of made) output.say(`${figure.finding.caption}\n${out}: ${files.join(', ')}\n`)
  for (const [name, error] of failed) output.note(`${name} cannot be made: ${error.message}`)
  return 0
}

/** What hinders one figure and not the others. */
const ofOneFigure: ReadonlySet<string> = new Set([
  'FILE_MISSING',
  'OPTION_INVALID',
  'NUMERICAL',
  'SHAPE_MISMATCH',
  'FORMAT_INVALID',
])

async function makeFigure(
  engine: EngineHandle,
  study: string,
  name: FigureName,
  given: Readonly<Record<string, unknown>>,
  out: string,
  { width: widthMm, dpi, theme, formats }: FigureExportOptions,
  output: Output,
): Promise<Made> {
  const figure = await findFigure(engine, study, name, given, output)
  const prepared = await prepareFigure(figure, { widthMm, dpi, theme }, study, out)
  const missing = missingLetters(prepared.svg)
  if (missing.length > 0 && formats.some((format) => format !== 'svg'))
    output.note(
      `${name}: the fonts of PDF and PNG have no ${missing.join(' ')}: empty boxes stand for them there; SVG shows them in the reader's own fonts`,
    )
  const files: string[] = []
  await withScratch(out, true, async (scratch) => {
    for await (const [file, content] of figureFiles(figure, prepared, formats)) {
      await writeFile(join(scratch, file), content)
      files.push(file)
    }
    await publish(files.map((file) => ({ from: join(scratch, file), to: join(out, file) })))
  })
  return { figure, files }
}

/** @throws HeschlError as the analysis; CANCELLED */
export async function findFigure(
  engine: EngineHandle,
  study: string,
  figure: FigureName,
  options: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<FindingFigure> {
  const stopped = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
  const job = await watchJob(
    engine,
    () => engine.finding({ study, figure, options }),
    { kept: 'Nothing is written.', stopped },
    output,
  )
  return engine.findingFigure(job.id)
}

function optionOf(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), parse(text.slice(at + 1)) as unknown]
  throw new HeschlError('OPTION_INVALID', 'An option of a figure has no value', {
    expected: 'name=value, as layer=transf6',
    found: text,
  })
}
