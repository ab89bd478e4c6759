/** Whole protocols against scikit-learn pipelines and himalaya; see test/reference/encoding/README.md. */
import { afterAll, describe, expect, test } from 'vitest'
import { robustScaleColumns } from '../../../../src-main/cleaning/robustScale.ts'
import { prepareEncoding } from '../../../../src-main/encoding/protocol/prepareEncoding.ts'
import { scoreBy } from '../../../../src-main/encoding/protocol/scoreBy.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'
import { standardizeColumns } from '../../../../src-main/scoring/index.ts'
import { protocolCases, runs, x, y, type RunScaling } from './oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

/** Every run by itself. */
function byRun(matrix: Matrix32, how: RunScaling): Matrix32 {
  const out = { ...matrix, data: matrix.data.slice() }
  let start = 0
  for (const length of runs) {
    const rows = { start, end: start + length }
    const data = matrix.data.subarray(rows.start * matrix.cols, rows.end * matrix.cols)
    const run = { data, rows: length, cols: matrix.cols }
    const [, from, to] = how.split(' ').map(Number)
    if (how === 'per-run') out.data.set(standardizeColumns(run).data, start * matrix.cols)
    else if (how !== 'none') out.data.set(robustScaleColumns(run, { from, to }).data, start * matrix.cols)
    start += length
  }
  return out
}

describe.each(protocolCases().map((known) => [known.says, known] as const))('%s', (_says, known) => {
  const { options } = known
  const scored = prepareEncoding(byRun(x, known.runX), options, { gemm }).then((problem) =>
    problem.score(byRun(y, known.runY), {}, { r2: true, moments: true, predictions: true, weights: true }),
  )
  const nAlphas = options.alphas.length

  test('alphas', async () => {
    const { alpha } = await scored
    expect(alpha.length).toBe(known.alpha.length)
    for (const [i, chosen] of alpha.entries()) expect(known.gap[i * nAlphas + chosen]).toBeLessThan(1e-6)
  })

  test('scores of folds', async () => {
    const { r, r2, alpha } = await scored
    const same = alpha.every((chosen, i) => chosen === known.alpha[i])
    const differences = [...known.r].flatMap((expected, i) => {
      // Targets whose alpha is one of equals have another prediction.
      if (options.pcaY === 'none' && alpha[i] !== known.alpha[i]) return []
      expect(Math.abs(r2![i] - known.r2[i]) / Math.max(1, 1 - known.r2[i])).toBeLessThan(1e-4)
      return [Math.abs(r[i] - expected)]
    })
    expect(differences.length).toBeGreaterThan(0.5 * known.r.length)
    if (options.pcaY !== 'none') expect(same).toBe(true)
    differences.sort((a, b) => a - b)
    expect(differences.at(-1)).toBeLessThan(1e-4)
    expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
  })

  test('scores over concatenated predictions, and the weights', async () => {
    const scores = await scored
    const all = scoreBy(scores, { measure: 'r', over: 'concatenated' })
    const all2 = scoreBy(scores, { measure: 'r2', over: 'concatenated' })
    const squares = scoreBy(scores, { measure: 'r-squared', over: 'concatenated' })
    const largest = Math.max(...known.weights.map(Math.abs))
    let compared = 0
    for (let t = 0; t < y.cols; t++) {
      const ties = scores.heldOut.some((_, fold) => {
        const at = fold * y.cols + t
        return options.pcaY === 'none' && scores.alpha[at] !== known.alpha[at]
      })
      if (ties) continue
      compared++
      expect(Math.abs(all[t] - known.rAll[t])).toBeLessThan(1e-5)
      expect(squares[t]).toBeCloseTo(all[t] ** 2, 6)
      expect(Math.abs(all2[t] - known.r2All[t]) / Math.max(1, 1 - known.r2All[t])).toBeLessThan(1e-5)
      // Products with dual coefficients, of which most cancel.
      for (let j = 0; j < x.cols; j++)
        expect(Math.abs(scores.weights![j * y.cols + t] - known.weights[j * y.cols + t])).toBeLessThan(1e-5 * largest)
    }
    expect(compared).toBeGreaterThan(y.cols / 2)
  })
})
