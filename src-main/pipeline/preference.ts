import { writeNpy } from '../formats/npy.ts'
import { layerPreferenceIntervals } from '../statistics/layerPreference.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import type { PreferenceTask } from './tasks.ts'

/** Rows of the array that is written. */
const rows = ['best', 'best low', 'best high', 'centre', 'centre low', 'centre high', 'agreement'] as const
/** No layer: masked (statistics/layerPreference.ts). */
const noLayer = 255

/**
 * The layer that predicts each vertex best and the centre of mass of the layers' scores, with bootstrap intervals over
 * subjects, as one NPY array [rows, vertices] in layer indices; NaN where no layer scores enough, or there is no interval.
 * @throws HeschlError as `layerPreferenceIntervals`; CANCELLED, DISK_FULL
 */
export async function computePreference(task: PreferenceTask, context: StepContext): Promise<StepResult> {
  const found = layerPreferenceIntervals(task.maps, task.options, () => throwIfCancelled(context))
  const vertices = found.best.length
  const { intervals } = found
  const data = new Float32Array(rows.length * vertices).fill(NaN)
  const put = (name: (typeof rows)[number], values: ArrayLike<number>) =>
    data.set(values, rows.indexOf(name) * vertices)
  put(
    'best',
    Float32Array.from(found.best, (layer) => (layer === noLayer ? NaN : layer)),
  )
  put('centre', found.centre)
  if (intervals.testable) {
    put('best low', intervals.best[0])
    put('best high', intervals.best[1])
    put('centre low', intervals.centre[0])
    put('centre high', intervals.centre[1])
    put('agreement', intervals.agreement)
  }
  await writeNpy(task.out, { shape: [rows.length, vertices], data })
  const scored = found.best.reduce((count, layer) => count + (layer === noLayer ? 0 : 1), 0)
  const counts = Array.from({ length: task.maps[0].length }, (_, layer) =>
    found.best.reduce((count, best) => count + (best === layer ? 1 : 0), 0),
  )
  return {
    arrays: [],
    provenance: {
      rows,
      subjects: found.subjects,
      vertices,
      scored,
      /** Vertices that prefer each layer. */
      counts,
      intervals: intervals.testable ? found.words : 'none: one subject cannot be drawn in another way',
      options: task.options,
    },
  }
}
