import { heldOutSets, trainedWithout } from '../encoding/protocol/heldOut.ts'
import { targetComponents } from '../encoding/protocol/components.ts'
import type { Gemm } from '../linalg/gemm.ts'
import type { StepContext, StepResult } from './context.ts'
import { foldsOf } from './fits.ts'
import { bytesAtRest, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import type { ResponseCache } from './responseCache.ts'
import type { ComponentsTask } from './tasks.ts'

/**
 * Principal components of a subject's responses in each fold's training samples, for all fits to come: `vectors`
 * [folds · components, samples] and `sizes` [folds, components]. All targets are read together.
 * @throws HeschlError as `computeFit`
 */
export async function computeComponents(
  task: ComponentsTask,
  responses: ResponseCache,
  gemm: Gemm,
  context: StepContext,
): Promise<StepResult> {
  const { trim, pcaY } = task.encoding
  const runs = task.volumes.map((volumes) => volumes - trim.start - trim.end)
  const samples = runs.reduce((sum, length) => sum + length, 0)
  const sets = trainedWithout(heldOutSets(foldsOf(task, runs), samples))
  const targets = task.vertices.left + task.vertices.right
  const room = (task.memory ?? defaultMemory()) - bytesAtRest - 8 * samples ** 2 * 4
  const read = { ...task, designs: task.volumes.map((rows) => ({ rows })) }
  const columns = await new Recordings(read, responses, room).read({ from: 0, to: targets }, context)
  const onProgress = (fraction: number) => context.progress({ fraction })
  const watch = { onProgress, cancelled: context.cancelled }
  const count = pcaY as number
  const { vectors, sizes } = await targetComponents(columns(0, targets), sets, count, gemm, watch)
  return {
    arrays: [
      { name: 'vectors', shape: [vectors.rows, vectors.cols], data: vectors.data },
      { name: 'sizes', shape: [sets.length, count], data: sizes },
    ],
    provenance: { provider: gemm.provider, volumes: samples, targets },
  }
}
