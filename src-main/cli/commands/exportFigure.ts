/** `export --figure`: what the scores of a study say, as the data behind a figure and its words. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { FigureName, FindingTable } from '../../contract/findings.ts'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { withEngine } from '../engine.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

export interface FigureExportOptions {
  readonly figure: FigureName
  /** `name=value`, as the study file would say it under `figures`. */
  readonly with: readonly string[]
  readonly out: string
}

export async function exportFigure(study: string, options: FigureExportOptions, output: Output): Promise<number> {
  const out = resolve(options.out)
  const given = Object.fromEntries(options.with.map(optionOf))
  const { finding } = await withEngine(async (engine) => {
    const start = () => engine.finding({ study: resolve(study), figure: options.figure, options: given })
    const stopped = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
    const job = await watchJob(engine, start, { kept: 'Nothing is written.', stopped }, output)
    return engine.findingFigure(job.id)
  })
  const files = new Map<string, string>(
    finding.tables.map((table) => [`${finding.figure}.${table.name}.tsv`, tableTsv(table)]),
  )
  files.set(`${finding.figure}.md`, wordsOf(finding))
  await withScratch(out, true, async (scratch) => {
    for (const [name, text] of files) await writeFile(join(scratch, name), text)
    await publish([...files.keys()].map((name) => ({ from: join(scratch, name), to: join(out, name) })))
  })
  const { title, caption, methods, notes, tests, provenance } = finding
  output.document({ out, files: [...files.keys()], title, caption, methods, notes, tests, provenance })
  output.say(`${finding.caption}\n${out}: ${[...files.keys()].join(', ')}`)
  return 0
}

function optionOf(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), parse(text.slice(at + 1)) as unknown]
  throw new HeschlError('OPTION_INVALID', 'An option of a figure has no value', {
    expected: 'name=value, as layer=transf6',
    found: text,
  })
}

/** Numbers that are not there are `n/a`, as in BIDS. */
function tableTsv({ columns }: FindingTable): string {
  const rows = Array.from({ length: columns[0].values.length }, (_, row) =>
    columns.map(({ values }) => written(values[row])).join('\t'),
  )
  return [columns.map(({ name }) => name).join('\t'), ...rows].map((line) => `${line}\n`).join('')
}

function written(value: string | number): string {
  if (typeof value === 'string') return value.replaceAll(/[\t\r\n]+/g, ' ')
  return Number.isFinite(value) ? String(value) : 'n/a'
}

function wordsOf({
  title,
  notice,
  caption,
  methods,
  notes,
}: Record<'title' | 'caption' | 'methods', string> & {
  readonly notice: string | null
  readonly notes: readonly string[]
}): string {
  const parts = [`# ${title}`, ...(notice === null ? [] : [notice]), caption, '## Methods', methods]
  return `${[...parts, ...notes.map((note) => `- ${note}`)].join('\n\n')}\n`
}
