import fc from 'fast-check'
import { expect, test } from 'vitest'
import { categoryColour, inkOn } from '../../../src-renderer/colormaps/categories.ts'

test('21 colours before they repeat', () => {
  const colours = Array.from({ length: 21 }, (_, i) => categoryColour(i))
  expect(new Set(colours).size).toBe(21)
  expect(categoryColour(21)).toBe(categoryColour(0))
  for (const colour of colours) expect(colour).toMatch(/^#[0-9a-f]{6}$/)
})

/** WCAG 2's contrast ratio, written for this test. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((s) => (s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, i) => sum + value * (i === 0 ? 0.2126 : i === 1 ? 0.7152 : 0.0722), 0)
  const [dark, bright] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (bright + 0.05) / (dark + 0.05)
}

test('black or white stands out from every colour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
      const colour = `#${value.toString(16).padStart(6, '0')}`
      return contrast(colour, inkOn(colour)) >= 4.5
    }),
  )
})
