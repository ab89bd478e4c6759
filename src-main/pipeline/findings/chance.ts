/** What a test "above chance" holds scores against, and whether it keeps to its level: what a figure has to say of it. */
import { resolveEncoding } from '../../study/encoding.ts'
import type { Study } from '../../study/schema.ts'

export interface ChanceWords {
  /** "a score of 0". */
  readonly short: string
  /** ", each less the score of …", for what is compared; empty where chance is 0. */
  readonly less: string
  /** After "against 0": that such a test finds too much; empty where it does not. */
  readonly caution: string
  /** Sentences for methods. */
  readonly methods: string
  /** A sentence for notes: which test it is, and what it is worth. */
  readonly note: string
}

/** Source: rates of false positives of each of these in docs/benchmarks.md. */
export function chanceWords({ encoding }: Pick<Study, 'encoding'>): ChanceWords {
  const { chance, folds, gap } = resolveEncoding(encoding)
  const shared = 'Contrasts between models share what noise scores as far as their regressors are alike in time.'
  if (chance !== 'zero') {
    const times = chance.shifts === 1 ? 'once' : `${chance.shifts} times, their mean`
    const short = 'the score of the same responses shifted in time'
    return {
      short,
      less: `, each less ${short}`,
      caution: '',
      methods: `Chance is ${short} within runs (${times}): what noise of the same autocorrelation scores in the same folds with the same regressors. Scores were tested, against chance and against one another, less their own chance.`,
      note: `Tests hold each score against ${short} (${times}), and keep to their level with any folds; means that are shown are of the scores themselves.`,
    }
  }
  const zero = 'Tests above chance hold scores against 0'
  const say = (methods: string, note: string, caution = ''): ChanceWords => ({
    ...{ short: 'a score of 0', less: '', caution },
    methods: `Chance is a score of 0. ${methods} ${shared}`,
    note: `${zero}${note}`,
  })
  if (typeof folds !== 'number')
    return say(
      'Folds hold out whole runs, so that no held-out volume has a neighbour in the training fold.',
      ', and keep to their level: folds hold out whole runs.',
    )
  if (gap !== 0) {
    const left = typeof gap === 'number' ? `${gap} volumes` : `${gap.seconds} s`
    return say(
      `A gap of ${left} on both sides of every fold keeps held-out volumes from having neighbours in the training fold whose noise is theirs, as far as autocorrelation reaches no further.`,
      `, with a gap of ${left} beside the held-out volumes: they keep to their level where noise is correlated over less than that. Folds that go over the borders of runs which are scaled one by one still score above 0, the more so the shorter the runs.`,
    )
  }
  return say(
    'Where folds are contiguous and noise is autocorrelated, scores of unrelated series are above 0 on average, the more so the shorter the folds; folds of whole runs are free of it.',
    ', in contiguous folds without a gap: with autocorrelated noise they find too much, the more so the shorter the folds. `encoding.chance: {shifts: 1}` holds scores against those of shifted responses instead, `encoding.gap` or `folds: runs` take the neighbours out of the training.',
    ', which contiguous folds surpass where noise is autocorrelated',
  )
}

/** Of bars in a figure, after what they are; empty where chance is 0. */
export const dotted = ({ less, short }: ChanceWords): string => (less === '' ? '' : `, dotted ${short}`)
