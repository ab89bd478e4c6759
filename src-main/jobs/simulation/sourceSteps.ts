/** The designs that responses are made from: the study's own, or the same under another response, or later. */
import { sourceOf } from '../../pipeline/simulation/sources.ts'
import type { TruthRow } from '../../pipeline/simulation/truthTable.ts'
import type { Study } from '../../study/schema.ts'
import type { KeyedStep, PlanBasis } from '../keyedPlan.ts'
import { keyPlan } from '../keyedPlan.ts'
import type { StudySession } from '../session.ts'
import type { PlannedAudience } from './audiences.ts'

export interface PlannedSource {
  readonly id: string
  readonly audience: PlannedAudience
  readonly layers: readonly string[]
  /** One a run of the audience. */
  readonly steps: readonly KeyedStep[]
}

export async function planSources(
  { facts, store }: StudySession,
  basis: PlanBasis,
  audiences: readonly PlannedAudience[],
): Promise<readonly PlannedSource[]> {
  const sources: PlannedSource[] = []
  for (const audience of audiences) {
    const distinct = new Map(audience.rows.map((row) => [sourceOf(row), row]))
    for (const [id, row] of distinct) {
      const [subject] = audience.study.subjects
      const study = generating(audience.study, row)
      const steps = await keyPlan({ ...basis, study }, facts, store, 'designs')
      sources.push({
        ...{ id, audience },
        layers: basis.layers.get(row.model)!,
        // Runs of one stimulus may differ in their volumes alone, and the same run may be heard twice.
        steps: study.subjects[0].recordings.map(({ stimulus, start }, run) =>
          steps.find(
            ({ spec }) =>
              spec.kind === 'design' &&
              spec.run.stimulus === stimulus &&
              spec.run.start === start &&
              spec.run.volumes === basis.volumes.get(subject.id)![run],
          )!,
        ),
      })
    }
  }
  return sources
}

/** A study whose designs are what a row's responses are made from: one model, the row's response, audio that is late. */
function generating(study: Study, { model, hrf, delay }: TruthRow): Study {
  return {
    ...study,
    models: study.models.filter(({ id }) => id === model),
    spaces: [],
    sets: [],
    encoding: { ...study.encoding, hrf },
    subjects: study.subjects.map((subject) => ({
      ...subject,
      recordings: subject.recordings.map((recording) => ({ ...recording, start: recording.start + delay })),
    })),
  }
}
