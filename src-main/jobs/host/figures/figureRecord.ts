/** What a figure's file says of where it is from, and whether a study still gives the same. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { sourceChanges as pageChanges } from '../../../../src-renderer/figures/index.ts'
import { figurePageSchema } from '../../../contract/figurePage.ts'
import { figureNames } from '../../../contract/findings.ts'
import { HeschlError } from '../../../errors.ts'

const hash = z.string().regex(/^[\da-f]{64}$/)
const text = z.string().max(4096)

/** `file`: from the figure's folder to the study file. */
const study = z.object({ name: text, file: text })

const findingSchema = z.object({
  heschl: z.literal(1),
  figure: z.enum(figureNames),
  study,
  /** Of the finding: its analysis, options and scores. */
  key: hash,
  options: z.record(z.string(), z.unknown()),
  encoding: z.array(z.object({ option: text, value: text })),
  sources: z.array(z.object({ space: text, layer: text, subjects: z.number(), key: hash })),
  /** Figures of earlier versions do not name them. */
  subjects: z.array(z.object({ id: text, key: hash })).optional(),
  versions: z.record(text, text),
  print: z.object({
    widthMm: z.number().min(40).max(400),
    dpi: z.number().min(72).max(1200),
    theme: z.enum(['light', 'dark']),
  }),
  /** Of the drawing as SVG, without this record. */
  drawing: hash,
  /** Of the tables as tab-separated values, by name. */
  tables: z.record(text, hash),
})

/** Of a page of panels: the page itself, with the keys of what it showed when it was exported. */
const pageSchema = z.object({
  heschl: z.literal(1),
  figure: z.literal('page'),
  study,
  page: figurePageSchema.refine(({ made }) => made !== null, 'a page that says what it showed'),
  versions: z.record(text, text),
  drawing: hash,
})

const recordSchema = z.discriminatedUnion('figure', [findingSchema, pageSchema])

export type FigureRecord = z.output<typeof findingSchema>
export type PageRecord = z.output<typeof pageSchema>

/** Nesting of a figure's options in the study file, with room. */
const mostDepth = 32
const mostBytes = 16 * 1024 * 1024

/** ASCII: it is put into files of several encodings. */
export const recordText = (record: FigureRecord | PageRecord): string =>
  JSON.stringify(record).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** @throws HeschlError FORMAT_INVALID */
export function parseRecord(source: string, path: string): FigureRecord | PageRecord {
  const invalid = (found: string) =>
    new HeschlError('FORMAT_INVALID', 'The figure’s record of where it is from cannot be read', {
      where: { file: path },
      expected: 'a record that heschl export wrote',
      found: found.slice(0, 2000),
      remedy: 'Use the file as it was exported, with the version of Heschl that exported it or a later one',
    })
  if (source.length > mostBytes) throw invalid(`${source.length} characters`)
  if (depthOf(source) > mostDepth) throw invalid(`values more than ${mostDepth} deep`)
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error))
  return parsed.data
}

/** At least that of the JSON in it: brackets in strings count too. */
function depthOf(source: string): number {
  let [depth, most] = [0, 0]
  for (const [bracket] of source.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    most = Math.max(most, depth)
  }
  return most
}

export const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

export interface Comparison {
  /** Scores, tables and drawing are the same. */
  readonly same: boolean
  /** In words, each with what it was and is. */
  readonly changes: readonly string[]
  /** What differs without having changed a number: versions, the name. */
  readonly remarks: readonly string[]
}

/** @param now of the same figure, made again with the options and the layout of `then` */
export function compareRecords(then: FigureRecord, now: FigureRecord): Comparison {
  const changes: string[] = []
  if (then.key !== now.key) {
    const found = [
      ...differences('the analysis option', entriesOf(then.options), entriesOf(now.options)),
      ...differences('the encoding option', encodingOf(then), encodingOf(now)),
      ...subjectChanges(then, now),
      ...sourceChanges(then, now),
    ]
    changes.push(...(found.length > 0 ? found : [`the code of the analysis: it has another version`]))
  }
  for (const name of new Set([...Object.keys(then.tables), ...Object.keys(now.tables)]))
    if (then.tables[name] !== now.tables[name])
      changes.push(
        `the table ${name}: ${!now.tables[name] ? 'it is no longer there' : then.tables[name] ? 'other values' : 'it is new'}`,
      )
  if (then.drawing !== now.drawing) changes.push('the drawing')
  return { same: changes.length === 0, changes, remarks: remarksOf(then, now) }
}

/** Its name, and versions. */
function remarksOf(then: FigureRecord | PageRecord, now: FigureRecord | PageRecord): string[] {
  const renamed = then.study.name === now.study.name ? [] : [`the study is now called ${now.study.name}`]
  const versions = differences('', new Map(Object.entries(then.versions)), new Map(Object.entries(now.versions)))
  return [...renamed, ...versions.map((line) => line.trim())]
}

const entriesOf = (options: FigureRecord['options']) =>
  new Map(Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)]))
const encodingOf = ({ encoding }: FigureRecord) => new Map(encoding.map(({ option, value }) => [option, value]))

function differences(what: string, then: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((name) => {
    const [before, after] = [then.get(name) ?? 'nothing', now.get(name) ?? 'nothing']
    return before === after ? [] : [`${what} ${name}: ${before} then, ${after} now`]
  })
}

function sourceChanges(then: FigureRecord, now: FigureRecord): string[] {
  const place = ({ space, layer }: FigureRecord['sources'][number]) =>
    space === layer ? `scores of ${space}` : `scores of ${space}, ${layer}`
  const words = ({ subjects, key }: FigureRecord['sources'][number]) => ({ subjects, key })
  const before = new Map(then.sources.map((source) => [place(source), words(source)]))
  const after = new Map(now.sources.map((source) => [place(source), words(source)]))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [a, b] = [before.get(name), after.get(name)]
    if (!a) return [`${name}: they are used now`]
    if (!b) return [`${name}: they are no longer used`]
    if (a.subjects !== b.subjects) return [`${name}: ${a.subjects} stored maps then, ${b.subjects} now`]
    return a.key === b.key ? [] : [`${name}: computed from other inputs, options or code`]
  })
}

/** Names of subjects in a sentence, so that four hundred stay readable. */
const mostNamed = 12

function subjectChanges({ subjects: then }: FigureRecord, { subjects: now }: FigureRecord): string[] {
  if (!then || !now) return []
  const [before, after] = [then, now].map((list) => new Map(list.map(({ id, key }) => [id, key])))
  const line = (ids: readonly string[], what: (one: boolean) => string) => {
    const named = ids.slice(0, mostNamed).join(', ')
    const rest = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : ''
    return ids.length === 0
      ? []
      : [`${ids.length === 1 ? 'subject' : 'subjects'} ${named}${rest}: ${what(ids.length === 1)}`]
  }
  const ids = (list: readonly { readonly id: string }[], chosen: (id: string) => boolean) =>
    list.map(({ id }) => id).filter(chosen)
  return [
    ...line(
      ids(then, (id) => after.has(id) && before.get(id) !== after.get(id)),
      (one) => (one ? 'its recordings are others' : 'their recordings are others'),
    ),
    ...line(
      ids(then, (id) => !after.has(id)),
      (one) => (one ? 'its scores are no longer used' : 'their scores are no longer used'),
    ),
    ...line(
      ids(now, (id) => !before.has(id)),
      (one) => (one ? 'its scores are used now' : 'their scores are used now'),
    ),
  ]
}

/** @param now of the same page, drawn again */
export function comparePages(then: PageRecord, now: PageRecord): Comparison {
  const changes = [
    ...pageChanges(then.page.made!.sources, now.page.made!.sources),
    ...(then.drawing === now.drawing ? [] : ['the drawing']),
  ]
  return { same: changes.length === 0, changes, remarks: remarksOf(then, now) }
}
