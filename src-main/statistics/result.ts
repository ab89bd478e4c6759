/** What every test hands back: numbers where there is something to test, a reason where there is not, and its name. */

/** Why a vertex has no test. */
export const untestableReasons = ['no value', 'one value', 'all zero', 'all equal', 'incomplete'] as const

/**
 * - `no value`: no subject has a finite value there
 * - `one value`: a single subject has; nothing says how subjects differ
 * - `all zero`: every difference is exactly 0
 * - `all equal`: the values do not vary, so their variance says nothing
 * - `incomplete`: a subject lacks a finite value, and the test rearranges whole subjects
 */
export type Untestable = (typeof untestableReasons)[number]

/** Which way a departure from the null counts. */
export type Alternative = 'two-sided' | 'greater' | 'less'

/** What a caption must say about a test. */
export interface TestDescription {
  /** "Wilcoxon signed-rank test". */
  readonly name: string
  /** What was counted, and how many of it: subjects, or two groups of them. Where vertices differ, the largest. */
  readonly n: number | readonly [number, number]
  readonly alternative: Alternative
  /** What the p values are corrected for and how; null where they are not. */
  readonly correction: string | null
  /** In words, each a clause of its own: "exact", "10,000 sign flips, seed 1". */
  readonly parameters: readonly string[]
  /** The smallest p, uncorrected, that so few subjects or rearrangements can give; left out where any p is possible. */
  readonly smallestP?: number
}

/** "Wilcoxon signed-rank test (two-sided, n = 12; exact null distribution; uncorrected)". */
export function describe(test: TestDescription): string {
  const n = typeof test.n === 'number' ? `n = ${test.n}` : `n = ${test.n[0]} and ${test.n[1]}`
  const side = test.alternative === 'two-sided' ? 'two-sided' : `one-sided, ${test.alternative}`
  const { smallestP = 0 } = test
  const least = smallestP >= 0.001 ? [`no p below ${Number(smallestP.toPrecision(2))} is possible`] : []
  const clauses = [`${side}, ${n}`, ...test.parameters, ...least, test.correction ?? 'uncorrected']
  return `${test.name} (${clauses.join('; ')})`
}

/** A test at every vertex. */
export interface MapTest {
  /** [vertices]; NaN where not testable. */
  readonly statistic: Float64Array
  /** [vertices]; NaN where not testable. */
  readonly p: Float64Array
  /** [vertices]: values that went in; two groups: of both together. */
  readonly n: Uint32Array
  /** [vertices]: 0 where tested, else 1 + the index into `untestableReasons`. */
  readonly reason: Uint8Array
  /** How many vertices each reason holds for; reasons that hold nowhere are left out. */
  readonly untested: Readonly<Partial<Record<Untestable, number>>>
  readonly test: TestDescription
}

export type Outcome =
  | { readonly testable: true; readonly statistic: number; readonly p: number; readonly n: number }
  | { readonly testable: false; readonly reason: Untestable; readonly n: number }

/** One vertex of a map. */
export function outcomeAt({ statistic, p, n, reason }: MapTest, vertex: number): Outcome {
  return reason[vertex] === 0
    ? { testable: true, statistic: statistic[vertex], p: p[vertex], n: n[vertex] }
    : { testable: false, reason: untestableReasons[reason[vertex] - 1], n: n[vertex] }
}

export const reasonCode = (reason: Untestable): number => untestableReasons.indexOf(reason) + 1

export function countReasons(reason: Uint8Array): Partial<Record<Untestable, number>> {
  const counts: Partial<Record<Untestable, number>> = {}
  for (const code of reason) {
    if (code > 0) counts[untestableReasons[code - 1]] = (counts[untestableReasons[code - 1]] ?? 0) + 1
  }
  return counts
}
