/** `encode` of several feature spaces that are told apart: weights of their own, or the variance that each explains. */
import { fitSpaces, type SpaceScores } from '../encoding/banded/fitSpaces.ts'
import { spaceSets, type SpaceSet } from '../scoring/partition.ts'
import type { EncodeSpacesTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { measurePace } from './cost.ts'
import { checkSamples, inputOf } from './encode/inputs.ts'
import { bandsOf, batchOf, sourceOf } from './encode/spaceInputs.ts'
import { ridgeOptions } from './encode/spaceOptions.ts'
import { spaceNames, summaryOf, unionScore, writePartition, writeScores } from './encode/spaceResults.ts'
import { Stages } from './encode/stages.ts'
import type { Computing } from './fits.ts'

/**
 * Cross-validated regression on every union of spaces that is asked for: all of them together and, where their explained
 * variance is divided, every smaller one (scoring/partition.ts). Responses are read a batch at a time, once for each
 * candidate where they do not fit the memory limit together.
 *
 * @throws HeschlError as `readNpy`; SHAPE_MISMATCH, OPTION_INVALID, NUMERICAL (a feature that is not finite), CANCELLED
 */
export async function encodeSpaces(
  task: EncodeSpacesTask,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const clock = new Stages(computing)
  await clock.begin()
  const inputs = await Promise.all(task.x.map(inputOf))
  const y = await inputOf(task.y)
  checkSamples([...inputs, y])
  const [samples, targets] = y.shape
  const options = ridgeOptions(task.options, samples, computing)
  const all: SpaceSet = inputs.map((_, space) => space)
  const sets = task.partition ? spaceSets(inputs.length) : [all]
  const batch = batchOf(task, inputs, y, options)
  const bands = await bandsOf(inputs, task.options, computing, context)
  await clock.end('readX')
  const source = sourceOf(task, y, batch)
  const unions: Float32Array[] = []
  let whole: SpaceScores | undefined
  for (const [index, set] of sets.entries()) {
    throwIfCancelled(context)
    const onProgress = (fraction: number) => context.progress({ fraction: (index + fraction) / sets.length })
    const watch = { cancelled: context.cancelled, onProgress }
    const isWhole = set.length === inputs.length
    const chosen = set.map((space) => bands[space])
    const keep = { split: isWhole && task.split !== undefined }
    const scores = await fitSpaces(chosen, source, options, task.how, watch, keep)
    if (isWhole) whole = scores
    if (task.partition) unions.push(unionScore(scores, task.partition.measure, options.folds.length))
    await clock.end('score')
  }
  await writeScores(task, whole!, options.folds.length, inputs.length)
  const names = spaceNames(inputs)
  const divided = task.partition && (await writePartition(task.partition, sets, unions, names))
  await clock.end('write')
  const pace = await measurePace(computing.threads?.count ?? 1)
  return {
    arrays: [],
    provenance: {
      provider: computing.gemm.provider,
      x: inputs,
      y,
      spaces: names,
      alphas: options.alphas,
      samples,
      features: inputs.reduce((sum, { shape }) => sum + shape[1], 0),
      targets,
      ...summaryOf(whole!.r, options.folds.length),
      ...(divided && { partition: divided }),
      batch,
      seconds: clock.seconds,
      products: { pace, stages: clock.products(pace) },
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
  }
}
