import { setImmediate as pause } from 'node:timers/promises'
import { writeFileAtomic } from '../formats/atomic.ts'
import { writeNpy } from '../formats/npy.ts'
import { standardizeColumns } from '../scoring/index.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import type { Planted } from './planted.ts'
import { simulate } from './simulate.ts'
import type { SimulateTask } from './tasks.ts'

/** Writes the recordings of simulated listeners, then the table of what was planted, which says that they are whole. */
export async function writeSimulation(task: SimulateTask, context: StepContext): Promise<StepResult> {
  const { seed, key, model, layers, surface, files, planted } = task
  const { truth, responses } = await simulate({
    seed,
    designs: task.designs.map((run) => run.map((layer) => standardizeColumns(layer))),
    layerNames: layers,
    surface,
    pause: async () => {
      await pause()
      throwIfCancelled(context)
    },
  })
  for (const [subject, recordings] of files.entries()) {
    for (const [run, { data, rows, cols }] of responses(subject).entries()) {
      throwIfCancelled(context)
      await writeNpy(recordings[run], { shape: [rows, cols], data: data as Float32Array<ArrayBuffer> })
    }
    context.progress({ fraction: (subject + 1) / files.length })
  }
  const table: Planted = {
    note: truth.note,
    key,
    seed,
    model,
    layers: [...truth.layers],
    layer: [...truth.layer],
    signal: [...truth.signal],
    regions: [...truth.regions],
  }
  await writeFileAtomic(planted, JSON.stringify(table))
  return { arrays: [], provenance: {} }
}
