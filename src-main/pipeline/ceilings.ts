import { interSubjectCeiling } from '../scoring/index.ts'
import { clearRun } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { loadResponses } from './responses.ts'
import type { CeilingTask } from './tasks.ts'

/** Inter-subject noise ceiling [vertices], one subject in memory at a time (scoring/ceiling.ts has the formula). */
export async function computeCeiling(task: CeilingTask, context: StepContext): Promise<StepResult> {
  const { left, right } = task.vertices
  const ceiling = interSubjectCeiling(left + right)
  for (const [i, { subject, recordings }] of task.subjects.entries()) {
    for (const [run, recording] of recordings.entries()) {
      throwIfCancelled(context)
      const { stimulus, files } = recording
      const loaded = await loadResponses(files, task.vertices, { subject, stimulus })
      ceiling.add(`${run} ${stimulus}`, await clearRun(loaded, recording, task.cleaning))
    }
    context.progress({ fraction: (i + 1) / task.subjects.length })
  }
  const found = ceiling.finish()
  return {
    arrays: [
      { name: 'ceiling', shape: [left + right], data: found.ceiling },
      { name: 'correlation', shape: [left + right], data: found.correlation },
    ],
    provenance: { subjects: task.subjects.length },
  }
}
