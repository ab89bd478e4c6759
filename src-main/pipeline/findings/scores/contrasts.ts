/** Models and spaces against baselines, within subjects. */
import { zeros64 } from '../../../linalg/matrix.ts'
import { adjust, standardizedMean, wilcoxon } from '../../../statistics/index.ts'
import { outcomeAt } from '../../../statistics/result.ts'
import type { TestDescription } from '../../../statistics/result.ts'
import { overSubjects } from './estimate.ts'
import type { MeanEstimate } from './estimate.ts'
import type { SpaceScores } from './read.ts'

export interface Contrast {
  readonly space: string
  readonly baseline: string
  readonly region: string
  readonly difference: MeanEstimate
  /** The smaller sum of ranks. NaN where it cannot be tested. */
  readonly w: number
  readonly p: number
  /** Adjusted p. */
  readonly q: number
  /** Cohen's d of the paired differences; NaN where they do not vary. */
  readonly dz: number
  /** Why it is not tested; empty where it is. */
  readonly why: string
}

export interface Contrasts {
  readonly rows: readonly Contrast[]
  readonly tests: readonly { readonly space: string; readonly baseline: string; readonly test: TestDescription }[]
  /** Tests that p was adjusted over: of the whole cortex, and of regions. */
  readonly counts: readonly [number, number]
}

const options = { alternative: 'two-sided', zeros: 'wilcox', method: 'auto', continuity: false } as const

/** Every other space against each baseline, above chance, over the subjects who have both. @param regions the whole cortex first */
export function contrastsOf(
  spaces: readonly SpaceScores[],
  baselines: readonly string[],
  regions: readonly string[],
): Contrasts {
  const tests: Contrasts['tests'][number][] = []
  const rows = baselines.flatMap((id) => {
    const baseline = spaces.find(({ space }) => space.id === id)!
    // Of two baselines each is compared with the other once.
    const before = baselines.slice(0, baselines.indexOf(id))
    return spaces
      .filter(({ space }) => space.id !== id && !before.includes(space.id))
      .flatMap((one) => {
        const differences = pairs(one, baseline)
        if (differences.rows === 0) return []
        const result = wilcoxon(differences, options)
        tests.push({ space: one.space.id, baseline: id, test: result.test })
        return regions.map((region, column) => {
          const values = Array.from(
            { length: differences.rows },
            (_, s) => differences.data[s * differences.cols + column],
          )
          const outcome = outcomeAt(result, column)
          const size = standardizedMean(values, false, 0.95)
          return {
            ...{ space: one.space.id, baseline: id, region, difference: overSubjects(values) },
            ...{ w: result.statistic[column], p: result.p[column], dz: size.testable ? size.estimate : NaN },
            why: outcome.testable ? '' : outcome.reason,
          }
        })
      })
  })
  const whole = rows.map(({ region }) => region === regions[0])
  const family = (of: boolean) =>
    adjust(
      Float64Array.from(rows, ({ p }, i) => (whole[i] === of ? p : NaN)),
      'benjamini-hochberg',
    )
  const [cortex, parts] = [family(true), family(false)]
  const count = (q: Float64Array) => q.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + 1), 0)
  return {
    rows: rows.map((row, i) => ({ ...row, q: (whole[i] ? cortex : parts)[i] })),
    ...{ tests, counts: [count(cortex), count(parts)] },
  }
}

/** [subjects who have both, 1 + regions] */
function pairs(one: SpaceScores, other: SpaceScores) {
  const rows = one.subjects.flatMap(({ id }, row) => {
    const at = other.subjects.findIndex((subject) => subject.id === id)
    return at < 0 ? [] : [[row, at] as const]
  })
  const { cols } = one.above
  const differences = zeros64(rows.length, cols)
  for (const [r, [a, b]] of rows.entries())
    for (let c = 0; c < cols; c++)
      differences.data[r * cols + c] = one.above.data[a * cols + c] - other.above.data[b * cols + c]
  return differences
}
