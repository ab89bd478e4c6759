import { expect, test } from 'vitest'
import { sampleLags } from '../../../src-main/features/lags.ts'

test('Chen et al.: 0 to 0.39 s at 100 Hz are 40 lags', () => {
  expect(sampleLags({ from: 0, to: 0.39 }, 0.01)).toEqual({ from: 0, to: 39 })
})

test.each([
  [-0.1, 0.3, 1 / 128, { from: -12, to: 38 }],
  [-0.05, -0.02, 0.01, { from: -5, to: -2 }],
  [0.001, 0.009, 0.001, { from: 1, to: 9 }],
  [0, 0, 2, { from: 0, to: 0 }],
  [0, 0.39, 1.5, { from: 0, to: 0 }],
])('%f to %f s, %f s a sample', (from, to, seconds, expected) => {
  expect(sampleLags({ from, to }, seconds)).toEqual(expected)
})

test.each([
  [0.3, 0.9, 1],
  [0.4, 0.1, 0.01],
  [0, 60, 0.001],
  [NaN, 1, 0.01],
])('refused: %f to %f s, %f s a sample', (from, to, seconds) => {
  expect(() => sampleLags({ from, to }, seconds)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})
