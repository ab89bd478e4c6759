/** Feature spaces and responses as they are fitted, and how many responses are read at a time. */
import { prepareBands, type Band } from '../../encoding/banded/bands.ts'
import type { TargetSource } from '../../encoding/banded/search.ts'
import type { RidgeOptions } from '../../encoding/ridge.ts'
import { readNpyColumns } from '../../formats/npyColumns.ts'
import { sharedMatrix32, type Matrix32 } from '../../linalg/matrix.ts'
import { standardizeColumns } from '../../scoring/index.ts'
import type { ArrayEncoding } from '../../study/arrayEncoding.ts'
import type { EncodeSpacesTask } from '../arrayTasks.ts'
import type { StepContext } from '../context.ts'
import type { Computing } from '../fits.ts'
import { bytesAtRest, checkMemory, defaultMemory } from '../memory.ts'
import { readFeatures, scaled, type Input } from './inputs.ts'

/** @returns targets that are read at a time */
export function batchOf(task: EncodeSpacesTask, inputs: readonly Input[], y: Input, options: RidgeOptions): number {
  const [samples, targets] = y.shape
  const { folds, alphas, selection } = options
  const columns = Math.max(...inputs.map(({ shape }) => shape[1]))
  const inner = typeof selection === 'object' ? 4 * samples * (samples + (samples * folds.length) / 2) : 0
  const gradient = task.how.solver === 'banded-gradient' ? 80 * inputs.length * samples ** 2 : 0
  const fixed =
    bytesAtRest +
    // One space as it is read, and in float32; a Gram matrix each, mixed ones, and what preparing an alpha takes.
    24 * samples * columns +
    8 * (inputs.length + 10) * samples ** 2 +
    // Of two candidates, as the threads let the last one go when they are given the next.
    2 * alphas.length * (8 * samples ** 2 + inner) +
    gradient +
    folds.length * targets * (40 + 24 * inputs.length)
  const perTarget = (2 * y.itemBytes + 12) * samples
  const what = 'This regression on several feature spaces'
  checkMemory(what, fixed + perTarget * Math.min(targets, 512), 'Use fewer alphas or samples', task.memory)
  const most = Math.floor(((task.memory ?? defaultMemory()) - fixed) / perTarget)
  return Math.min(targets, most)
}

export async function bandsOf(
  inputs: readonly Input[],
  { standardizeX, runs }: ArrayEncoding,
  { gemm }: Computing,
  context: StepContext,
): Promise<readonly Band[]> {
  const bands: Band[] = []
  for (const input of inputs) {
    const x = await readFeatures([input], ...input.shape)
    const spaces = [standardizeX === 'per-run' ? standardizeRuns(x, runs!) : x]
    bands.push(...(await prepareBands(spaces, gemm, { cancelled: context.cancelled })))
  }
  return bands
}

/** The responses; what was read last is kept, so that one batch is read once. */
export function sourceOf(task: EncodeSpacesTask, y: Input, batch: number): TargetSource {
  const [samples, nTargets] = y.shape
  const { standardizeY, runs } = task.options
  let last: { readonly from: number; readonly y: Matrix32 } | undefined
  return {
    nTargets,
    batch,
    async read(from, to) {
      if (last?.from !== from) {
        last = undefined
        const { data } = await readNpyColumns(task.y, from, to)
        const { responses } = scaled(data, samples, 0, to - from)
        last = { from, y: standardizeY === 'per-run' ? standardizeRuns(responses, runs!) : responses }
      }
      return last.y
    },
  }
}

/** z-scores over each run, in memory that threads share. */
function standardizeRuns(x: Matrix32, runs: readonly number[]): Matrix32 {
  const out = sharedMatrix32(x.rows, x.cols)
  let start = 0
  for (const length of runs) {
    const end = start + length
    out.data.set(standardizeColumns(x, { start, end }).data, start * x.cols)
    start = end
  }
  return out
}
