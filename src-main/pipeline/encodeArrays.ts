import { rename } from 'node:fs/promises'
import { logspace } from '../encoding/ridge.ts'
import { NpyColumnWriter } from '../formats/npyColumnWriter.ts'
import { readNpyColumns } from '../formats/npyColumns.ts'
import type { EncodeArraysTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { readAhead } from './encode/budget.ts'
import { checkSamples, inputOf, readFeatures, scaled } from './encode/inputs.ts'
import { prepareModel } from './encode/model.ts'
import { openParts } from './encode/resume.ts'
import { Results, writePredictions } from './encode/results.ts'
import { Stages } from './encode/stages.ts'
import type { Computing } from './fits.ts'
import { batchesOf, stripesOf, stripeWidth } from './stripes.ts'

/** Share of the progress that preparing X takes. */
const preparing = 0.2

/**
 * Cross-validated ridge on arrays from anywhere (encoding/ridge.ts). Targets are read a batch at a time, as many as fit
 * the memory limit, and scored a stripe at a time; no target's numbers depend on either. With `task.partial`, finished
 * stripes are kept there until all are done, and are not computed again.
 *
 * @param width targets of a stripe
 * @throws HeschlError as `readNpy`; SHAPE_MISMATCH, OPTION_INVALID, NUMERICAL (a feature that is not finite), CANCELLED
 */
export async function encodeArrays(
  task: EncodeArraysTask,
  computing: Computing,
  context: StepContext,
  width?: number,
): Promise<StepResult> {
  const clock = new Stages()
  const inputs = await Promise.all(task.x.map(inputOf))
  const y = await inputOf(task.y)
  checkSamples([...inputs, y])
  const [samples, targets] = y.shape
  const features = inputs.reduce((sum, { shape }) => sum + shape[1], 0)
  const alphas = 'count' in task.alphas ? logspace(task.alphas.from, task.alphas.to, task.alphas.count) : task.alphas
  const wide = Math.min(targets, width ?? stripeWidth(samples))
  const sizes = { samples, features, targets, alphas: alphas.length, width: wide, itemBytes: y.itemBytes }
  const most = readAhead(sizes, task)
  const stripes = stripesOf(targets, wide)
  const results = new Results(task.folds, targets, alphas, task.r2 !== undefined)
  const kept = stripes.length > 1 ? await openParts(task, y.shape, wide, context) : undefined
  const missing = []
  for (const stripe of stripes) {
    const count = task.folds * (stripe.to - stripe.from)
    const known = await kept?.parts.read(stripe.place, count, task.r2 !== undefined)
    if (known) results.take(stripe, known)
    else missing.push(stripe)
  }
  if (kept) clock.end('resume')
  const x = await readFeatures(inputs, samples, features)
  clock.end('readX')
  throwIfCancelled(context)
  const problem = await prepareModel(x, task, alphas, computing, {
    ...context,
    progress: ({ fraction }) => context.progress({ fraction: preparing * fraction }),
  })
  clock.end('prepare')
  const predicted = kept?.predictions ?? task.predictions
  const predictions = predicted === undefined ? undefined : await NpyColumnWriter.open(predicted, samples, targets)
  const keep = { r2: task.r2 !== undefined, predictions: predictions !== undefined }
  try {
    for (const batch of batchesOf(missing, most)) {
      throwIfCancelled(context)
      const [{ from: first }, { to: last }] = [batch[0], batch.at(-1)!]
      const { data } = await readNpyColumns(task.y, first, last)
      for (const stripe of batch) {
        const { from, to } = stripe
        const read = scaled(data, samples, from - first, to - first)
        clock.end('readY')
        const scores = await problem.score(
          read.responses,
          {
            cancelled: context.cancelled,
            onProgress: (within) => {
              const done = from + within * (to - from)
              const rate = `${Math.round(done / clock.since('prepare')).toLocaleString('en')} targets/s`
              context.progress({ fraction: preparing + ((1 - preparing) * done) / targets, rate })
            },
          },
          keep,
        )
        clock.end('score')
        results.take(stripe, scores)
        if (predictions) {
          await writePredictions(predictions, stripe, scores.predictions!, read)
          if (kept) await predictions.flush()
        }
        await kept?.parts.write(stripe.place, scores)
        clock.end('write')
      }
    }
  } finally {
    if (predictions) await predictions.close()
  }
  await kept?.checkInputs()
  await results.write(task)
  if (kept?.predictions !== undefined) await rename(kept.predictions, task.predictions!)
  clock.end('write')
  return {
    arrays: [],
    provenance: {
      provider: computing.gemm.provider,
      x: inputs,
      y,
      alphas,
      samples,
      features,
      targets,
      ...results.summary(),
      stripes: { targets: wide, count: stripes.length, resumed: stripes.length - missing.length },
      seconds: clock.seconds,
      bytes: { x: 4 * samples * features, y: 4 * samples * targets, solutions: problem.bytes },
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
  }
}
