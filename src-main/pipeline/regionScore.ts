import { isCoupled } from '../encoding/protocol/prepareEncoding.ts'
import { keptFor } from '../encoding/protocol/scoreBy.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import { shifted, shiftsOf } from './chance.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { meanScores, runLengths } from './fits.ts'
import type { Computing, SharedRidge } from './fits.ts'
import { bytesAtRest, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import type { ResponseCache } from './responseCache.ts'
import { batchesOf, stripesOf, stripeWidth } from './stripes.ts'
import type { FitTask, RegionScoreTask } from './tasks.ts'

/**
 * @returns in its provenance `mean`, over the targets that have a score, NaN where none has; and the mean of what they score
 *   by `chance`, which is 0 unless the encoding model asks for it
 * @throws HeschlError as `computeFit`
 */
export async function computeRegionScore(
  { fit, runs, targets }: RegionScoreTask,
  shared: SharedRidge,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const task: FitTask = {
    ...fit,
    designKey: `${fit.designKey}, first ${runs} runs`,
    designs: fit.designs.slice(0, runs),
    recordings: fit.recordings.slice(0, runs),
  }
  const problem = await shared.get(task, computing, context)
  const all = fit.vertices.left + fit.vertices.right
  const recordings = new Recordings(task, responses, (fit.memory ?? defaultMemory()) - bytesAtRest - problem.bytes)
  const coupled = isCoupled(fit.encoding)
  const stripes = stripesOf(all, coupled ? all : stripeWidth(problem.nSamples))
  const { score } = fit.encoding
  const lengths = runLengths(task)
  const shifts = shiftsOf(fit.encoding.chance, lengths, fit.identity)
  let [sum, count, chance] = [0, 0, 0]
  for (const batch of batchesOf(stripes, recordings.most)) {
    const columns = await recordings.read({ from: batch[0].from, to: batch.at(-1)!.to }, context)
    for (const { from, to } of batch) {
      throwIfCancelled(context)
      const inside = targets.filter((v) => v >= from && v < to).map((v) => v - from)
      if (inside.length === 0) continue
      const block = columns(from, to)
      // Where scores depend on one another, all are computed.
      const y = coupled ? block : picked(block, inside)
      const scored = async (responses: Matrix32) => {
        const mean = meanScores(await problem.score(responses, context, keptFor(score)), score)
        const own = coupled ? Float32Array.from(inside, (v) => mean[v]) : mean
        return own.filter(Number.isFinite)
      }
      const own = await scored(y)
      count += own.length
      for (const value of own) sum += value
      for (const by of shifts)
        for (const value of await scored(shifted(y, lengths, by))) chance += value / shifts.length
    }
  }
  return { arrays: [], provenance: { mean: sum / count, chance: chance / count } }
}

function picked({ data, rows, cols }: Matrix32, columns: Uint32Array): Matrix32 {
  const out = zeros32(rows, columns.length)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns.length; j++) out.data[i * columns.length + j] = data[i * cols + columns[j]]
  return out
}
