import { prepareBands, type Band } from '../encoding/banded/bands.ts'
import { fitSpaces, type SpaceScores } from '../encoding/banded/fitSpaces.ts'
import type { TargetSource } from '../encoding/banded/search.ts'
import type { Fold } from '../encoding/folds.ts'
import { logspace, type RidgeOptions } from '../encoding/ridge.ts'
import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { meanOverFolds } from '../scoring/index.ts'
import { partition, spaceSets, type SpaceSet } from '../scoring/partition.ts'
import { trimRows } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { NamedArray, StepContext, StepResult } from './context.ts'
import { encodingOptions, gapSamples, heldOutOf, scaleByRun } from './encodingModel.ts'
import type { Computing } from './fits.ts'
import { checkMemory, defaultMemory } from './memory.ts'
import { Recordings } from './recordings.ts'
import { stackRows } from './responseCache.ts'
import type { ResponseCache } from './responseCache.ts'
import { spaceBytes } from './spaceCost.ts'
import type { SetTask } from './tasks.ts'

/**
 * Several feature spaces on one subject: r [targets] (the mean over folds of the encoding model's score) and deltas
 * [folds, spaces, targets] (log of weight over alpha); where the variance explained is divided, unions and parts
 * [sets of spaces, targets] (scoring/partition.ts).
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID, CANCELLED; NUMERICAL where no target can be scored
 */
export async function computeSet(
  task: SetTask,
  responses: ResponseCache,
  computing: Computing,
  context: StepContext,
): Promise<StepResult> {
  const { encoding, how, vertices } = task
  const spaces = task.spaces.map((designs) => designs.map((run) => trimRows(run, encoding.trim)))
  const runs = spaces[0].map(({ rows }) => rows)
  const samples = runs.reduce((sum, rows) => sum + rows, 0)
  const options = optionsOf(task, samples, runs, computing)
  const targets = vertices.left + vertices.right
  const features = Math.max(...spaces.map(([run]) => run.cols))
  const fixed = spaceBytes({ samples, targets, spaces: spaces.length, features }, options, how)
  checkMemory('This set of feature spaces', fixed, 'Use fewer alphas or a longer TR', task.memory)
  const bands: Band[] = []
  for (const designs of spaces) {
    const x = scaleByRun(stackRows(designs), encoding.standardizeX, runs)
    bands.push(...(await prepareBands([x], computing.gemm, { cancelled: context.cancelled })))
  }
  const recordings = new Recordings(
    { ...task, designs: task.spaces[0] },
    responses,
    (task.memory ?? defaultMemory()) - fixed,
  )
  const source = sourceOf(recordings, targets, context)
  const all: SpaceSet = spaces.map((_, space) => space)
  const sets = task.partition ? spaceSets(spaces.length) : [all]
  const unions: Float32Array[] = []
  let whole: SpaceScores | undefined
  for (const [index, set] of sets.entries()) {
    throwIfCancelled(context)
    const onProgress = (fraction: number) => context.progress({ fraction: (index + fraction) / sets.length })
    const watch = { cancelled: context.cancelled, onProgress }
    const chosen = set.map((space) => bands[space])
    const scores = await fitSpaces(chosen, source, options, how, watch)
    if (set.length === spaces.length) whole = scores
    const measure = encoding.score.measure === 'r-squared' ? encoding.score.measure : 'r2'
    unions.push(meanScore(scores, measure, options.folds.length))
  }
  const r = meanScore(whole!, encoding.score.measure, options.folds.length)
  const unscored = r.filter((value) => Number.isNaN(value)).length
  if (unscored === targets)
    throw new HeschlError('NUMERICAL', 'No vertex of this subject can be scored', {
      where: { subject: task.subject },
      expected: 'responses that vary over time',
      remedy: 'Look at the recording: it may be masked, empty or of another run',
    })
  const arrays: NamedArray[] = [
    { name: 'r', shape: [targets], data: r },
    { name: 'deltas', shape: [options.folds.length, spaces.length, targets], data: whole!.deltas },
  ]
  if (task.partition) {
    const shape = [sets.length, targets]
    const side = new Float32Array(sets.length * targets)
    for (const [i, union] of unions.entries()) side.set(union, i * targets)
    arrays.push({ name: 'unions', shape, data: side })
    arrays.push({ name: 'parts', shape, data: partition(spaces.length, unions) })
  }
  const provenance = { provider: computing.gemm.provider, targets, unscoredTargets: unscored, volumes: samples, ...how }
  return { arrays, provenance }
}

function optionsOf(
  { encoding, recordings }: SetTask,
  samples: number,
  runs: readonly number[],
  computing: Computing,
): RidgeOptions {
  const { from, to, count } = encoding.alphas
  const gap = gapSamples(encoding.gap, recordings[0].tr)
  const folds = heldOutOf(encoding.folds as number | 'runs', samples, runs, gap) as readonly Fold[]
  const { alphas, selection } = encodingOptions(encoding, { folds, alphas: logspace(from, to, count), runs })
  return { folds, alphas, selection, ...computing }
}

/** The responses; what was read last is kept. */
function sourceOf(recordings: Recordings, nTargets: number, context: StepContext): TargetSource {
  let last: { readonly from: number; readonly y: Matrix32 } | undefined
  return {
    nTargets,
    batch: Math.max(1, Math.min(nTargets, recordings.most)),
    async read(from, to) {
      if (last?.from !== from) last = { from, y: (await recordings.read({ from, to }, context))(from, to) }
      return last.y
    },
  }
}

/** [n_targets], averaged over folds. */
function meanScore({ r, r2 }: SpaceScores, measure: 'r' | 'r-squared' | 'r2', folds: number): Float32Array {
  if (measure === 'r2') return meanOverFolds(r2, folds)
  return meanOverFolds(measure === 'r' ? r : r.map((value) => value * value), folds)
}
