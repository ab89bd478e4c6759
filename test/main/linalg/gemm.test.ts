import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32, Matrix64 } from '../../../src-main/linalg/matrix.ts'
import { normal } from './random.ts'

const gemm = await createGemm({ threads: 2 })
afterAll(() => gemm.close())

/** The definition, in float64. */
function product(
  a: Matrix32 | Matrix64,
  b: Matrix32 | Matrix64,
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  const [rows, inner] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols]
  const cols = transposeB ? b.rows : b.cols
  const out = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      for (let k = 0; k < inner; k++) {
        const u = transposeA ? a.data[k * a.cols + i] : a.data[i * a.cols + k]
        const v = transposeB ? b.data[j * b.cols + k] : b.data[k * b.cols + j]
        out[i * cols + j] += u * v
      }
    }
  }
  return out
}

test('products agree with the definition for every shape, element type and transpose', async () => {
  const size = fc.integer({ min: 0, max: 40 })
  const arbitrary = fc.tuple(size, size, size, fc.boolean(), fc.boolean(), fc.boolean(), fc.integer())
  await fc.assert(
    fc.asyncProperty(arbitrary, async ([rows, inner, cols, transposeA, transposeB, float64, seed]) => {
      const random = normal(seed)
      const fill = (count: number) => Float64Array.from({ length: count }, random)
      const [a, b] = [fill(rows * inner), fill(inner * cols)]
      const [ar, ac] = transposeA ? [inner, rows] : [rows, inner]
      const [br, bc] = transposeB ? [cols, inner] : [inner, cols]
      const expected = product({ data: a, rows: ar, cols: ac }, { data: b, rows: br, cols: bc }, transposeA, transposeB)
      const options = { transposeA, transposeB }
      const found = float64
        ? await gemm.multiply({ data: a, rows: ar, cols: ac }, { data: b, rows: br, cols: bc }, options)
        : await gemm.multiply(
            { data: Float32Array.from(a), rows: ar, cols: ac },
            { data: Float32Array.from(b), rows: br, cols: bc },
            options,
          )
      expect([found.rows, found.cols, found.data.length]).toEqual([rows, cols, rows * cols])
      // Sums of at most 40 products of standard normals: eps times their number and size.
      const tolerance = float64 ? 1e-12 : 1e-4
      for (const [i, value] of expected.entries()) expect(Math.abs(found.data[i] - value)).toBeLessThan(tolerance)
    }),
    { numRuns: 60 },
  )
})

test('a product is written into the output that is given, also a view into a larger array', async () => {
  const whole = new Float32Array(20).fill(7)
  const out = { data: whole.subarray(4, 8), rows: 2, cols: 2 }
  const a = { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 }
  const found = await gemm.multiply(a, a, { out })
  expect(found.data).toBe(out.data)
  expect([...whole.subarray(3, 9)]).toEqual([7, 7, 10, 15, 22, 7])
})

test.each([Float32Array, Float64Array])('a product is subtracted from what the output holds, %s', async (Type) => {
  const out = { data: Type.from([100, 200, 300, 400, 500, 600]), rows: 2, cols: 3 } as Matrix64
  const a = { data: Type.from([1, 2, 3, 4]), rows: 2, cols: 2 } as Matrix64
  const b = { data: Type.from([1, 2, 3, 4, 5, 6]), rows: 3, cols: 2 } as Matrix64
  expect((await gemm.multiply(a, b, { transposeB: true, subtract: true, out })).data).toBe(out.data)
  expect([...out.data]).toEqual([95, 189, 283, 389, 475, 561])
  const empty = { data: new Type(0), rows: 2, cols: 0 } as Matrix64
  const none = { data: new Type(0), rows: 0, cols: 3 } as Matrix64
  await gemm.multiply(empty, none, { subtract: true, out })
  expect([...out.data]).toEqual([95, 189, 283, 389, 475, 561])
})

test.each([Float32Array, Float64Array])('a matrix is added to a product, and left as it was, %s', async (Type) => {
  const plus = { data: Type.from([100, 200, 300, 400, 500, 600]), rows: 2, cols: 3 } as Matrix64
  const a = { data: Type.from([1, 2, 3, 4]), rows: 2, cols: 2 } as Matrix64
  const b = { data: Type.from([1, 2, 3, 4, 5, 6]), rows: 3, cols: 2 } as Matrix64
  const out = { data: new Type(6).fill(7), rows: 2, cols: 3 } as Matrix64
  expect([...(await gemm.multiply(a, b, { transposeB: true, plus, out })).data]).toEqual([105, 211, 317, 411, 525, 639])
  const empty = { data: new Type(0), rows: 2, cols: 0 } as Matrix64
  await gemm.multiply(empty, { data: new Type(0), rows: 0, cols: 3 } as Matrix64, { plus, out })
  expect([...out.data]).toEqual([100, 200, 300, 400, 500, 600])
  expect([...plus.data]).toEqual([100, 200, 300, 400, 500, 600])
  await expect(gemm.multiply(a, a, { plus })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('shapes and element types that do not fit are refused', async () => {
  const a = { data: new Float32Array(6), rows: 2, cols: 3 }
  await expect(gemm.multiply(a, a)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  const out = { data: new Float32Array(6), rows: 3, cols: 2 }
  await expect(gemm.multiply(a, a, { transposeB: true, out })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  const short = { data: new Float32Array(5), rows: 3, cols: 2 }
  await expect(gemm.multiply(a, short)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  const other = { data: new Float64Array(6), rows: 3, cols: 2 } as unknown as Matrix32
  await expect(gemm.multiply(a, other)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  await expect(createGemm({ threads: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('NaN and infinity pass through', async () => {
  const a = { data: Float32Array.of(NaN, 1, Infinity, 0), rows: 2, cols: 2 }
  const one = { data: Float32Array.of(1, 0, 0, 1), rows: 2, cols: 2 }
  const { data } = await gemm.multiply(a, one)
  expect(data[0]).toBeNaN()
  expect(data[2]).toBe(Infinity)
})
