/** Banded ridge by gradient descent, against himalaya; see test/reference/encoding/banded/README.md. */
import { afterAll, describe, expect, test } from 'vitest'
import { prepareBands, type Band } from '../../../../src-main/encoding/banded/bands.ts'
import { descendBands, type GradientOptions } from '../../../../src-main/encoding/banded/gradient.ts'
import { gradientBatch } from '../../../../src-main/encoding/banded/mixedKernel.ts'
import { inMemory, searchBands } from '../../../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../../../src-main/encoding/folds.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { gradientCases, type GradientCase } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())
const cases = gradientCases()
const exact = { steps: 500, residual: 1e-12 }

function optionsOf(known: GradientCase, bands: readonly Band[], y = known.y): GradientOptions {
  return {
    folds: contiguousFolds(y.rows, known.folds),
    gemm,
    selection: { kfold: known.inner },
    iterations: known.iterations,
    tolerance: 0,
    method: 'conjugate-gradient',
    start: new Float64Array(known.folds * bands.length * y.cols).fill(known.start),
  }
}

describe('against himalaya', () => {
  test.each(cases.map((known) => [known.name, known] as const))(
    '%s bands, inner equations solved: the same deltas, errors and scores',
    async (_name, known) => {
      const bands = await prepareBands(known.spaces, gemm)
      const found = await descendBands(bands, inMemory(known.y), { ...optionsOf(known, bands), precision: exact })
      for (const [i, delta] of known.deltas.entries()) expect(found.deltas[i]).toBeCloseTo(delta, 6)
      const size = known.r.length
      const last = known.errors.subarray(known.errors.length - size)
      for (const [i, error] of last.entries()) expect(found.errors[i] / error).toBeCloseTo(1, 8)
      for (const [i, r] of known.r.entries()) {
        expect(found.r[i]).toBeCloseTo(r, 6)
        expect(sumOverBands(found.split.r, i, bands, known.y)).toBeCloseTo(r, 6)
      }
    },
  )

  test.each(cases.map((known) => [known.name, known] as const))(
    '%s bands, as precise as usual: near the exact deltas, and as good as its defaults',
    async (_name, known) => {
      const bands = await prepareBands(known.spaces, gemm)
      const found = await descendBands(bands, inMemory(known.y), optionsOf(known, bands))
      for (const [i, delta] of known.deltas.entries()) expect(found.deltas[i]).toBeCloseTo(delta, 4)
      const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
      // One gradient step an iteration gives another path: the errors that are reached agree within 2 %.
      expect(mean(found.errors) / mean(known.looseErrors)).toBeGreaterThan(0.98)
      expect(mean(found.errors) / mean(known.looseErrors)).toBeLessThan(1.02)
    },
  )
})

function sumOverBands(split: Float32Array, i: number, bands: readonly Band[], y: Matrix32): number {
  const fold = Math.floor(i / y.cols)
  return bands.reduce((sum, _, b) => sum + split[(fold * bands.length + b) * y.cols + (i % y.cols)], 0)
}

describe('gradient descent', () => {
  test('lowers the error of what a search has chosen, and gives its scores where it takes no step', async () => {
    const known = cases[1]
    const bands = await prepareBands(known.spaces, gemm)
    const { y } = known
    const options = optionsOf(known, bands)
    const alphas = [1, 10, 100, 1000]
    const search = {
      folds: options.folds,
      alphas,
      gemm,
      selection: options.selection,
      candidates: [[1 / 3, 1 / 3, 1 / 3]],
    }
    const found = await searchBands(bands, inMemory(y), search, {}, { r2: true })
    const start = options.start.map((_, i) => {
      const fold = Math.floor(i / (bands.length * y.cols))
      return Math.log(1 / 3 / alphas[found.alpha[fold * y.cols + (i % y.cols)]])
    })
    const still = await descendBands(bands, inMemory(y), { ...options, start, iterations: 0 })
    for (const [i, r] of found.r.entries()) expect(still.r[i]).toBeCloseTo(r, 4)
    for (const [i, r2] of found.r2!.entries()) expect(still.r2[i]).toBeCloseTo(r2, 4)
    const one = await descendBands(bands, inMemory(y), { ...options, start, iterations: 1 })
    for (const [i, error] of found.errors.entries()) expect(one.errors[i] / error).toBeCloseTo(1, 4)
    const more = await descendBands(bands, inMemory(y), { ...options, start, iterations: 8 })
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(more.errors)).toBeLessThan(mean(one.errors))
  })

  test('of a target does not depend on the others; what has no start is left out', async () => {
    const known = cases[0]
    const bands = await prepareBands(known.spaces, gemm)
    const { y } = known
    // More than a batch, the first target once more at its end.
    const cols = gradientBatch + 5
    const many: Matrix32 = { data: new Float32Array(y.rows * cols), rows: y.rows, cols }
    for (let i = 0; i < y.rows; i++)
      for (let t = 0; t < cols; t++) many.data[i * cols + t] = y.data[i * y.cols + (t === cols - 1 ? 0 : t % y.cols)]
    const options = optionsOf(known, bands, many)
    options.start.fill(NaN, 1, 2)
    const { deltas, errors, split } = await descendBands(bands, inMemory(many), { ...options, tolerance: 0.05 })
    for (let f = 0; f < known.folds; f++) {
      expect(errors[f * cols + cols - 1]).toBe(errors[f * cols])
      for (let b = 0; b < bands.length; b++) {
        const row = (f * bands.length + b) * cols
        expect([deltas[row + cols - 1], split.r[row + cols - 1]]).toEqual([deltas[row], split.r[row]])
      }
    }
    expect([errors[1], split.r[1], split.r2[1]]).toEqual([NaN, NaN, NaN])
    expect(errors[cols + 1]).not.toBeNaN()
  })

  test('without the indirect gradient is that of himalaya, too', async () => {
    const known = cases[1]
    const bands = await prepareBands(known.spaces, gemm)
    const options = { ...optionsOf(known, bands), iterations: 5, method: 'direct' as const, precision: exact }
    const { deltas } = await descendBands(bands, inMemory(known.y), options)
    for (const [i, delta] of known.directDeltas.entries()) expect(deltas[i]).toBeCloseTo(delta, 6)
  })

  test('takes fewer steps with a tolerance', async () => {
    const known = cases[0]
    const bands = await prepareBands(known.spaces, gemm)
    const options = optionsOf(known, bands)
    const run = (more: Partial<GradientOptions>) => descendBands(bands, inMemory(known.y), { ...options, ...more })
    expect((await run({ tolerance: 10 })).deltas).toEqual((await run({ iterations: 1 })).deltas)
  })

  test('a start of another size is refused', async () => {
    const known = cases[0]
    const bands = await prepareBands(known.spaces, gemm)
    const options = { ...optionsOf(known, bands), start: new Float64Array(3) }
    await expect(descendBands(bands, inMemory(known.y), options)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})
