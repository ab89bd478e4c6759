import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { figurePageSchema, type FigurePage, type PagePanel } from '../../../src-main/contract/figurePage.ts'
import type { MapSpec } from '../../../src-main/contract/maps.ts'
import type { Finding } from '../../../src-main/contract/findings.ts'
import { renderPdf } from '../../../src-main/jobs/host/pdf.ts'
import { inReadingOrder, lettersOf } from '../../../src-renderer/figures/composed/letters.ts'
import { loadPage, type Ask } from '../../../src-renderer/figures/composed/load.ts'
import { drawPage, noticeHeight, PanelProblem } from '../../../src-renderer/figures/composed/pageDrawing.ts'
import { sourceChanges, sourcesOf } from '../../../src-renderer/figures/composed/sources.ts'
import { draftCaption, draftMethods } from '../../../src-renderer/figures/composed/words.ts'
import { attributeNames, isWellFormed } from '../plots/xml.ts'
import { syntheticScores, syntheticSurface } from '../syntheticCortex.ts'
import { syntheticInspection, syntheticPointScores } from '../syntheticInspection.ts'
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
  provenance: {
    study: '',
    key: key('b'),
    options: { level: 0.05 },
    encoding: [],
    sources: [],
    subjects: [],
    versions: {},
  },
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
/** Of a grid: what is shown is told by its label. */
const gridMapOf = (spec: MapSpec) => ({
  ...{ ...map, label: `a map of ${spec.kind}` },
  significance:
    spec.kind === 'score'
      ? {
          ...{ left: map.left.map((r) => 1 - r), right: map.right.map((r) => 1 - r) },
          ...{ test: 'one-sample t test (n = 3)', least: 0.8 },
        }
      : null,
})
const asked: string[] = []
const ask: Ask = {
  surface: async () => surface,
  table: async () => syntheticTable,
  map: async (need) => {
    asked.push(need.subject)
    return map
  },
  gridMap: async ({ spec }) => gridMapOf(spec),
  pointScores: async () => syntheticPointScores,
  inspection: async ({ points }) => points.map(() => syntheticInspection),
  stimulus: async ({ stimulus, from, to }) => ({
    ...{ stimulus, from, to, seconds: 9, bands: 2, wordCount: 1 },
    peaks: Float32Array.of(-1, 1, -0.5, 0.5),
    mel: Uint8Array.of(0, 255, 128, 0),
    words: [{ text: 'once', start: 1, end: 6 }],
  }),
  recording: async ({ subject, run }) => ({
    ...{ subject, run, stimulus: 'a', tr: 2, first: -4, spikeThreshold: 3, motion: null },
    ...{ globalSignal: Float64Array.of(1, 2, 3), dvars: Float64Array.of(NaN, 4, 1), tsnr: Float32Array.of(10, 20) },
    spectrum: { hertz: Float64Array.of(0, 0.1), power: Float64Array.of(1, 2) },
    ...{ histogram: { edges: Float64Array.of(0, 10, 20), counts: Float64Array.of(1, 1) }, trim: { start: 1, end: 0 } },
  }),
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

describe('Compare’s grid on a page', () => {
  const of = { models: ['w2v-native'], layer: 'transf4', subject: 'mean' }
  const less = { ...of, models: ['w2v-untrained'] }
  const viridis = { colormap: 'viridis', limits: { low: 0, high: 0.2 }, threshold: null, level: null, fade: true }
  const grid = (part: object = {}): FigurePage => ({
    ...page,
    panels: [
      figurePageSchema.shape.panels.element.parse({
        ...{ id: 'grid', at: [2, 2], size: [120, 70], show: 'compare', form: 'inflated', outlines: false },
        rows: [
          { name: 'Native', note: 'transf4', maps: [{ kind: 'score', of }] },
          { name: 'Native − untrained', note: '', maps: [{ kind: 'difference', of, less }, null] },
        ],
        columns: [
          { aspect: 'lateral', hemispheres: ['left'] },
          { aspect: 'dorsal', hemispheres: ['left', 'right'] },
        ],
        ...{ correction: 'none', scales: { score: viridis, difference: { ...viridis, colormap: 'blue-red' } } },
        ...part,
      }),
    ],
  })
  const load = (of: FigurePage) => loadPage(of, null, ask)
  const imageOf = (svg: string) => {
    const [, picture] = /href="data:image\/png;base64,([^"]+)"/.exec(svg)!
    return decode(Buffer.from(picture, 'base64'))
  }

  test('asks for each map once and names rows, columns and what each quantity is', async () => {
    const own = await load(grid())
    expect([...own.answers.keys()]).toHaveLength(3)
    const drawn = words(drawPage(grid(), own, 96))
    for (const word of ['Native', 'transf4', 'left, lateral', 'dorsal', 'a map of score', 'a map of difference'])
      expect(drawn).toContain(word)
  })
  test('each cell has its own map; one without a map is the bare cortex', async () => {
    const { width, height, data: rgba } = imageOf(drawPage(grid(), await load(grid()), 96))
    const coloured = (column: number, row: number) => {
      let count = 0
      for (let y = Math.ceil((row * height) / 2); y < ((row + 1) * height) / 2; y++)
        for (let x = Math.ceil((column * width) / 2); x < ((column + 1) * width) / 2; x++) {
          const at = 4 * (y * width + x)
          if (rgba[at + 3] > 0 && rgba[at] !== rgba[at + 1]) count++
        }
      return count
    }
    expect([coloured(0, 0), coloured(1, 0), coloured(0, 1), coloured(1, 1)].map((count) => count > 50)).toEqual([
      ...[true, true, true, false],
    ])
  })
  test('a level of adjusted p colours what passes, and the caption says by which test', async () => {
    const tested = grid({
      ...{ correction: 'benjamini-hochberg' },
      scales: { score: { ...viridis, level: 0.05, fade: false } },
      rows: [{ name: 'Native', note: '', maps: [{ kind: 'score', of }] }],
    })
    const own = await load(tested)
    const { data: rgba } = imageOf(drawPage(tested, own, 96))
    expect(rgba.some((value, i) => i % 4 === 0 && value !== rgba[i + 1])).toBe(false)
    expect(draftCaption(tested, own)).toMatch(
      /rows: Native; columns: left, lateral; dorsal; on the inflated surface.*a map of score, colours \(Viridis\) from 0 to 0\.2; coloured: false discovery rate 5 %.*Nothing passes: the smallest adjusted p is 0\.8\. one-sample t test \(n = 3\)/s,
    )
  })
  test('a turned cell alone is turned; outlines darken borders of regions', async () => {
    const own = await load(grid())
    const before = imageOf(drawPage(grid(), own, 96)).data
    const differ = (part: object) => {
      const { data: after, width, height } = imageOf(drawPage(grid(part), own, 96))
      const changed = [0, 0]
      for (let i = 0; i < after.length; i++)
        if (after[i] !== before[i])
          changed[Math.floor(i / 4) % width < width / 2 && i / 4 < (width * height) / 2 ? 0 : 1]++
      return changed.map((count) => count > 50)
    }
    expect(differ({ turned: [{ row: 0, column: 0, orbit: { yaw: 0.6, pitch: 0, zoom: 1 } }] })).toEqual([true, false])
    expect(differ({ outlines: true })).toEqual([true, true])
  })
  test('another map, or another p, is told of', async () => {
    const then = await sourcesOf(grid(), await load(grid()))
    const other = await loadPage(grid(), null, {
      ...ask,
      gridMap: async ({ spec }) => {
        const same = gridMapOf(spec)
        return spec.kind === 'score' ? same : { ...same, left: same.left.map((value) => value + 0.1) }
      },
    })
    expect(sourceChanges(then, await sourcesOf(grid(), other))).toEqual([
      'the map of the difference of w2v-native, transf4 and w2v-untrained, transf4: computed from other inputs, options or code',
    ])
  })
})

describe('what Why here and Quality show, on a page', () => {
  const vertex = { hemisphere: 'left', vertex: 1 }
  const point = { subject: 's', model: 'm', layer: 'l', place: vertex }
  const pageOf = (...own: object[]): FigurePage => ({
    ...page,
    panels: own.map((one, i) =>
      figurePageSchema.shape.panels.element.parse({ id: `p-${i}`, at: [2, 2 + 50 * i], size: [120, 48], ...one }),
    ),
  })
  const course = {
    ...{ show: 'course', stimulus: 'b', run: 1, span: { from: -1, to: 8 }, window: 10, shifted: false, scaled: true },
    points: [{ ...point, name: 'left 1', colour: '#0072b2' }],
  }
  const looked = pageOf({ show: 'point', place: vertex, subject: 's' }, course, {
    ...{ show: 'quality', subject: 's', run: 0, chart: 'dvars' },
  })

  test('is drawn by the same charts, lettered, and put in words', async () => {
    const own = await loadPage(looked, null, ask)
    const svg = drawPage(looked, own, 96)
    expect(isWellFormed(svg)).toBe(true)
    // The strict reader refuses what a PDF cannot show.
    expect((await renderPdf(svg, 'Looked at', '')).length).toBeGreaterThan(1000)
    for (const word of ['once', 'left 1', 'noise ceiling', 'RMS change', 'DVARS, s, a', 'Measured and predicted, b'])
      expect(words(svg)).toContain(word)
    expect(draftCaption(looked, own)).toMatch(
      /a, Pearson r at left 1 by layer, mean of 2 subjects.*b, what was heard \(b: waveform.*at left 1 \(m, l, s\).*c, dvars of s, run 1\./s,
    )
    const then = await sourcesOf(looked, own)
    expect(then.map(({ what }) => what)).toEqual([
      ...['the scores at left 1', 'the time courses at left 1 of m, l', 'the sound of b', 'the recording 1 of s'],
    ])
    const other = await loadPage(looked, null, {
      ...ask,
      inspection: async () => [{ ...syntheticInspection, predicted: new Float32Array(7) }],
    })
    expect(sourceChanges(then, await sourcesOf(looked, other))).toEqual([
      'the time courses at left 1 of m, l: computed from other inputs, options or code',
    ])
  })
  test('says what the study no longer gives', async () => {
    for (const [own, why] of [
      [{ ...course, run: 0 }, /Run 1 of s is no longer of b/],
      [{ show: 'quality', subject: 's', run: 0, chart: 'motion' }, /no framewise displacement/],
    ] as const) {
      const lost = pageOf(own)
      const known = await loadPage(lost, null, ask)
      expect(() => drawPage(lost, known, 96)).toThrow(why)
    }
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
  test('and the drawing of a map that fades below its threshold say so', () => {
    const ofFaint = (fade: boolean): FigurePage => {
      const drawn = { show: 'map', map: native, view: 'overview', form: 'inflated', scale: { ...scale, fade } } as const
      return { ...page, panels: [{ id: 'map', at: [2, 2], size: [80, 60], ...drawn }] }
    }
    expect(draftCaption(ofFaint(true), data)).toContain('from 0 to 0.2, fainter below 0.02')
    expect(draftCaption(ofFaint(false), data)).toContain('from 0 to 0.2, none below 0.02')
    expect(drawPage(ofFaint(true), data, 96)).not.toBe(drawPage(ofFaint(false), data, 96))
    expect(figurePageSchema.safeParse(ofFaint(true)).success).toBe(true)
  })
  test('of the methods is the encoding model’s and each figure’s, once', () => {
    const twice = { ...page, panels: [...panels, { ...panels[3], id: 'again' }] }
    expect(draftMethods(twice, data, 'Encoding models were fitted.')).toBe(
      'Encoding models were fitted.\n\nModels were asked.',
    )
  })
})
