import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import {
  corticalFigure,
  layerFigure,
  noOrbit,
  trainingFigure,
  type CorticalFigure,
} from '../../../src-renderer/figures/index.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { attributeNames, isWellFormed } from '../plots/xml.ts'
import { syntheticScores, syntheticSurface } from '../syntheticCortex.ts'
import { syntheticTable } from '../syntheticStudy.ts'

const surface = syntheticSurface(12)
const notice = 'Listeners are simulated: what is shown was planted, not recorded.'
const figure: CorticalFigure = {
  title: 'w2v-native, transf4',
  subtitle: 'Synthetic study; mean of 3 subjects',
  notice,
  provenance: ['Heschl 0.0.0, study Synthetic'],
  surface,
  map: {
    left: syntheticScores(surface.left, 0, 0.2),
    right: syntheticScores(surface.right, 0.3, 0.1),
    label: 'Pearson r, mean of 10 folds',
    key: 'abc123',
  },
  form: 'inflated',
  view: 'overview',
  orbit: noOrbit,
  scale: { colormap: 'viridis', limits: { low: 0, high: 0.2 }, threshold: 0.02 },
  theme: 'light',
  width: 240,
  height: 160,
  density: 1,
}

function embeddedPicture(svg: string) {
  const [, base64] = /href="data:image\/png;base64,([^"]+)"/.exec(svg) ?? []
  return decode(Buffer.from(base64, 'base64'))
}

/** Every line of text that is drawn, without the document's title. */
const drawnText = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words)

describe('cortical figure', () => {
  const svg = corticalFigure(figure)

  test('is drawn into the picture: notice, label, what it was made from, limits, threshold, key', () => {
    const words = drawnText(svg).join(' ')
    for (const part of [
      figure.title,
      figure.subtitle,
      notice,
      'Pearson r, mean of 10 folds',
      'Heschl 0.0.0',
      'abc123',
      'limits 0 to 0.2',
      'threshold 0.02',
      'not anatomical',
    ])
      expect(words).toContain(part)
  })
  test('is well-formed, without style attributes', () => {
    expect(isWellFormed(svg)).toBe(true)
    expect(attributeNames(svg)).not.toContain('style')
  })
  test('is the same each time', () => expect(corticalFigure(figure)).toBe(svg))
  test('embeds the cortex at the size and density asked for', () => {
    const { width, height } = embeddedPicture(corticalFigure({ ...figure, density: 2 }))
    expect([width, height]).toEqual([480, 320])
  })
  test('marks the end of the colour bar that values go beyond', () => {
    const beyond = corticalFigure({ ...figure, scale: { ...figure.scale, limits: { low: 0, high: 0.05 } } })
    expect(drawnText(beyond)).toContain('≥ 0.05')
    expect(drawnText(svg)).toContain('0.2')
  })
  test('without a notice has no box for it', () => {
    const plain = corticalFigure({ ...figure, notice: null })
    expect(plain).not.toContain(plotThemes.light.noticePaper)
    expect(svg).toContain(plotThemes.light.noticePaper)
  })
  test('colours the two hemispheres by their own values, and what is below the threshold not at all', () => {
    const { data, width } = embeddedPicture(corticalFigure({ ...figure, view: 'lateral', width: 240, height: 80 }))
    const saturation = (x: number, y: number) => {
      const at = (y * width + x) * 4
      const rgb = [data[at], data[at + 1], data[at + 2]]
      return Math.max(...rgb) - Math.min(...rgb)
    }
    expect(saturation(60, 40)).toBeGreaterThan(60) // the middle of the left hemisphere's bump
    expect(saturation(60, 8)).toBeLessThanOrEqual(2) // its upper rim: grey
  })
  test('a map of NaN is the grey cortex with a colour bar', () => {
    const nothing = new Float32Array(surface.left.sulc.length).fill(NaN)
    const { data } = embeddedPicture(
      corticalFigure({ ...figure, map: { ...figure.map, left: nothing, right: nothing } }),
    )
    for (let i = 0; i < data.length; i += 4)
      expect(Math.max(data[i], data[i + 1], data[i + 2])).toBe(Math.min(data[i], data[i + 1], data[i + 2]))
  })
})

describe('layer figure', () => {
  const svg = layerFigure({ ...figure, table: syntheticTable, width: 480, height: 300 })
  test('for review', () => expect(svg).toMatchFileSnapshot('__snapshots__/layerFigure.svg'))
  test('has the notice drawn into it', () => expect(drawnText(svg).join(' ')).toContain(notice))
})

describe('training figure', () => {
  const chart = {
    table: syntheticTable,
    axis: 'steps',
    scale: 'log',
    layer: 'transf4',
    width: 480,
    height: 300,
  } as const
  const svg = trainingFigure({ ...figure, ...chart })
  test('has the axis with its unit, the notice, and what it was made from', () => {
    const words = drawnText(svg).join(' ')
    for (const part of ['training steps (updates of the weights)', 'mean Pearson r', '100,000', notice, 'Heschl 0.0.0'])
      expect(words).toContain(part)
    expect(isWellFormed(svg)).toBe(true)
    expect(attributeNames(svg)).not.toContain('style')
  })
})
