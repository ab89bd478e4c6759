import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { figurePageSchema, type FigurePage } from '../../../../src-main/contract/figurePage.ts'
import { mutate, randomFrom } from '../../../support/fuzz.ts'
import { listPages, pagePath, readPage, writePage } from '../../../../src-main/jobs/host/figures/pageFile.ts'

let folder: string
let study: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-pages-'))
  study = join(folder, 'study.yaml')
})
afterAll(() => rm(folder, { recursive: true }))

const length = fc.double({ min: 8, max: 200, noNaN: true })
const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
const map = fc.record({ subject: name, model: name, layer: name })
const scale = fc.record({
  colormap: fc.constantFrom('viridis' as const, 'blue-red' as const),
  limits: fc.constant({ low: -0.5, high: 1e-3 }),
  threshold: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 })),
})
const placed = { at: fc.tuple(length, length), size: fc.tuple(length, length) }
const panel = fc.oneof(
  fc.record({
    ...{ ...placed, show: fc.constant('map' as const), map, scale, form: fc.constant('folded' as const) },
    view: fc.constantFrom('overview' as const, 'ventral' as const),
  }),
  fc.record({
    ...{ ...placed, show: fc.constant('finding' as const), figure: fc.constantFrom('scores' as const), panel: name },
    options: fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
  }),
  fc.record({
    ...{ ...placed, show: fc.constant('text' as const), points: fc.integer({ min: 5, max: 24 }), bold: fc.boolean() },
    words: fc.string({ unit: 'grapheme', maxLength: 200 }),
  }),
)
const pages: fc.Arbitrary<FigurePage> = fc.record({
  ...{
    'heschl-figure': fc.constant(1 as const),
    title: fc.string({ unit: 'grapheme' }),
    width: fc.integer({ min: 40, max: 400 }),
  },
  ...{ height: fc.integer({ min: 20, max: 600 }), dpi: fc.integer({ min: 72, max: 1200 }) },
  letters: fc.constantFrom('a' as const, 'A' as const, 'none' as const),
  panels: fc.array(panel, { maxLength: 5 }).map((all) => all.map((one, i) => ({ ...one, id: `p-${i}` }))),
  ...{
    caption: fc.string({ unit: 'grapheme', maxLength: 300 }),
    methods: fc.constant('Two\n\nparagraphs: and # signs'),
  },
  made: fc.option(
    fc.record({
      ...{ heschl: fc.constant('0.1.0'), study: fc.constant('study.yaml') },
      sources: fc.array(fc.record({ what: fc.string(), key: fc.constant('0f'.repeat(32)) }), { maxLength: 3 }),
    }),
  ),
})

test('a page comes back from its file as it was', async () => {
  await fc.assert(
    fc.asyncProperty(pages, async (page) => {
      const valid = figurePageSchema.parse(page)
      expect(await readPage(await writePage(study, 'Figure 1', valid))).toEqual(valid)
    }),
    { numRuns: 60 },
  )
  // Nothing but the file itself is left.
  expect(await readdir(join(folder, 'figures'))).toEqual(['Figure 1.figure.yaml'])
})

test('is text that a person can read and change', async () => {
  const [page] = fc.sample(pages, { numRuns: 1, seed: 3 })
  const panel = { id: 'map', at: [2, 4], size: [80, 60], show: 'layers' } as const
  const file = await writePage(study, 'Read', {
    ...page,
    panels: [{ ...panel, at: [2, 4], size: [80, 60] }],
    made: null,
  })
  const text = await readFile(file, 'utf8')
  expect(text).toContain('at: [ 2, 4 ]')
  await writeFile(file, text.replace('[ 2, 4 ]', '[2.5, 4]'))
  expect((await readPage(file)).panels[0].at).toEqual([2.5, 4])
})

test.each([
  ['not YAML', 'a: [', /This is not|flow|YAML/i],
  ['no page', 'hello: 1', /heschl-figure/],
  ['a later version', 'heschl-figure: 2', /or a later one/],
  ['two panels of one id', two('a', 'a'), /two panels have one id/],
  ['a panel of no kind', two('a', 'b').replace('show: layers', 'show: cake'), /show/],
])('%s is refused with the reason', async (_, text, reason) => {
  const file = join(folder, 'bad.figure.yaml')
  await writeFile(file, text)
  const error = await readPage(file).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ name: 'HeschlError', code: 'FORMAT_INVALID' })
  expect((error as Error).message).toMatch(reason)
})

function two(first: string, second: string): string {
  const panel = (id: string) => `  - {id: ${id}, at: [1, 1], size: [20, 20], show: layers}\n`
  return `heschl-figure: 1\ntitle: ''\nwidth: 88\nheight: 60\ndpi: 300\nletters: a\npanels:\n${panel(first)}${panel(second)}caption: ''\nmethods: ''\nmade: null\n`
}

test('all pages of a study are listed, with the reason where one cannot be read', async () => {
  await writeFile(join(folder, 'figures', 'Broken.figure.yaml'), 'heschl-figure: 1')
  const listed = await listPages(study)
  expect(listed.map(({ name: own }) => own)).toEqual(['Broken', 'Figure 1', 'Read'])
  expect(listed[0].problem).toContain('This is not a figure that can be opened')
  expect(listed[1].problem).toBeNull()
  expect(await listPages(join(folder, 'elsewhere', 'study.yaml'))).toEqual([])
})

test('mutated files are read or refused, and so is one that is nested beyond any stack', async () => {
  const random = randomFrom(20261130)
  const seeds = [Buffer.from(two('a', 'b'))]
  const file = join(folder, 'mutated.figure.yaml')
  for (let i = 0; i < 300; i++) {
    await writeFile(file, mutate(seeds, random))
    const error = await readPage(file).then(
      () => null,
      (caught: unknown) => caught,
    )
    if (error !== null) expect(error).toMatchObject({ name: 'HeschlError', code: 'FORMAT_INVALID' })
  }
  await writeFile(
    file,
    Array.from({ length: 4000 }, (_, i) => `${' '.repeat(i % 100)}? - `).join('') + '- '.repeat(20_000),
  )
  await expect(readPage(file)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
})

test.each(['../up', 'a/b', '', '.hidden', 'dot.', 'x'.repeat(90)])('%j is no name of a figure', (wrong) => {
  expect(() => pagePath(study, wrong)).toThrow(/cannot have this name/)
})
