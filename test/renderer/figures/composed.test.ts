import { describe, expect, test } from 'vitest'
import type { FigurePage, PagePanel } from '../../../src-main/contract/figurePage.ts'
import type { Finding } from '../../../src-main/contract/findings.ts'
import { renderPdf } from '../../../src-main/jobs/host/pdf.ts'
import { inReadingOrder, lettersOf } from '../../../src-renderer/figures/composed/letters.ts'
import { loadPage, type Ask } from '../../../src-renderer/figures/composed/load.ts'
import { drawPage, noticeHeight, PanelProblem } from '../../../src-renderer/figures/composed/pageDrawing.ts'
import { sourceChanges, sourcesOf } from '../../../src-renderer/figures/composed/sources.ts'
import { draftCaption, draftMethods } from '../../../src-renderer/figures/composed/words.ts'
import { attributeNames, isWellFormed } from '../plots/xml.ts'
import { syntheticScores, syntheticSurface } from '../syntheticCortex.ts'
import { syntheticTable } from '../syntheticStudy.ts'

const surface = syntheticSurface(8)
const key = (digit: string) => digit.repeat(64)
const map = {
  ...{ left: syntheticScores(surface.left, 0, 0.2), right: syntheticScores(surface.right, 0.3, 0.1) },
  ...{ label: 'Pearson r, mean of 10 folds and 3 subjects', part: '', subjects: 3, key: key('a') },
  percentiles: [0, 0.1, 0.2] as const,
}
const finding: Finding = {
  ...{ figure: 'behaviour', title: 'Behaviour', notice: null, caption: '', notes: [], tests: [], maps: [] },
  methods: 'Models were asked.',
  measure: { name: 'Pearson r', symbol: 'r' },
  captionParts: {
    opening: 'Discrimination.',
    panels: [{ panel: 'models', words: 'models’ accuracy.' }],
    closing: 'p below 0.05 is marked.',
  },
  tables: [
    {
      ...{ name: 'regimes', title: 'Regimes' },
      columns: [
        { name: 'regime', title: '', values: ['native'] },
        ...['accuracy', 'low', 'high'].map((name, i) => ({ name, title: '', values: Float64Array.of(0.6 + 0.1 * i) })),
      ],
    },
  ],
  provenance: { study: '', key: key('b'), options: { level: 0.05 }, encoding: [], sources: [], versions: {} },
}

const scale = { colormap: 'viridis', limits: { low: 0, high: 0.2 }, threshold: 0.02 } as const
const native = { subject: 'mean', model: 'w2v-native', layer: 'transf4' }
const panels: PagePanel[] = [
  { id: 'words', at: [2, 90], size: [80, 10], show: 'text', words: 'Some words', points: 8, bold: false },
  { id: 'layers', at: [92, 4], size: [60, 40], show: 'layers' },
  { id: 'map', at: [2, 2], size: [80, 60], show: 'map', map: native, view: 'overview', form: 'inflated', scale },
  { id: 'models', at: [2, 64], size: [60, 40], show: 'finding', figure: 'behaviour', panel: 'models' },
  {
    ...{ id: 'grid', at: [92, 64], size: [60, 50], show: 'grid', maps: [native, { ...native, subject: 'sub-01' }] },
    ...{ views: ['lateral', 'medial'], form: 'inflated', scale },
  },
]
const page: FigurePage = {
  ...{ 'heschl-figure': 1, title: 'A page', width: 180, height: 120, dpi: 96, letters: 'a', panels },
  ...{ caption: '', methods: '', made: null },
}
const asked: string[] = []
const ask: Ask = {
  surface: async () => surface,
  table: async () => syntheticTable,
  map: async (need) => {
    asked.push(need.subject)
    return map
  },
  finding: async () => ({ finding, surface: null }),
}
const data = await loadPage(page, 'Scores are synthetic.', ask)
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word)

describe('panels in the order of reading', () => {
  test('are lettered row by row; words have no letter', () => {
    expect(Object.fromEntries(lettersOf(page))).toEqual({ map: 'a', layers: 'b', models: 'c', grid: 'd' })
    expect([...lettersOf({ panels, letters: 'A' }).values()].toSorted()).toEqual(['A', 'B', 'C', 'D'])
    expect(lettersOf({ panels, letters: 'none' }).size).toBe(0)
  })
  test('beyond z letters are doubled', () => {
    const many = Array.from({ length: 28 }, (_, i) => ({
      ...panels[1],
      id: `p${i}`,
      at: [5 * i, 0] as [number, number],
    }))
    expect([...lettersOf({ panels: many, letters: 'a' }).values()].slice(25)).toEqual(['z', 'aa', 'ab'])
  })
  test('a panel that begins in the lower half of another stands in the next row', () => {
    const at = (id: string, x: number, y: number) => ({
      id,
      at: [x, y] as [number, number],
      size: [20, 20] as [number, number],
    })
    const order = inReadingOrder([at('low', 0, 12), at('right', 40, 9), at('left', 20, 0)])
    expect(order.map(({ id }) => id)).toEqual(['left', 'right', 'low'])
  })
})

describe('a page', () => {
  const svg = drawPage(page, data, page.dpi)
  test('asks for each source once', () => expect(asked).toEqual(['mean', 'sub-01']))
  test('is as large as it says, with the notice above it', () => {
    const above = noticeHeight(page, data.notice)
    expect(above).toBeGreaterThan(5)
    const [, width, height] = /^<svg [^>]*width="([\d.]+)mm" height="([\d.]+)mm"/.exec(svg)!.map(Number)
    expect(width).toBe(180)
    expect(height).toBeCloseTo(120 + above, 2)
    expect(noticeHeight(page, null)).toBe(0)
    const y = ((above + 64) * 96) / 25.4
    expect(svg).toContain(`translate(${((2 * 96) / 25.4).toFixed(2)} ${y.toFixed(2)})`)
  })
  test('is well-formed, without style attributes, and can be put into a PDF', async () => {
    expect(isWellFormed(svg)).toBe(true)
    expect(attributeNames(svg)).not.toContain('style')
    expect((await renderPdf(svg, 'A page', '')).length).toBeGreaterThan(1000)
  })
  test('has letters, headings, words and the notice', () => {
    const drawn = words(svg)
    for (const word of [
      'a',
      'd',
      'w2v-native, transf4',
      'Score by layer',
      'Models',
      'Some words',
      'Scores are synthetic.',
    ])
      expect(drawn).toContain(word)
  })
  test('a heading of its own takes the place of the panel’s, and an empty one leaves it out', () => {
    const headed = (heading: string) => drawPage({ ...page, panels: [{ ...panels[1], heading }] }, data, 96)
    expect(words(headed('Layers'))).toContain('Layers')
    expect(words(headed(''))).not.toContain('Score by layer')
  })
  test('has no type below 7 points', () => {
    const sizes = [
      ...svg.replace(/<g transform="scale\(.*?<\/g><g transform="translate/gs, '').matchAll(/font-size="([\d.]+)"/g),
    ]
    for (const [, size] of sizes) expect(Number(size)).toBeGreaterThan(9.3)
  })
  test('names the panel that the study cannot give', () => {
    const lost: PagePanel = {
      ...panels[1],
      id: 'lost',
      show: 'training',
      axis: 'hours',
      layer: 'none',
      scale: 'log',
    }
    expect(() => drawPage({ ...page, panels: [lost] }, data, 96)).toThrow(PanelProblem)
    const gone: PagePanel = { ...panels[3], panel: 'ceiling' } as PagePanel
    expect(() => drawPage({ ...page, panels: [gone] }, data, 96)).toThrow(/has no panel ceiling; it has models/)
  })
})

describe('what a page showed', () => {
  test('is the same as long as its content is, and tells what is not', async () => {
    const then = await sourcesOf(page, data)
    expect(then.map(({ key: own }) => own)).toContain(key('a'))
    expect(sourceChanges(then, await sourcesOf(page, await loadPage(page, null, ask)))).toEqual([])
    const moved = { ...surface, left: { ...surface.left, inflated: surface.left.inflated.map((x) => x + 1) } }
    const other = await loadPage(page, null, {
      ...ask,
      surface: async () => moved,
      map: async ({ subject }) => (subject === 'mean' ? map : { ...map, key: key('c') }),
    })
    expect(sourceChanges(then, await sourcesOf(page, other))).toEqual(
      [
        'the map of w2v-native, transf4, sub-01: computed from other inputs, options or code',
        'the surface: computed from other inputs, options or code',
      ].toSorted(
        (a, b) => then.findIndex(({ what }) => a.startsWith(what)) - then.findIndex(({ what }) => b.startsWith(what)),
      ),
    )
    const fewer = await sourcesOf({ panels: panels.slice(0, 2) }, data)
    expect(sourceChanges(then, fewer)).toContain('the figure behaviour: it is no longer shown')
  })
})

describe('a draft', () => {
  test('of the caption letters what each panel shows, with what holds for its figure', () => {
    const caption = draftCaption(page, data)
    expect(caption).toMatch(
      /^A page\. Discrimination\. a, Pearson r, mean of 10 folds and 3 subjects, of w2v-native, transf4/,
    )
    for (const part of [
      'colours (Viridis) from 0 to 0.2, none below 0.02',
      'c, models’ accuracy.',
      'p below 0.05 is marked.',
    ])
      expect(caption).toContain(part)
    expect(caption.indexOf('c, models')).toBeGreaterThan(caption.indexOf('b, mean'))
  })
  test('of the methods is the encoding model’s and each figure’s, once', () => {
    const twice = { ...page, panels: [...panels, { ...panels[3], id: 'again' }] }
    expect(draftMethods(twice, data, 'Encoding models were fitted.')).toBe(
      'Encoding models were fitted.\n\nModels were asked.',
    )
  })
})
