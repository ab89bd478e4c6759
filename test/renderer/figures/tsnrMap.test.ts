import { expect, test } from 'vitest'
import { tsnrMap } from '../../../src-renderer/figures/tsnrMap.ts'
import { plotThemes } from '../../../src-renderer/plots/theme.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const box = { width: 300, height: 160, theme: plotThemes.light }
const surface = syntheticSurface(12)
const vertices = surface.left.sulc.length + surface.right.sulc.length

test('the bar has the percentiles of the vertices that vary, and says what the values are', () => {
  const tsnr = Float32Array.from({ length: vertices }, (_, v) => (v % 5 === 0 ? 0 : 20 + (60 * v) / vertices))
  const drawn = tsnrMap(surface, tsnr, 96, box)!
  expect(drawn).toContain('tSNR: mean over SD over time (no unit)')
  const varying = tsnr.filter((value) => value !== 0).toSorted()
  const limits = [...drawn.matchAll(/>[≤≥]? ?(\d+(?:\.\d+)?)</g)].map(([, number]) => Number(number))
  expect(Math.abs(limits[0] - varying[Math.round(0.02 * (varying.length - 1))])).toBeLessThan(1)
  expect(Math.abs(limits[2] - varying[Math.round(0.98 * (varying.length - 1))])).toBeLessThan(1)
  expect(drawn).toContain('data:image/png;base64,')
})

test('no map of other vertices, of none that vary, or of voxels', () => {
  expect(tsnrMap(surface, new Float32Array(vertices - 1).fill(3), 96, box)).toBeNull()
  expect(tsnrMap(surface, new Float32Array(vertices), 96, box)).toBeNull()
  expect(tsnrMap(surface, new Float32Array(vertices).fill(NaN), 96, box)).toBeNull()
})
