/** Pages of panels as files beside a study: `figures/NAME.figure.yaml`. */
import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Document, isPair, isScalar, visit } from 'yaml'
import type { YAMLMap, YAMLSeq } from 'yaml'
import { z } from 'zod'
import { figurePageSchema, pageNameSchema, pageVersion } from '../../../contract/figurePage.ts'
import type { FigurePage, SavedPage } from '../../../contract/figurePage.ts'
import { HeschlError } from '../../../errors.ts'
import { writeFileAtomic } from '../../../formats/atomic.ts'
import { readText } from '../../../formats/text.ts'
import { parseYaml } from '../../../study/yaml.ts'

export const pageExtension = '.figure.yaml'
/** Sixty panels and the longest words take less. */
const mostBytes = 1024 * 1024
/** A window lists them all. */
const mostPages = 200

const folderOf = (study: string) => join(dirname(study), 'figures')

/** @throws HeschlError OPTION_INVALID for a name that is not one of a file */
export function pagePath(study: string, name: string): string {
  const parsed = pageNameSchema.safeParse(name)
  if (parsed.success) return join(folderOf(study), `${name}${pageExtension}`)
  throw new HeschlError('OPTION_INVALID', 'A figure cannot have this name', {
    expected: parsed.error.issues[0].message,
    found: name.slice(0, 200),
    remedy: 'Choose another name',
  })
}

/** @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function readPage(file: string): Promise<FigurePage> {
  const { value, problems } = parseYaml(await readText(file, mostBytes))
  const [first] = problems
  if (first !== undefined)
    throw invalid({ file, line: first.line ?? 1, column: first.column ?? 1 }, first.message, first.remedy)
  const version = (value as { readonly 'heschl-figure'?: unknown } | null)?.['heschl-figure']
  if (typeof version === 'number' && version > pageVersion)
    throw invalid(
      { file },
      `heschl-figure: ${version}`,
      'Open it with the version of Heschl that saved it, or a later one',
    )
  const parsed = figurePageSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid({ file }, z.prettifyError(parsed.error).slice(0, 2000), null)
}

const invalid = (
  where: { readonly file: string; readonly line?: number; readonly column?: number },
  found: string,
  remedy: string | null,
) =>
  new HeschlError('FORMAT_INVALID', 'This is not a figure that can be opened', {
    where,
    expected: `a page of panels as Heschl saves it (heschl-figure: ${pageVersion}; docs/figures.md)`,
    found,
    remedy: remedy ?? 'Correct the file, or take it away and make the figure anew',
  })

/** Whole or not at all. @returns the file. @throws HeschlError OPTION_INVALID, FILE_UNREADABLE, DISK_FULL */
export async function writePage(study: string, name: string, page: FigurePage): Promise<string> {
  const file = pagePath(study, name)
  const text = pageText(page)
  if (Buffer.byteLength(text) > mostBytes)
    throw new HeschlError('OPTION_INVALID', 'The figure is too large to be saved', {
      expected: `at most ${mostBytes / 1024} KB of panels and words`,
      found: `${Math.ceil(Buffer.byteLength(text) / 1024)} KB`,
      remedy: 'Make two figures of it, or shorten its words',
    })
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFileAtomic(file, text)
  } catch (error) {
    throw HeschlError.from(error, { file })
  }
  return file
}

/** Pairs and sizes on one line, words as they are read. */
function pageText(page: FigurePage): string {
  const document = new Document(page)
  document.commentBefore =
    ' A figure of Heschl. Lengths are millimetres, type is points; docs/figures.md has every key.'
  const short: ReadonlySet<unknown> = new Set([
    ...['at', 'size', 'limits', 'map', 'maps', 'orbit', 'views', 'scale', 'columns', 'points', 'place', 'span'],
  ])
  visit(document, (_, node) => {
    if (!isPair(node)) return
    if (isScalar(node.key) && short.has(node.key.value) && typeof node.value === 'object' && node.value !== null)
      (node.value as YAMLMap | YAMLSeq).flow = true
  })
  return document.toString({ lineWidth: 110 })
}

/** All pages of a study by name; a file that cannot be read says why. */
export async function listPages(study: string): Promise<readonly SavedPage[]> {
  const entries = await readdir(folderOf(study)).catch(() => [])
  const files = entries
    .filter((name) => name.endsWith(pageExtension))
    .toSorted()
    .slice(0, mostPages)
  return Promise.all(
    files.map(async (file): Promise<SavedPage> => {
      const name = basename(file, pageExtension)
      try {
        return { name, page: await readPage(join(folderOf(study), file)), problem: null }
      } catch (error) {
        return { name, page: null, problem: HeschlError.from(error).message }
      }
    }),
  )
}
