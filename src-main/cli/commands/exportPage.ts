/** `export --figure NAME`: a page of panels that was composed and saved beside the study. */
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { FigurePage } from '../../contract/figurePage.ts'
import { figureNames } from '../../contract/findings.ts'
import { HeschlError } from '../../errors.ts'
import type { FigureFormat } from '../../formats/embedded.ts'
import { pageFile, preparePage } from '../../jobs/host/figures/exportPage.ts'
import type { PreparedPage } from '../../jobs/host/figures/exportPage.ts'
import { listPages, pageExtension, pagePath, readPage } from '../../jobs/host/figures/pageFile.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { withEngine } from '../engine.ts'
import type { Output } from '../output.ts'
import { findFigure } from './exportFigure.ts'

export interface PageExportOptions {
  /** A name, or a file. */
  readonly figure: string
  /** Dots an inch; the page's own where it is left out. */
  readonly dpi?: number
  readonly formats: readonly FigureFormat[]
  readonly out: string
}

/** @throws HeschlError FILE_MISSING for a name that the study has no page of; as `readPage` and `preparePage` */
export async function exportPage(study: string, options: PageExportOptions, output: Output): Promise<number> {
  const [path, out] = [resolve(study), resolve(options.out)]
  const { name, page: saved } = await findPage(path, options.figure)
  const page: FigurePage = options.dpi === undefined ? saved : { ...saved, dpi: options.dpi }
  const prepared = await withEngine((engine) =>
    preparePage(engine, path, page, out, (asked) =>
      findFigure(engine, asked.study, asked.figure, asked.options, output),
    ),
  )
  const files: string[] = []
  await withScratch(out, true, async (scratch) => {
    const add = async (file: string, content: string | Uint8Array) => {
      await writeFile(join(scratch, file), content)
      files.push(file)
    }
    for (const format of options.formats) await add(`${name}.${format}`, await pageFile(format, prepared))
    await add(`${name}.md`, wordsOf(name, prepared))
    await publish(files.map((file) => ({ from: join(scratch, file), to: join(out, file) })))
  })
  const { caption, methods, made } = prepared.record.page
  output.document({ figure: name, out, files, caption, methods, sources: made!.sources })
  output.say(`${out}: ${files.join(', ')}`)
  return 0
}

async function findPage(study: string, figure: string): Promise<{ readonly name: string; readonly page: FigurePage }> {
  if (/\.ya?ml$/i.test(figure) || /[/\\]/.test(figure)) {
    const name = basename(figure).replace(/(\.figure)?\.ya?ml$/i, '')
    return { name, page: await readPage(resolve(figure)) }
  }
  const known = (await listPages(study)).map(({ name }) => name)
  if (known.includes(figure)) return { name: figure, page: await readPage(pagePath(study, figure)) }
  throw new HeschlError('FILE_MISSING', `The study has no figure called ${figure}`, {
    expected: [...figureNames, 'all', ...known].join(', '),
    found: `no figures/${figure}${pageExtension} beside the study`,
    remedy: 'Compose it in the window (Figures), or name its file',
  })
}

function wordsOf(name: string, { record: { page, study, versions } }: PreparedPage): string {
  const parts = [
    `# ${page.title || name}`,
    page.caption,
    ...(page.methods === '' ? [] : ['## Methods', page.methods]),
    '## Where it is from',
    [
      `study ${study.name}`,
      ...page.made!.sources.map(({ what, key }) => `${what}: key ${key}`),
      ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    ]
      .map((line) => `- ${line}`)
      .join('\n'),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
