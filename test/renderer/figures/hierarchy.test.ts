import { expect, test } from 'vitest'
import type { Finding, FindingColumn } from '../../../src-main/contract/findings.ts'
import { drawFinding } from '../../../src-renderer/figures/draw.ts'
import { layerColour } from '../../../src-renderer/figures/layerMap.ts'
import { isWellFormed } from '../plots/xml.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const layers = ['conv4', 'transf0', 'transf1', 'transf2']
const surface = syntheticSurface(12)
const vertices = surface.left.labels.length + surface.right.labels.length
const table = (name: string, columns: Readonly<Record<string, FindingColumn['values']>>) => ({
  ...{ name, title: name },
  columns: Object.entries(columns).map(([own, values]) => ({ name: own, title: own, values })),
})
const four = (values: readonly number[]) => Float64Array.from(values)

function finding(changes: Partial<Finding> = {}): Finding {
  return {
    ...{ figure: 'hierarchy', title: 'Preferred layers of w2v', notice: null, caption: '', methods: '' },
    captionParts: { opening: '', panels: [], closing: '' },
    ...{ notes: [], tests: [], measure: { name: 'Pearson r', symbol: 'r' } },
    maps: [{ name: 'best layer', label: '', values: Float32Array.from({ length: vertices }, (_, v) => v % 4) }],
    tables: [
      table('layers', { layer: layers, mean: four([0.01, 0.02, 0.03, 0.02]), sem: four([0.001, 0.002, NaN, 0.001]) }),
      table('histograms', {
        region: [...layers.map(() => 'A1/A2'), ...layers.map(() => 'IFG')],
        layer: [...layers, ...layers],
        vertices: Int32Array.of(6, 4, 0, 0, 0, 0, 0, 0),
        share: four([0.6, 0.4, 0, 0, NaN, NaN, NaN, NaN]),
      }),
      table('distance', {
        hemisphere: ['left', 'left'],
        ...{ from_mm: four([0, 10]), to_mm: four([10, 20]), mean: four([0.4, 2.1]) },
        ...{ quarter: four([0, 2]), three_quarters: four([1, 3]) },
      }),
      table('trend', {
        ...{ hemisphere: ['left', 'right', 'both'], source: ['A1/A2', 'A1/A2', 'A1/A2'] },
        ...{ rho: four([-0.42, NaN, 0.4]), p_spin: four([0.012, NaN, NaN]) },
      }),
    ],
    provenance: { study: '', key: '', options: {}, encoding: [], sources: [], subjects: [], versions: {} },
    ...changes,
  }
}
const draw = (one = finding(), widthMm = 180) =>
  drawFinding({ finding: one, surface }, { widthMm, theme: 'light', dpi: 60 })

test('four panels with the layers, the regions, rho and p; and what has no p says so', () => {
  const svg = draw()
  expect(isWellFormed(svg)).toBe(true)
  expect([...svg.matchAll(/font-weight="600"[^>]*>(.)</g)].map(([, letter]) => letter)).toEqual(['A', 'B', 'C', 'D'])
  for (const words of ['conv4', 'transf2', 'A1/A2', 'n = 10', 'mean Pearson r', 'left: ρ = −0.42, spin p = 0.012'])
    expect(svg).toContain(`>${words}<`)
  expect(svg).toContain('>right: no trend<')
  expect(svg).toContain('>both: ρ = 0.40, no spin p<')
  expect(svg).toContain('>distance from A1/A2 along the cortex, mm<')
  // Letters of the picture's bytes may be any.
  expect(svg.replace(/base64,[^"]*/, '')).not.toMatch(/NaN|undefined|Infinity/)
})

test('in a single column the panels are one below the other', () => {
  const heights = [180, 85].map((width) => Number(/height="([\d.]+)mm"/.exec(draw(finding(), width))![1]))
  expect(heights[1]).toBeGreaterThan(1.6 * heights[0])
})

test('where nothing was found, panels say so', () => {
  const { tables } = finding()
  const empty = tables.map((own) =>
    own.name === 'layers' ? own : { ...own, columns: own.columns.map((column) => ({ ...column, values: [] })) },
  )
  const svg = draw(finding({ tables: empty, maps: [] }))
  expect(isWellFormed(svg)).toBe(true)
  expect(svg).toContain('no vertex is coloured')
  expect(svg).toContain('no distances')
})

test('layers have different colours, in the order of the colour map', () => {
  const colours = layers.map((_, i) => layerColour(i, layers.length))
  expect(new Set(colours).size).toBe(4)
  const brightness = colours.map((colour) => Math.max(...colour.match(/\d+/g)!.map(Number)))
  expect(brightness[3]).toBeGreaterThan(brightness[0])
})
