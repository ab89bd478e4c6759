/** Listeners of one language who hear the same runs: what is simulated together. */
import type { TruthRow } from '../../pipeline/simulation/truthTable.ts'
import type { Study } from '../../study/schema.ts'
import type { PlanBasis } from '../keyedPlan.ts'

export interface PlannedAudience {
  /** '' where the study says none. */
  readonly language: string
  /** Ids. */
  readonly subjects: readonly string[]
  /** [subject][run], as the study file has them. */
  readonly files: readonly (readonly string[])[]
  /** Of each run. */
  readonly volumes: readonly number[]
  /** The study with the first of them alone. */
  readonly study: Study
  /** What is planted in them. */
  readonly rows: readonly TruthRow[]
}

export function audiencesOf({ study, volumes }: PlanBasis, rows: readonly TruthRow[]): readonly PlannedAudience[] {
  const groups = Map.groupBy(study.subjects, ({ id, language = '', recordings }) =>
    JSON.stringify([
      language.toLowerCase(),
      recordings.map(({ stimulus, tr, start }, i) => [stimulus, tr, start, volumes.get(id)![i]]),
    ]),
  )
  return [...groups.values()].map((subjects) => {
    const [first] = subjects
    const { language = '' } = first
    return {
      language,
      subjects: subjects.map(({ id }) => id),
      // Every recording of a simulated listener is one file.
      files: subjects.map(({ recordings }) => recordings.map(({ data }) => data as string)),
      volumes: volumes.get(first.id)!,
      study: { ...study, subjects: [first] },
      rows: rows.filter((row) => row.language === '*' || row.language.toLowerCase() === language.toLowerCase()),
    }
  })
}
