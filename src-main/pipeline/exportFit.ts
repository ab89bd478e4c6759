import { keptFor } from '../encoding/protocol/scoreBy.ts'
import { designShape } from '../encoding/primal/prepareSolver.ts'
import { isCoupled } from '../encoding/protocol/prepareEncoding.ts'
import { writeNpy } from '../formats/npy.ts'
import { NpyColumnWriter } from '../formats/npyColumnWriter.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { SharedRidge, regressorsOf, type Computing } from './fits.ts'
import { lagsOf } from './lags.ts'
import { bytesAtRest, checkMemory, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import type { ResponseCache } from './responseCache.ts'
import { batchesOf, stripesOf, stripeWidth } from './stripes.ts'
import type { ExportFitTask } from './tasks.ts'

/**
 * What a fit is made of and what it predicts, as NPY files: regressors [samples, features] and responses [samples,
 * targets] as the folds are given them (after the response, cleaning and what is scaled over runs), predictions of every
 * held-out sample [samples, targets], and weights [features, targets], their mean over folds. They are computed again:
 * a study's store does not hold them, which are far larger than its scores.
 *
 * @throws HeschlError as `computeFit`; OPTION_INVALID where regressors and weights need too much memory; DISK_FULL
 */
export async function exportFit(
  task: ExportFitTask,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const { fit, files } = task
  const { x, runs } = regressorsOf(fit)
  // Where there are lags, each has weights of its own.
  const [, features] = designShape(lagsOf(x, fit.encoding.hrf, runs, fit.recordings))
  if (files.x !== undefined) await writeNpy(files.x, { shape: [x.rows, x.cols], data: plain(x) })
  const targets = fit.vertices.left + fit.vertices.right
  const scoring = files.predictions !== undefined || files.weights !== undefined
  const open = (file: string | undefined, rows: number) =>
    file === undefined ? undefined : NpyColumnWriter.open(file, rows, targets)
  const shared = new SharedRidge()
  const weights = files.weights !== undefined
  const problem = scoring ? await shared.get(fit, computing, context, weights) : undefined
  const samples = x.rows
  const stripes = stripesOf(targets, isCoupled(fit.encoding) ? targets : stripeWidth(samples))
  const widest = Math.max(...stripes.map(({ from, to }) => to - from))
  checkMemory(
    'These weights',
    8 * features * widest * (weights ? 1 : 0),
    'Choose a layer with fewer units, or no weights',
  )
  const memory = (fit.memory ?? defaultMemory()) - bytesAtRest - (problem?.bytes ?? 0)
  const recordings = new Recordings(fit, responses, memory)
  const out = {
    y: await open(files.y, samples),
    predictions: await open(files.predictions, samples),
    weights: await open(files.weights, features),
  }
  const keep = { ...keptFor(fit.encoding.score), predictions: out.predictions !== undefined, weights }
  try {
    for (const batch of batchesOf(stripes, recordings.most)) {
      const columns = await recordings.read({ from: batch[0].from, to: batch.at(-1)!.to }, context)
      for (const { from, to } of batch) {
        throwIfCancelled(context)
        const y = columns(from, to)
        await out.y?.write(from, y.data, to - from)
        const onProgress = (within: number) => context.progress({ fraction: (from + within * (to - from)) / targets })
        const watch = { onProgress, cancelled: context.cancelled }
        const found = await problem?.score(y, watch, keep, fit.components)
        if (found?.predictions) await out.predictions?.write(from, found.predictions, to - from)
        if (found?.weights) await out.weights?.write(from, found.weights, to - from)
      }
    }
  } finally {
    for (const file of Object.values(out)) await file?.close()
  }
  return { arrays: [], provenance: { samples, features, targets, runs } }
}

/** Not in shared memory, which cannot be written to a file. */
const plain = ({ data }: Matrix32): Float32Array<ArrayBuffer> => Float32Array.from(data)
