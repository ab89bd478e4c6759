import { beforeAll, expect, test } from 'vitest'
import type { Finding, FindingFigure } from '../../../src-main/contract/findings.ts'
import { drawFinding } from '../../../src-renderer/figures/draw.ts'
import { analysed, crossedScores, octahedra } from '../../main/pipeline/findings/crossedDesign.ts'
import { attributeNames, isWellFormed } from '../plots/xml.ts'

let figure: FindingFigure
const layout = { widthMm: 180, theme: 'light', dpi: 72 } as const

beforeAll(async () => {
  const options = { level: 0.05, training: 'log' }
  const finding: Finding = {
    ...(await analysed(crossedScores())),
    ...{ figure: 'regimes', notice: 'Scores are synthetic.', measure: { name: 'Pearson r', symbol: 'r' } },
    provenance: { study: 'Crossed', key: '', options, encoding: [], sources: [], subjects: [], versions: {} },
  }
  figure = { finding, surface: octahedra() }
})

const letters = (svg: string) => [...svg.matchAll(/font-weight="600"[^>]*>(.)</g)].map(([, letter]) => letter)
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word)

test('panels have the letters of the caption, at any width', () => {
  const named = [...figure.finding.caption.matchAll(/(?:^|\. )([A-E]), /g)].map(([, letter]) => letter)
  expect(named).toEqual(['A', 'B', 'C', 'D'])
  for (const widthMm of [85, 180]) {
    const svg = drawFinding(figure, { ...layout, widthMm })
    expect(letters(svg)).toEqual(named)
    expect(isWellFormed(svg)).toBe(true)
    expect(attributeNames(svg)).not.toContain('style')
  }
})

test('marks stand where the table has a corrected p within the level, once for each', () => {
  const { tables } = figure.finding
  const columns = new Map(tables.find(({ name }) => name === 'contrasts')!.columns.map((one) => [one.name, one.values]))
  const drawn = (row: number) =>
    columns.get('group')![row] === 'all listeners' || columns.get('region')![row] === 'whole cortex'
  const counted = (alternative: string) =>
    Array.from(columns.get('q')!, Number).filter(
      (q, row) => q <= 0.05 && drawn(row) && columns.get('alternative')![row] === alternative,
    ).length
  const texts = words(drawFinding(figure, layout))
  expect(counted('greater')).toBeGreaterThan(0)
  expect(texts.filter((word) => word === '*')).toHaveLength(counted('greater'))
  expect(texts.filter((word) => word === '†')).toHaveLength(counted('two-sided'))
})

test('a dotted line across every bar is what it scores by chance, which the legend names; none where chance is 0', async () => {
  const dotted = (svg: string) =>
    [...svg.matchAll(/<line[^>]*stroke-dasharray="1 1.5"[^>]*>/g)].map(([line]) =>
      Number(/ y1="([^"]+)"/.exec(line)![1]),
    )
  const { columns } = figure.finding.tables.find(({ name }) => name === 'regions')!
  const drawn = Array.from(columns.find(({ name }) => name === 'region')!.values, String)
  const group = Array.from(columns.find(({ name }) => name === 'group')!.values, String)
  const bars = drawn.filter((region, row) => group[row] === 'all listeners' || region === 'whole cortex').length
  const svg = drawFinding(figure, layout)
  // Chance is 0 in these scores: lines lie on the axis of each panel, and there is one in each of two legends.
  expect(dotted(svg)).toHaveLength(bars + 2)
  expect(words(svg).filter((word) => word === 'by chance')).toHaveLength(2)
  const plain = await analysed(crossedScores({ preset: 'standard', chance: 'zero' }))
  const without = drawFinding({ ...figure, finding: { ...figure.finding, ...plain } }, layout)
  expect(dotted(without)).toEqual([])
  expect(words(without)).not.toContain('by chance')
})

test('the map’s legend counts the vertices of every class, and the notice is drawn', () => {
  const svg = drawFinding(figure, layout)
  const counts = words(svg).flatMap((word) => {
    const [, count] = /(?:none|> [a-z-]+) \((\d+)\)$/.exec(word.replace('&gt;', '>')) ?? []
    return count === undefined ? [] : [Number(count)]
  })
  expect(counts).toHaveLength(5)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12)
  expect(words(svg)).toContain('Scores are synthetic.')
})

test('without a cortex, languages or other regimes, those panels are left out', () => {
  const { finding } = figure
  const svg = drawFinding({ finding: { ...finding, maps: [] }, surface: null }, layout)
  expect(letters(svg)).toEqual(['A', 'B', 'C'])
})
