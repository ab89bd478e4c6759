import { afterAll, expect, test } from 'vitest'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { logspace, prepareRidge, type Selection } from '../../../src-main/encoding/ridge.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { normal } from '../linalg/random.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

/**
 * Features of which the j-th has an SD of j^-decay, and targets that follow leading features, the last ones, both (error
 * curves with two minima), all alike or none, with much or little noise.
 */
function problem(rows: number, cols: number, targets: number, decay: number) {
  const random = normal(rows + cols)
  const x: Matrix32 = { data: new Float32Array(rows * cols), rows, cols }
  for (let i = 0; i < x.data.length; i++) x.data[i] = random() * ((i % cols) + 1) ** -decay
  const y: Matrix32 = { data: new Float32Array(rows * targets), rows, cols: targets }
  for (let target = 0; target < targets; target++) {
    const kind = target % 5
    const noise = 10 ** (random() / 2)
    const weights = Array.from({ length: cols }, (_, j) => {
      const leading = j < cols / 10
      const last = j >= (2 * cols) / 3
      const used = kind === 3 || (leading && kind % 2 === 0) || (last && kind <= 1)
      return used && kind !== 4 ? (random() * (j + 1) ** decay) / Math.sqrt(cols) : 0
    })
    for (let i = 0; i < rows; i++) {
      let value = noise * random()
      for (let j = 0; j < cols; j++) value += weights[j] * x.data[i * cols + j]
      y.data[i * targets + target] = value
    }
  }
  return { x, y }
}

const kfold: Selection = { kfold: 4 }
test.each([
  ['leave-one-out', 20, 0, 'leave-one-out'],
  ['leave-one-out', 100, 1, 'leave-one-out'],
  ['leave-one-out', 25, 2, 'leave-one-out'],
  ['inner folds', 20, 1, kfold],
  ['inner folds', 60, 0, kfold],
] as const)('%s: the alpha chosen of %i is that of all evaluated, decay %d', async (_name, count, decay, selection) => {
  const { x, y } = problem(160, 120, 150, decay)
  const alphas = logspace(-3, 5, count)
  const folds = contiguousFolds(160, 5)
  const ridge = await prepareRidge(x, { folds, alphas, selection, gemm })
  const { alpha } = await ridge.score(y)
  const { curves } = await ridge.score(y, {}, { curves: true })
  let different = 0
  for (const [i, chosen] of alpha.entries()) {
    const errors = alphas.map((_, k) => curves![k * alpha.length + i])
    const least = Math.min(...errors)
    if (errors[chosen] !== least) different++
    // Products in float32: errors that differ by less are equal.
    expect(errors[chosen] / least - 1).toBeLessThan(1e-6)
  }
  expect(different).toBeLessThan(0.02 * alpha.length)
})

test('what is solved on the way does not matter: with and without other targets before', async () => {
  const { x, y } = problem(120, 150, 60, 1)
  const options = { folds: contiguousFolds(120, 4), alphas: logspace(-2, 6, 50), gemm }
  const fresh = await (await prepareRidge(x, options)).score(y)
  const ridge = await prepareRidge(x, options)
  const before = ridge.bytes
  await ridge.score(problem(120, 150, 40, 0).y)
  expect(await ridge.score(y)).toEqual(fresh)
  expect(ridge.bytes).toBe(before)
})

test('the error of the choice is its own, also where the curve alone settled it', async () => {
  const { x, y } = problem(120, 60, 40, 1)
  const ridge = await prepareRidge(x, { folds: contiguousFolds(120, 4), alphas: logspace(-2, 6, 60), gemm })
  const { alpha, errors } = await ridge.score(y, {}, { errors: true })
  const { curves } = await ridge.score(y, {}, { curves: true })
  for (const [i, error] of errors!.entries()) {
    // Batches of two widths, whose sums in float32 may be grouped differently.
    expect(Math.abs(error / curves![alpha[i] * alpha.length + i] - 1)).toBeLessThan(1e-5)
  }
})
