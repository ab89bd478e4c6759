import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  automaticLimits,
  automaticThreshold,
  beyondLimits,
  isColoured,
  shownShare,
  paintVertices,
  tableRow,
} from '../../../src-renderer/colormaps/scale.ts'
import { colormapNames, colourTable, type ColormapName } from '../../../src-renderer/colormaps/tables.ts'

interface Reference {
  readonly rows: readonly number[]
  readonly maps: Readonly<Record<string, readonly (readonly number[])[]>>
  readonly values: readonly number[]
  readonly colours: readonly (readonly number[])[]
}
const reference = JSON.parse(
  readFileSync(new URL('../../reference/colormaps/matplotlib.json', import.meta.url), 'utf8'),
) as Reference

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])))

describe('tables against matplotlib', () => {
  // matplotlib's tables are floats that d3 wrote down as bytes, rounded its own way.
  test.each(['viridis', 'inferno', 'magma', 'cividis'] as const)('%s within 1 of 255', (name) => {
    const table = colourTable(name)
    reference.rows.forEach((row, i) => {
      const own = table.subarray(row * 3, row * 3 + 3)
      expect(largestDifference(own, reference.maps[name][i]), `row ${row}`).toBeLessThanOrEqual(1)
    })
  })

  test('a value takes the row that matplotlib gives it', () => {
    const table = colourTable('viridis')
    reference.values.forEach((value, i) => {
      const row = tableRow(value, { low: 0, high: 1 }) * 3
      expect(
        largestDifference(table.subarray(row, row + 3), reference.colours[i]),
        `value ${value}`,
      ).toBeLessThanOrEqual(1)
    })
  })

  test('the diverging map is blue below, near white at its centre, red above', () => {
    const table = colourTable('blue-red')
    const at = (row: number) => [...table.subarray(row * 3, row * 3 + 3)] as [number, number, number]
    expect(at(10)[2]).toBeGreaterThan(at(10)[0])
    expect(Math.min(...at(128))).toBeGreaterThan(235)
    expect(at(245)[0]).toBeGreaterThan(at(245)[2])
  })
})

describe('limits', () => {
  test('are the outer percentiles of a sequential map', () => {
    expect(automaticLimits([0.01, 0.02, 0.3], 'viridis', 0)).toEqual({ low: 0.01, high: 0.3 })
    expect(automaticLimits([-0.4, -0.3, -0.1], 'viridis', 0)).toEqual({ low: -0.4, high: -0.1 })
  })
  test('begin at 0 where a sequential map has both signs', () => {
    expect(automaticLimits([-0.01, 0.02, 0.3], 'viridis', 0)).toEqual({ low: 0, high: 0.3 })
  })
  test('go with a threshold as far above 0 as the lower percentile is below', () => {
    expect(automaticThreshold([-0.1163, 0.02, 0.3], 'viridis')).toBe(0.12)
    expect(automaticThreshold([-0.4, 0.02, 0.3], 'viridis')).toBeNull()
    expect(automaticThreshold([0.1, 0.2, 0.3], 'viridis')).toBeNull()
    expect(automaticThreshold([NaN, NaN, NaN], 'viridis')).toBeNull()
    expect(automaticThreshold([-0.1, 0.2, 0.3], 'blue-red')).toBeNull()
  })
  test('are symmetric about the centre of a diverging map', () => {
    expect(automaticLimits([-0.4, 0.1, 0.6], 'blue-red', 0)).toEqual({ low: -0.6, high: 0.6 })
    expect(automaticLimits([1, 2, 6], 'blue-red', 2)).toEqual({ low: -2, high: 6 })
  })
  test('say at which end a coloured value lies beyond them', () => {
    const values = fc.array(fc.oneof(fc.float({ min: -2, max: 2, noNaN: true }), fc.constant(NaN)), { maxLength: 6 })
    fc.assert(
      fc.property(
        fc.array(values, { maxLength: 3 }),
        fc.constantFrom<ColormapName>('viridis', 'blue-red'),
        fc.option(fc.float({ min: -1, max: 1, noNaN: true })),
        (lists, colormap, threshold) => {
          const scale = { colormap, limits: { low: -0.5, high: 1 }, threshold }
          const coloured = lists.flat().map(Math.fround)
          expect(
            beyondLimits(
              lists.map((list) => Float32Array.from(list)),
              scale,
            ),
          ).toEqual({
            low: coloured.some((value) => value < -0.5 && isColoured(value, scale)),
            high: coloured.some((value) => value > 1 && isColoured(value, scale)),
          })
        },
      ),
    )
  })
  test('have a direction whatever the percentiles', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.float(), fc.float(), fc.float()),
        fc.constantFrom(...colormapNames),
        fc.float({ min: -100, max: 100, noNaN: true }),
        (percentiles, name, centre) => {
          const sorted = [...percentiles].sort((a, b) => a - b) as [number, number, number]
          const { low, high } = automaticLimits(sorted, name, centre)
          return high > low
        },
      ),
    )
  })
})

describe('painting', () => {
  const scale = (colormap: ColormapName, threshold: number | null) => ({
    colormap,
    limits: { low: -1, high: 1 },
    threshold,
  })

  test('NaN and what is below the threshold is the underlay; the rest is the table', () => {
    const values = Float32Array.of(NaN, 0.2, 0.5, 1, 7)
    const colours = paintVertices(values, Uint8Array.of(10, 20, 30, 40, 50), scale('viridis', 0.5))
    const table = colourTable('viridis')
    expect([...colours.subarray(0, 8)]).toEqual([10, 10, 10, 255, 20, 20, 20, 255])
    expect([...colours.subarray(8, 12)]).toEqual([...table.subarray(192 * 3, 192 * 3 + 3), 255])
    expect([...colours.subarray(12, 15)]).toEqual([...table.subarray(255 * 3)])
    expect([...colours.subarray(16, 19)]).toEqual([...table.subarray(255 * 3)])
  })
  test('a diverging threshold is a distance from the centre, on both sides', () => {
    const own = scale('blue-red', 0.5)
    expect([-0.6, -0.4, 0, 0.4, 0.6].map((value) => isColoured(value, own))).toEqual([true, false, false, false, true])
  })
  test('a map shorter than the surface, or none, leaves the rest uncoloured', () => {
    const colours = paintVertices(new Float32Array(0), Uint8Array.of(77, 78), scale('viridis', null))
    expect([...colours]).toEqual([77, 77, 77, 255, 78, 78, 78, 255])
  })
  test('every value has a row, infinities too, at any scale of limits', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true }),
        fc.double({ min: -1e300, max: 1e300, noNaN: true }),
        fc.double({ min: 1e-12, max: 1e12 }),
        (value, low, range) => {
          const row = tableRow(value, { low, high: low + range })
          return row >= 0 && row <= 255 && Number.isInteger(row)
        },
      ),
    )
  })
})

test('what falls short of a threshold that fades has the square of its share of it; without fading it has no colour', () => {
  const limits = { low: 0, high: 1 }
  const plain = { colormap: 'viridis', limits, threshold: 0.5 } as const
  const diverging = { colormap: 'blue-red', limits: { low: -1, high: 1 }, threshold: 0.5, fade: true } as const
  expect([0.6, 0.5, 0.25, 0, -0.3, NaN].map((value) => shownShare(value, { ...plain, fade: true }))).toEqual([
    ...[1, 1, 0.25, 0, 0, 0],
  ])
  expect([0.6, 0.25, NaN].map((value) => shownShare(value, plain))).toEqual([1, 0, 0])
  expect([-0.6, -0.25, 0.25].map((value) => shownShare(value, diverging))).toEqual([1, 0.25, 0.25])
  expect(shownShare(-5, { ...plain, threshold: null })).toBe(1)
  const [full, quarter] = [0.5, 0.25].map((value) =>
    paintVertices(Float32Array.of(value), Uint8Array.of(100), {
      ...plain,
      threshold: value === 0.5 ? null : 0.5,
      fade: true,
    }),
  )
  expect(quarter).not.toEqual(full)
  expect([...quarter.subarray(0, 3)].every((part) => Math.abs(part - 100) < 45)).toBe(true)
})
