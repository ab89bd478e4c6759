/** A few studies with nothing to find, through fits and tests; the benchmark of the same name does two hundred. */
import { expect, test } from 'vitest'
import { nullStudies } from '../../../support/nullStudies.ts'

const studies = 16
const small = { studies, listeners: 8, level: 1, volumes: [30, 30, 30], flips: 19, seed: 7 } as const

/** So many of 16 independent tests at 0.05 find something less than once in 100,000 times (binomial: 6e-6). */
const tooMany = 7

test('tests between two models, and against chance with folds of runs, find nothing more often than they should', async () => {
  const { rates, score } = await nullStudies({ ...small, planted: 'nothing', autocorrelation: 0.4, folds: 'runs' })
  expect(rates.length).toBeGreaterThan(8)
  for (const { what, test: name, correction, found, tests } of rates) {
    const said = `${what}, ${name}, ${correction}`
    if (tests === studies) expect(found, said).toBeLessThan(tooMany)
    // Vertices of one study depend on one another: their rate varies more.
    else expect(found / tests, said).toBeLessThan(0.12)
  }
  expect(Math.abs(score.mean)).toBeLessThan(4 * score.error)
}, 300_000)

test('scores of chance are above 0 where neighbours of held-out volumes are in the training fold; shifted, as much', async () => {
  const few = { ...small, studies: 4, planted: 'nothing' } as const
  const { score: coloured, above } = await nullStudies({ ...few, autocorrelation: 0.6, folds: 10, shifts: 1 })
  const { score: white } = await nullStudies({ ...few, autocorrelation: 0, folds: 10 })
  expect(coloured.mean).toBeGreaterThan(3 * coloured.error)
  expect(Math.abs(above.mean)).toBeLessThan(coloured.mean / 3)
  expect(coloured.mean).toBeGreaterThan(white.mean + 2 * Math.hypot(coloured.error, white.error))
}, 300_000)
