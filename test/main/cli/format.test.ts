import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clipped,
  counted,
  formatBytes,
  formatDuration,
  formatPercent,
  formatScore,
  formatTable,
  harmless,
  width,
} from '../../../src-main/cli/format.ts'

test.each([
  [0, '0.0 s'],
  [0.44, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3599.6, '1 h'],
  [7500, '2 h 5 min'],
  [7_169, '1 h 59 min'],
  [7_199, '2 h'],
  [360_000, '100 h'],
  [null, '–'],
  [NaN, '–'],
  [Infinity, '–'],
  [-1, '–'],
])('%s seconds', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test('a duration never says 60 of the smaller unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
      expect(formatDuration(seconds)).not.toMatch(/\b(60 s|60 min)$/)
    }),
  )
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.6, '1.0 kB'],
  [1_400, '1.4 kB'],
  [9_960, '10 kB'],
  [999_600, '1.0 MB'],
  [1.4e9, '1.4 GB'],
  [25e9, '25 GB'],
  [3e15, '3.0 PB'],
  [5e18, '5000 PB'],
  [NaN, '–'],
  [-5, '–'],
])('%s bytes', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('scores, shares and counts', () => {
  expect([formatScore(0.12345), formatScore(-0.5), formatScore(NaN)]).toEqual(['0.123', '-0.500', '–'])
  expect([formatPercent(0.876), formatPercent(NaN)]).toEqual(['88 %', '–'])
  expect([counted(1, 'error'), counted(0, 'error'), counted(3, 'step')]).toEqual(['1 error', '0 errors', '3 steps'])
})

describe('formatTable', () => {
  test('aligns words on the left and numbers on the right, with no spaces at line ends', () => {
    const table = formatTable(
      [
        { title: 'Layer', align: 'left' },
        { title: 'Mean r', align: 'right' },
        { title: '', align: 'left' },
      ],
      [
        ['transf0', '0.100', ''],
        ['é́', '10.000', 'x'],
      ],
    )
    expect(table).toBe(['Layer    Mean r', '───────  ──────  ─', 'transf0   0.100', 'é́        10.000  x'].join('\n'))
  })

  test('every line of a table with full cells is equally wide', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '1', '–'), minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
        const lines = formatTable(
          [
            { title: 'Name', align: 'left' },
            { title: 'Value', align: 'right' },
          ],
          rows,
        ).split('\n')
        expect(new Set(lines.map(width)).size).toBe(1)
        expect(lines).toHaveLength(rows.length + 2)
      }),
    )
  })

  test('a table without rows has its titles', () => {
    expect(formatTable([{ title: 'A', align: 'left' }], [])).toBe('A\n─')
  })
})

test('clipped text has at most that many columns and says that it is clipped', () => {
  expect(clipped('abc', 3)).toBe('abc')
  expect(clipped('abcd', 3)).toBe('ab…')
  expect(clipped('abcd', 1)).toBe('…')
  expect(clipped('abcd', 0)).toBe('')
  expect(clipped('😀😀😀', 2)).toBe('😀…')
})

test('what is written cannot steer a terminal or reverse its text', () => {
  expect(harmless('a\u001b[2Jb\u0007\u009b1m\u202ec\nd\re')).toBe('a\ufffd[2Jb\ufffd\ufffd1m\ufffdc\nd\ufffde')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(harmless(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      expect(harmless(harmless(text))).toBe(harmless(text))
    }),
  )
})
