import { Tensor } from 'onnxruntime-node'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, scaledDifference } from '../../../src-main/activations/difference.ts'
import { acceptDifference, modelTolerance } from '../../../src-main/activations/verified.ts'

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 2 })

describe('the difference of two arrays, in SDs of the expected one', () => {
  test('does not change when both are moved and stretched', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2 }),
        fc.integer({ min: -50, max: 50 }),
        (values, by) => {
          fc.pre(new Set(values).size > 1)
          const expected = Float32Array.from(values)
          const found = expected.map((x, i) => (i === 0 ? x + by : x))
          const moved = (array: Float32Array) => array.map((x) => 4 * x + 1024)
          expect(scaledDifference(moved(found), moved(expected))).toBeCloseTo(scaledDifference(found, expected), 10)
        },
      ),
    )
  })

  test('is 0 for equal arrays alone', () => {
    fc.assert(
      fc.property(floats, fc.nat(), (values, at) => {
        const expected = Float32Array.from(values)
        expect(scaledDifference(expected.slice(), expected)).toBe(0)
        const found = expected.slice()
        found[at % found.length] += 1e7
        expect(scaledDifference(found, expected)).toBeGreaterThan(0)
      }),
    )
  })

  test('has the value that pencil and paper give', () => {
    // SD of 0, 2, 4, 6 is √5.
    expect(scaledDifference(Float32Array.of(0, 2, 4, 7), Float32Array.of(0, 2, 4, 6))).toBeCloseTo(1 / Math.sqrt(5), 12)
    expect(scaledDifference(Float32Array.of(3, 3.5), Float32Array.of(3, 3))).toBe(0.5)
  })

  test.each([
    ['another length', [1, 2, 3], [1, 2]],
    ['NaN where there was a number', [1, NaN], [1, 2]],
    ['infinity', [1, Infinity], [1, 2]],
    ['NaN in both', [1, NaN], [1, NaN]],
  ])('is infinite for %s', (_, found, expected) => {
    expect(scaledDifference(Float32Array.from(found), Float32Array.from(expected))).toBe(Infinity)
  })
})

const outputs = (values: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, new Tensor('float32', [...data], [data.length])]),
  )

test('of several layers the worst counts; integers beside them do not', () => {
  const count = { frames: new Tensor('int64', [3n], [1]) }
  const expected = { ...outputs({ conv0: [0, 2], transf0: [0, 4], transf1: [0, 2] }), ...count }
  const found = { ...outputs({ conv0: [0, 2.5], transf0: [0, 6], transf1: [0, 2] }), ...count }
  expect(differenceOf(found, expected)).toEqual({ largest: 1, layer: 'transf0' })
  expect(differenceOf(expected, expected).largest).toBe(0)
})

test('a model whose first window differs is refused, with how much and where', () => {
  const expected = outputs({ conv0: [-1, 1], transf0: [-1, 1] })
  const within = outputs({ conv0: [-1, 1], transf0: [-1, 1 + modelTolerance / 2] })
  expect(acceptDifference('webgpu', within, expected)).toMatchObject({ layer: 'transf0' })
  const found = outputs({ conv0: [-1, 1], transf0: [-1, 1.25] })
  expect(() => acceptDifference('webgpu', found, expected)).toThrow(
    expect.objectContaining({
      code: 'PROVIDER_UNAVAILABLE',
      summary: 'WebGPU gives other numbers than the CPU',
      parts: expect.objectContaining({ expected: "layers within 0.001 SD of the CPU's", found: '0.25 SD in transf0' }),
    }),
  )
})
