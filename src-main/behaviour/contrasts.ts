/** Listeners and models by contrast of two phones: rank correlation, and the effect of the native language. */
import { correlate } from '../linalg/correlation.ts'
import { spearman } from '../linalg/series.ts'
import type { Answers } from './answers.ts'
import { contrastName, languageName } from './triplets.ts'

/** Trials, by their index; one may be there several times (a bootstrap's sample). */
export type Trials = ArrayLike<number>

export interface RankCorrelation {
  /** Spearman's ρ of mean answer and mean delta over contrasts; the papers print its absolute value. */
  readonly rho: number
  readonly contrasts: number
}

/**
 * Means over a triplet's trials, then over a context's triplets, then over a contrast's contexts, then over its two
 * orders (which phone is the target).
 * Source: JAMJU/Sel_supervised_models_perception_biases, spearman_correlation_bootstrap.py.
 */
export function contrastCorrelation(answers: Answers, delta: ArrayLike<number>, trials: Trials): RankCorrelation {
  const { targetPhone, otherPhone, context, targetLanguage, otherLanguage, dataset, triplet } = answers
  const byTriplet = new Means()
  /** A contrast's key in either of its orders, by the key in its own. */
  const pairOf = new Map<string, string>()
  for (let k = 0; k < trials.length; k++) {
    const i = trials[k]
    const own = join([targetPhone[i], otherPhone[i], otherLanguage[i], targetLanguage[i], dataset[i]])
    const inContext = join([own, context[i]])
    byTriplet.add(join([triplet[i], inContext]), inContext, answers.answer[i], delta[i])
    if (pairOf.has(own)) continue
    const reversed = join([otherPhone[i], targetPhone[i], targetLanguage[i], otherLanguage[i], dataset[i]])
    pairOf.set(own, own < reversed ? own : reversed)
  }
  const byContext = byTriplet.over((inContext) => inContext.slice(0, inContext.lastIndexOf(separator)))
  const byContrast = byContext.over((own) => pairOf.get(own)!)
  const byPair = byContrast.over((pair) => pair)
  const { answer, model } = byPair.finish()
  return { rho: spearman(answer, model), contrasts: answer.length }
}

/** Sorts before all that stands in names, so that joined keys are in the order of their parts. */
const separator = '\u0000'
const join = (parts: readonly string[]) => parts.join(separator)

/** A sum that keeps what rounding loses: means that are equal come out equal, and share a rank (Kahan 1965). */
class Sum {
  total = 0
  #lost = 0

  add(value: number): void {
    const rest = value - this.#lost
    const next = this.total + rest
    this.#lost = next - this.total - rest
    this.total = next
  }
}

interface Entry {
  readonly parent: string
  readonly answer: Sum
  readonly delta: Sum
  count: number
}

/** Means of an answer and a delta a key; each key belongs to one of the next level, its parent. */
class Means {
  readonly #entries = new Map<string, Entry>()

  add(key: string, parent: string, answer: number, delta: number): void {
    let entry = this.#entries.get(key)
    if (!entry) this.#entries.set(key, (entry = { parent, answer: new Sum(), delta: new Sum(), count: 0 }))
    entry.answer.add(answer)
    entry.delta.add(delta)
    entry.count++
  }

  /**
   * The means of these means by their parents, which become the keys. They are added in the order of their keys: what
   * rounding leaves of a tie is then the same for any order of trials, and the same as pandas leaves.
   */
  over(parentOf: (key: string) => string): Means {
    const out = new Means()
    const inOrder = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [, { parent, answer, delta, count }] of inOrder)
      out.add(parent, parentOf(parent), answer.total / count, delta.total / count)
    return out
  }

  finish(): { readonly answer: readonly number[]; readonly model: readonly number[] } {
    const all = [...this.#entries.values()]
    return {
      answer: all.map(({ answer, count }) => answer.total / count),
      model: all.map(({ delta, count }) => delta.total / count),
    }
  }
}

/** What one group of listeners, and the model of their language, do with each contrast. */
interface Group {
  readonly trials: Trials
  /** [all trials]: deltas of the model of this group's language. */
  readonly delta: ArrayLike<number>
}

export interface NativeEffect {
  /** Pearson's r over contrasts of the difference between groups, listeners' against models'. */
  readonly r: number
  readonly contrasts: number
  /** Contrasts that only one group heard. */
  readonly leftOut: number
  /** What r is over: differences between groups, of mean answers and of mean deltas in SDs. */
  readonly points: readonly { readonly contrast: string; readonly human: number; readonly model: number }[]
}

/**
 * The native effect: does the model of French differ from that of English where French listeners differ from English?
 * Deltas are divided by their SD (n - 1) over a group's trials; a contrast's value is the mean over its trials, then
 * over its two orders; differences are first - second.
 * Source: JAMJU/Sel_supervised_models_perception_biases, native_effect_bootstrap.py. There the second group's contrasts
 * are gone through in the order of its trials, and an order that only the second group heard leaves the contrast out.
 */
export function nativeEffect(answers: Answers, first: Group, second: Group): NativeEffect {
  const [one, two] = [contrastMeans(answers, first), contrastMeans(answers, second)]
  const points: NativeEffect['points'][number][] = []
  const done = new Set<string>()
  let leftOut = 0
  for (const [key, { reversed }] of two) {
    if (done.has(key)) continue
    done.add(key).add(reversed)
    if (!one.has(key)) {
      leftOut++
      continue
    }
    const [a, b] = [symmetric(one, key, reversed), symmetric(two, key, reversed)]
    points.push({ contrast: nameOf(key), human: a.answer - b.answer, model: a.delta - b.delta })
  }
  const [human, model] = [points.map((point) => point.human), points.map((point) => point.model)]
  return { r: correlate(human, 0, model, 0, human.length), contrasts: human.length, leftOut, points }
}

/** "ɪ-i EN" of a key of phones, languages and data set. */
function nameOf(key: string): string {
  const [a, b, otherLanguage, targetLanguage, dataset] = key.split(separator) as [
    string,
    string,
    string,
    string,
    string,
  ]
  return contrastName(a, b, languageName(targetLanguage, otherLanguage), dataset)
}

interface ContrastMean {
  readonly reversed: string
  readonly answer: number
  readonly delta: number
}

function contrastMeans(answers: Answers, { trials, delta }: Group): ReadonlyMap<string, ContrastMean> {
  const { targetPhone, otherPhone, targetLanguage, otherLanguage, dataset } = answers
  const scale = standardDeviation(trials, delta)
  const sums = new Map<string, { readonly reversed: string; answer: number; delta: number; count: number }>()
  for (let k = 0; k < trials.length; k++) {
    const i = trials[k]
    const phones = [targetPhone[i], otherPhone[i]] as const
    const languages = [otherLanguage[i], targetLanguage[i]] as const
    const key = join([...phones, ...languages, dataset[i]])
    let entry = sums.get(key)
    if (!entry) {
      const reversed = join([phones[1], phones[0], languages[1], languages[0], dataset[i]])
      sums.set(key, (entry = { reversed, answer: 0, delta: 0, count: 0 }))
    }
    entry.answer += answers.answer[i]
    entry.delta += delta[i] / scale
    entry.count++
  }
  return new Map(
    [...sums].map(([key, { reversed, answer, delta: total, count }]) => [
      key,
      { reversed, answer: answer / count, delta: total / count },
    ]),
  )
}

function symmetric(means: ReadonlyMap<string, ContrastMean>, key: string, reversed: string) {
  const own = means.get(key)!
  const other = means.get(reversed) ?? own
  return { answer: (own.answer + other.answer) / 2, delta: (own.delta + other.delta) / 2 }
}

function standardDeviation(trials: Trials, values: ArrayLike<number>): number {
  let total = 0
  for (let k = 0; k < trials.length; k++) total += values[trials[k]]
  const mean = total / trials.length
  let square = 0
  for (let k = 0; k < trials.length; k++) square += (values[trials[k]] - mean) ** 2
  return Math.sqrt(square / (trials.length - 1))
}
