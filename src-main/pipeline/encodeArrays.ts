import { rename } from 'node:fs/promises'
import { keptFor } from '../encoding/protocol/scoreBy.ts'
import { NpyColumnWriter } from '../formats/npyColumnWriter.ts'
import { columnReader } from '../formats/matrixFile.ts'
import type { EncodeArraysTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { measurePace } from './cost.ts'
import { readAhead } from './encode/budget.ts'
import { checkSamples, inputOf, readFeatures, scaled } from './encode/inputs.ts'
import { modelOf, prepareModel } from './encode/model.ts'
import { openParts } from './encode/resume.ts'
import { Results, stripeScores, writeLarge } from './encode/results.ts'
import { Stages } from './encode/stages.ts'
import { scaleByRun } from './encodingModel.ts'
import type { Computing } from './fits.ts'
import { batchesOf, stripesOf, stripeWidth } from './stripes.ts'

/** Share of the progress that preparing X takes. */
const preparing = 0.2

/**
 * An encoding model on arrays from anywhere (encoding/protocol). Targets are read a batch at a time, as many as fit the
 * memory limit, and scored a stripe at a time; no target's numbers depend on either. Targets whose scores depend on one
 * another are one stripe. With `task.partial`, finished stripes are kept there until all are done, and are not computed
 * again.
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
  const clock = new Stages(computing)
  await clock.begin()
  const inputs = await Promise.all(task.x.map(inputOf))
  const y = await inputOf(task.y)
  checkSamples([...inputs, y])
  const [samples, targets] = y.shape
  const features = inputs.reduce((sum, { shape }) => sum + shape[1], 0)
  const model = modelOf(task, samples)
  const { options, runs, lines, coupled } = model
  const wide = coupled ? targets : Math.min(targets, width ?? stripeWidth(samples))
  const most = readAhead({ samples, features, targets, width: wide, itemBytes: y.itemBytes }, task, model)
  const stripes = stripesOf(targets, wide)
  const r2 = task.r2 !== undefined
  const results = new Results(model, targets, r2)
  const large = { predictions: 4 * samples * targets, weights: 4 * features * targets }
  const kept = stripes.length > 1 ? await openParts(task, large, wide, context) : undefined
  const missing = []
  for (const stripe of stripes) {
    const count = stripe.to - stripe.from
    const expected = { scores: lines * count, alphas: options.folds.length * count }
    const known = await kept?.parts.read(stripe.place, expected, r2)
    if (known) results.take(stripe, known)
    else missing.push(stripe)
  }
  if (kept) await clock.end('resume')
  const x = await readFeatures(inputs, samples, features)
  await clock.end('readX')
  throwIfCancelled(context)
  const problem = await prepareModel(x, task.options, model, computing, {
    ...context,
    progress: ({ fraction }) => context.progress({ fraction: preparing * fraction }),
  })
  await clock.end('prepare')
  const at = { ...task, ...kept?.files }
  const open = (file: string | undefined, rows: number) =>
    file === undefined ? undefined : NpyColumnWriter.open(file, rows, targets)
  const predictions = await open(at.predictions, samples)
  const weights = await open(at.weights, features)
  const { standardizeY, over } = task.options
  const keep = {
    ...keptFor({ measure: r2 ? 'r2' : 'r', over }),
    predictions: predictions !== undefined,
    weights: weights !== undefined,
  }
  const readY = await columnReader(task.y)
  try {
    for (const batch of batchesOf(missing, most)) {
      throwIfCancelled(context)
      const [{ from: first }, { to: last }] = [batch[0], batch.at(-1)!]
      const { data } = await readY(first, last)
      for (const stripe of batch) {
        const { from, to } = stripe
        const read = scaled(data, samples, from - first, to - first, model.free)
        const responses = scaleByRun(read.responses, standardizeY, runs)
        await clock.end('readY')
        const scores = await problem.score(
          responses,
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
        await clock.end('score')
        const found = stripeScores(scores, task.options, r2)
        results.take(stripe, found)
        // What was scaled on the way stays in the unit that it was scaled to.
        const { mean, scale = undefined } = standardizeY === 'none' && read.mean ? read : {}
        if (predictions) await writeLarge(predictions, stripe, scores.predictions!, { mean, scale })
        if (weights) await writeLarge(weights, stripe, scores.weights!, { scale })
        if (kept) for (const file of [predictions, weights]) await file?.flush()
        await kept?.parts.write(stripe.place, found)
        await clock.end('write')
      }
    }
  } finally {
    for (const file of [predictions, weights]) await file?.close()
  }
  await kept?.checkInputs()
  await results.write(task)
  for (const name of ['predictions', 'weights'] as const) {
    const finished = kept?.files[name]
    if (finished !== undefined) await rename(finished, task[name]!)
  }
  await clock.end('write')
  const pace = await measurePace(computing.threads?.count ?? 1)
  return {
    arrays: [],
    provenance: {
      provider: computing.gemm.provider,
      solvedFrom: problem.products,
      x: inputs,
      y,
      alphas: options.alphas,
      samples,
      features,
      targets,
      ...results.summary(),
      stripes: { targets: wide, count: stripes.length, resumed: stripes.length - missing.length },
      seconds: clock.seconds,
      products: { pace, stages: clock.products(pace) },
      bytes: { x: 4 * samples * features, y: 4 * samples * targets, solutions: problem.bytes },
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
  }
}
