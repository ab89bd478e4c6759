/** Feature spaces and responses as they are fitted, and how many responses are read at a time. */
import { prepareBands, type Band } from '../../encoding/banded/bands.ts'
import type { TargetSource } from '../../encoding/banded/search.ts'
import type { RidgeOptions } from '../../encoding/ridge.ts'
import { columnReader } from '../../formats/matrixFile.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import type { ArrayEncoding } from '../../study/arrayEncoding.ts'
import type { EncodeSpacesTask } from '../arrayTasks.ts'
import type { StepContext } from '../context.ts'
import type { Computing } from '../fits.ts'
import { scaleByRun } from '../encodingModel.ts'
import { checkMemory, defaultMemory } from '../memory.ts'
import { spaceBytes } from '../spaceCost.ts'
import { readFeatures, scaled, type Input } from './inputs.ts'

/** @returns targets that are read at a time */
export function batchOf(task: EncodeSpacesTask, inputs: readonly Input[], y: Input, options: RidgeOptions): number {
  const [samples, targets] = y.shape
  const features = Math.max(...inputs.map(({ shape }) => shape[1]))
  const fixed = spaceBytes({ samples, targets, spaces: inputs.length, features }, options, task.how)
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
    bands.push(
      ...(await prepareBands([scaleByRun(x, standardizeX, runs ?? [])], gemm, { cancelled: context.cancelled })),
    )
  }
  return bands
}

/** The responses; what was read last is kept, so that one batch is read once. */
export function sourceOf(task: EncodeSpacesTask, y: Input, batch: number): TargetSource {
  const [samples, nTargets] = y.shape
  const { standardizeY, runs } = task.options
  let last: { readonly from: number; readonly y: Matrix32 } | undefined
  let readY: ReturnType<typeof columnReader> | undefined
  return {
    nTargets,
    batch,
    async read(from, to) {
      if (last?.from !== from) {
        last = undefined
        const { data } = await (await (readY ??= columnReader(task.y)))(from, to)
        const { responses } = scaled(data, samples, 0, to - from)
        last = { from, y: scaleByRun(responses, standardizeY, runs ?? []) }
      }
      return last.y
    },
  }
}
