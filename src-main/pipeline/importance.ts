import { matrixHeader } from '../formats/matrixFile.ts'
import { readNpyHeader, writeNpy } from '../formats/npy.ts'
import { readNpyColumns } from '../formats/npyColumns.ts'
import { layerImportance } from '../scoring/index.ts'
import type { ImportanceTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'

/** Weights read at a time: 64 MB of float32. */
const valuesAtOnce = 16e6

/**
 * Importance of each feature space from the weights of a regression on all of them (scoring/importance.ts).
 * @throws HeschlError as `readNpy`; SHAPE_MISMATCH, CANCELLED
 */
export async function importance(task: ImportanceTask, context: StepContext): Promise<StepResult> {
  const sizes: number[] = []
  for (const file of task.x) sizes.push((await matrixHeader(file)).shape[1] ?? 1)
  const [features = 0, targets = 0] = (await readNpyHeader(task.weights)).shape
  const data = new Float32Array(sizes.length * targets)
  const width = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, features)))
  for (let from = 0; from < targets; from += width) {
    throwIfCancelled(context)
    const to = Math.min(targets, from + width)
    const { data: weights } = await readNpyColumns(task.weights, from, to)
    const part = layerImportance({ data: weights as Float32Array, rows: features, cols: to - from }, sizes)
    for (let layer = 0; layer < sizes.length; layer++)
      data.set(part.data.subarray(layer * part.cols, (layer + 1) * part.cols), layer * targets + from)
    context.progress({ fraction: to / targets })
  }
  await writeNpy(task.out, { shape: [sizes.length, targets], data })
  return { arrays: [], provenance: { features: sizes } }
}
