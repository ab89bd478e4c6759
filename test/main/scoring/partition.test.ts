/** Variance partitioning, against scikit-learn's fits; see test/reference/encoding/banded/README.md. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { prepareBands } from '../../../src-main/encoding/banded/bands.ts'
import { inMemory, searchBands } from '../../../src-main/encoding/banded/search.ts'
import { contiguousFolds } from '../../../src-main/encoding/folds.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { partition, partName, spaceSets } from '../../../src-main/scoring/partition.ts'
import { meanOverFolds } from '../../../src-main/scoring/summary.ts'
import { partitionCases } from '../encoding/banded/oracle.ts'

const gemm = await createGemm({ threads: 1 })
afterAll(() => gemm.close())

describe('against fits of every union by scikit-learn', () => {
  test.each(partitionCases().map((known) => [known.name, known] as const))('%s spaces', async (_name, known) => {
    const { spaces, y, alphas, sets } = known
    expect(spaceSets(spaces.length)).toEqual(sets)
    const folds = contiguousFolds(y.rows, known.folds)
    const bands = await prepareBands(spaces, gemm)
    const unions = []
    for (const set of sets) {
      const weights = spaces.map((_, b) => (set.includes(b) ? 1 : 0))
      const { r2 } = await searchBands(
        bands,
        inMemory(y),
        { folds, alphas, gemm, candidates: [weights] },
        {},
        { r2: true },
      )
      unions.push(meanOverFolds(r2!, folds.length))
    }
    for (const [i, value] of known.unions.entries())
      expect(unions[Math.floor(i / y.cols)][i % y.cols]).toBeCloseTo(value, 5)
    const parts = partition(spaces.length, unions)
    for (const [i, value] of known.parts.entries()) expect(parts[i]).toBeCloseTo(value, 4)
  })
})

describe('parts', () => {
  const value = fc.integer({ min: -1000, max: 1000 }).map((thousandths) => thousandths / 1024)
  const problem = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 3 })).chain(([count, nTargets]) =>
    fc.tuple(
      fc.constant(count),
      fc.array(
        fc.array(value, { minLength: nTargets, maxLength: nTargets }).map((values) => Float32Array.from(values)),
        { minLength: 2 ** count - 1, maxLength: 2 ** count - 1 },
      ),
    ),
  )

  test('of the sets that touch a union add up to its score', () => {
    fc.assert(
      fc.property(problem, ([count, scores]) => {
        const sets = spaceSets(count)
        const parts = partition(count, scores)
        const nTargets = scores[0].length
        for (const [u, union] of sets.entries()) {
          for (let t = 0; t < nTargets; t++) {
            const sum = sets.reduce(
              (total, set, i) => (set.some((space) => union.includes(space)) ? total + parts[i * nTargets + t] : total),
              0,
            )
            expect(sum).toBeCloseTo(scores[u][t], 5)
          }
        }
      }),
    )
  })

  test('are permuted with the spaces', () => {
    fc.assert(
      fc.property(problem, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), ([count, scores], keys) => {
        const draws = Array.from({ length: count }, () => keys.next().value)
        const order = draws.map((_, i) => i).sort((a, b) => draws[a] - draws[b])
        const sets = spaceSets(count)
        // Space i of the permuted problem is space order[i] of the first.
        const positions = sets.map((set) => {
          const moved = set.map((space) => order[space]).sort((a, b) => a - b)
          return sets.findIndex((other) => other.join() === moved.join())
        })
        const parts = partition(count, scores)
        const permuted = partition(
          count,
          positions.map((at) => scores[at]),
        )
        const nTargets = scores[0].length
        for (const [i, at] of positions.entries())
          for (let t = 0; t < nTargets; t++) expect(permuted[i * nTargets + t]).toBeCloseTo(parts[at * nTargets + t], 5)
      }),
    )
  })

  test('of two spaces are what Chen et al. (2023) write', () => {
    // Binary fractions, so that sums are exact.
    const [a, b, ab] = [0.25, 0.375, 0.5].map((score) => Float32Array.of(score))
    expect([...partition(2, [a, b, ab])]).toEqual([0.5 - 0.375, 0.5 - 0.25, 0.25 + 0.375 - 0.5])
    // A joint model that scores worse than one space alone.
    expect([...partition(2, [a, b, Float32Array.of(0.125)])]).toEqual([-0.25, -0.125, 0.5])
  })

  test('are not known where one union is not', () => {
    const scores = [0, 1, 2].map((i) => Float32Array.of(0.5, i === 0 ? NaN : 0.25))
    const parts = partition(2, scores)
    expect(parts.filter((_, i) => i % 2 === 1)).toEqual(new Float32Array(3).fill(NaN))
    expect(parts.filter((_, i) => i % 2 === 0).some((part) => Number.isNaN(part))).toBe(false)
  })

  test('have names, in the order of the sets', () => {
    const names = ['mel', 'words', 'model']
    expect(spaceSets(3).map((set) => partName(set, names))).toEqual([
      ...['only mel', 'only words', 'only model'],
      ...['mel & words', 'mel & model', 'words & model', 'mel & words & model'],
    ])
  })

  test('what does not fit is refused', () => {
    for (const count of [0, 1, 5, 2.5])
      expect(() => spaceSets(count)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    for (const scores of [[], [1, 1], [1, 1, 2]].map((lengths) => lengths.map((length) => new Float32Array(length))))
      expect(() => partition(2, scores)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })
})
