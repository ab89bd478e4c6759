import { contrastOf } from '../../behaviour/abx.ts'
import type { Triplet } from '../../behaviour/triplets.ts'
import { zeros64 } from '../../linalg/matrix.ts'
import { adjust, bootstrapInterval, describe, outcomeAt, wilcoxon } from '../../statistics/index.ts'
import type { FigureOptions } from '../../study/figures.ts'
import type { AskedModel } from './askedModel.ts'
import { inOrder, roleOf } from './roles.ts'

/** Pairs that were compared, by Wilcoxon's signed-rank test. */
export interface Compared {
  readonly name: string
  readonly difference: number
  readonly n: number
  readonly statistic: number
  readonly p: number
  readonly q: number
}

interface Tested {
  readonly compared: readonly Compared[]
  /** In words. */
  readonly tests: readonly string[]
  readonly notes: readonly string[]
}

export interface GroupAccuracy extends Tested {
  readonly groups: readonly {
    readonly group: string
    /** `native`: speech of the listeners' language; `non-native`. */
    readonly relation: 'native' | 'non-native'
    readonly mean: number
    readonly low: number
    readonly high: number
    readonly participants: readonly { readonly id: string; readonly accuracy: number; readonly trials: number }[]
    readonly trials: number
  }[]
}

export interface RegimeAccuracy extends Tested {
  readonly roles: readonly {
    readonly role: string
    readonly mean: number
    readonly low: number
    readonly high: number
    readonly contrasts: number
    readonly models: readonly {
      readonly id: string
      readonly accuracy: number
      readonly contrasts: number
      readonly triplets: number
    }[]
  }[]
}

/** Resamples of intervals over participants and contrasts. */
const resamples = 1000

/** The mean of values with its interval; NaN ends where there is none. */
export function meanInterval(values: readonly number[], seed: number) {
  const mean = (subjects: ArrayLike<number>) => {
    let sum = 0
    for (let k = 0; k < subjects.length; k++) sum += values[subjects[k]]
    return sum / subjects.length
  }
  const options = { level: 0.95, resamples, seed, method: 'bca' } as const
  const interval = bootstrapInterval([values.length], ([own]) => mean(own), options)
  const [low, high] = interval.testable ? [interval.low, interval.high] : [NaN, NaN]
  return { mean: mean(values.map((_, i) => i)), low, high }
}

const wilcoxonOptions = { alternative: 'two-sided', zeros: 'wilcox', method: 'auto', continuity: false } as const

/** Two-sided tests of pairs, one a comparison, corrected together. */
export function compare(pairs: readonly { readonly name: string; readonly differences: readonly number[] }[]): Tested {
  const tested = pairs.map(({ name, differences }) => {
    const matrix = zeros64(differences.length, 1)
    matrix.data.set(differences)
    const test = wilcoxon(matrix, wilcoxonOptions)
    return { name, differences, test, outcome: outcomeAt(test, 0) }
  })
  const q = adjust(
    Float64Array.from(tested, ({ test }) => test.p[0]),
    'benjamini-hochberg',
  )
  const count = q.reduce((n, value) => n + (Number.isNaN(value) ? 0 : 1), 0)
  return {
    compared: tested.map(({ name, differences, test, outcome }, i) => ({
      name,
      difference: differences.reduce((a, b) => a + b, 0) / differences.length,
      n: outcome.n,
      statistic: test.statistic[0],
      p: test.p[0],
      q: q[i],
    })),
    tests: tested.flatMap(({ name, test, outcome }, i) =>
      outcome.testable
        ? [
            `${name}: ${describe({ ...test.test, correction: `Benjamini–Hochberg over ${count} ${count === 1 ? 'test' : 'tests'}` })}, corrected p = ${pText(q[i])}`,
          ]
        : [],
    ),
    notes: tested.flatMap(({ name, outcome }) =>
      outcome.testable ? [] : [`${name} is not tested: ${outcome.reason}`],
    ),
  }
}

const pText = (p: number) => (p < 0.001 ? p.toExponential(1) : p.toFixed(3))

/** Accuracy of models by what their training is to the speech of a triplet. */
export function discrimination(
  triplets: readonly Triplet[],
  models: readonly AskedModel[],
  languageOf: (code: string) => string,
  { seed }: FigureOptions['behaviour'],
): RegimeAccuracy {
  const contrasts = [...Map.groupBy(triplets.keys(), (i) => contrastOf(triplets[i])).values()]
  const rolesOf = ({ space }: AskedModel, own: readonly number[]) =>
    roleOf(space, { language: languageOf(triplets[own[0]].language) })
  const accuracyOf = ({ members }: AskedModel, own: readonly number[]) => {
    const shares = members.map((delta) => {
      const known = own.filter((i) => !Number.isNaN(delta[i]))
      return known.filter((i) => delta[i] > 0).length / known.length
    })
    return shares.reduce((a, b) => a + b, 0) / shares.length
  }
  const names = inOrder(models.flatMap((model) => contrasts.map((own) => rolesOf(model, own))))
  /** [role][contrast]: NaN where no model has the role. */
  const byContrast = new Map<string, readonly number[]>()
  const roles = names.map((role) => {
    const having = models.filter((model) => contrasts.some((own) => rolesOf(model, own) === role))
    const points = having.map((model) => {
      const own = contrasts.filter((each) => rolesOf(model, each) === role)
      const values = own.map((each) => accuracyOf(model, each)).filter((value) => !Number.isNaN(value))
      return {
        id: model.space.id,
        accuracy: values.reduce((a, b) => a + b, 0) / values.length,
        contrasts: values.length,
        triplets: own.reduce((sum, each) => sum + each.length, 0),
      }
    })
    const values = contrasts.map((own) => {
      const shares = having.filter((model) => rolesOf(model, own) === role).map((model) => accuracyOf(model, own))
      return shares.reduce((a, b) => a + b, 0) / shares.length
    })
    byContrast.set(role, values)
    const known = values.filter((value) => !Number.isNaN(value))
    return { role, ...meanInterval(known, seed), contrasts: known.length, models: points }
  })
  const pairs = names.slice(1).flatMap((higher, i) => {
    const [a, b] = [byContrast.get(higher)!, byContrast.get(names[i])!]
    const differences = a.map((value, k) => value - b[k]).filter((value) => !Number.isNaN(value))
    return differences.length === 0 ? [] : [{ name: `${higher} > ${names[i]}`, differences }]
  })
  return { roles, ...compare(pairs) }
}
