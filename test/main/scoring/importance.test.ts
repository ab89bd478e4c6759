import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { layerImportance } from '../../../src-main/scoring/importance.ts'

const { beta, bounds, answer } = JSON.parse(
  readFileSync(new URL('../../reference/scoring/scoring.json', import.meta.url), 'utf8'),
).importance
const weights = { data: Float32Array.from(beta.flat() as number[]), rows: beta.length, cols: beta[0].length }
const sizes = bounds.slice(1).map((end: number, i: number) => end - bounds[i])

test('mean absolute weight of each layer, as numpy has it', () => {
  const { data, rows, cols } = layerImportance(weights, sizes)
  expect([rows, cols]).toEqual([3, 3])
  for (const [i, value] of answer.flat().entries()) expect(Math.abs(data[i] - value)).toBeLessThan(1e-6)
})

test('NaN stays with its target and layer; sizes that do not fit are refused', () => {
  const broken = { ...weights, data: weights.data.slice() }
  broken.data[4] = NaN
  expect([...layerImportance(broken, sizes).data].map(Number.isNaN).indexOf(true)).toBe(1)
  const wrong = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
  for (const bad of [[7, 1], [3, 3], [7, 0], [3.5, 3.5], []]) {
    expect(() => layerImportance(weights, bad)).toThrowError(wrong)
  }
})
