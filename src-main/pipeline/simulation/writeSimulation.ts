import { existsSync } from 'node:fs'
import { setImmediate as pause } from 'node:timers/promises'
import { HeschlError } from '../../errors.ts'
import { writeNpy } from '../../formats/npy.ts'
import { createGemm } from '../../linalg/gemm.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext, StepResult } from '../context.ts'
import { simulateAudience } from './listeners.ts'
import type { NoiseRun } from './listeners.ts'
import { coursesOf } from './mixtures.ts'
import { firstOf, readSeries, readShares } from './maps.ts'
import { plantedPlan } from './plantedPlan.ts'
import { recordedNoise } from './recordedNoise.ts'
import { compareSources, namedLayers } from './sources.ts'
import type { SimulateTask } from '../tasks.ts'

/**
 * Writes the recordings of simulated listeners who heard the same, a run at a time; those that are there are kept.
 * @returns `signal` float64 [vertices]; in its provenance `rows`, the table with the names of layers
 */
export async function writeSimulation(task: SimulateTask, context: StepContext): Promise<StepResult> {
  const { seed, surface, vertices, noise: noiseFiles, signal: signalFiles } = task
  const { read: stored } = context
  if (!stored) throw new HeschlError('INTERNAL', 'A simulation was asked for where nothing is stored')
  const breathe = async () => {
    await pause()
    throwIfCancelled(context)
  }
  // One thread: the same bits on machines of any number of cores.
  const gemm = await createGemm({ threads: 1 })
  try {
    const read = async (step: string, layer: string): Promise<Matrix32> => {
      const { shape, data } = await stored(step, layer)
      return { rows: shape[0], cols: shape[1], data: data as Float32Array }
    }
    const sources = await compareSources(task.sources, read, gemm, breathe)
    const rows = namedLayers(task.rows, sources)
    const signal = signalFiles === undefined ? undefined : await readShares(signalFiles, vertices)
    const plan = plantedPlan(surface, rows, signal)
    const noise: NoiseRun | undefined =
      noiseFiles === undefined
        ? undefined
        : recordedNoise(await readSeries(noiseFiles, vertices), gemm, firstOf(noiseFiles))
    const courses = await coursesOf(plan, sources)
    const audience = simulateAudience({
      ...{ seed, plan, courses, pause: breathe, volumes: task.volumes },
      ...(noise && { noise }),
    })
    for (const [done, { id, files }] of task.listeners.entries()) {
      context.progress({ fraction: done / task.listeners.length })
      if (files.every((file) => existsSync(file))) continue
      let run = 0
      for await (const { data, rows: volumes, cols } of audience.listener(id)) {
        await writeNpy(files[run], { shape: [volumes, cols], data: data as Float32Array<ArrayBuffer> })
        run++
        context.progress({ fraction: (done + run / files.length) / task.listeners.length })
      }
    }
    return {
      arrays: [{ name: 'signal', shape: [plan.signal.length], data: plan.signal }],
      provenance: { rows },
    }
  } finally {
    await gemm.close()
  }
}
