import { HeschlError } from '../errors.ts'
import type { HeldOut } from '../encoding/protocol/heldOut.ts'
import { writeNpy } from '../formats/npy.ts'
import type { NpyData } from '../formats/npy.ts'
import { matrixColumns, matrixHeader } from '../formats/matrixFile.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { blockNull, nullThreshold } from '../scoring/index.ts'
import type { ArrayEncoding } from '../study/arrayEncoding.ts'
import type { PermutationTestTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { heldOutOf, scaleByRun, stretchesOf } from './encodingModel.ts'

interface Stretch {
  readonly start: number
  readonly end: number
}

/** Numbers of responses and predictions read at a time: 64 MB of float64. */
const valuesAtOnce = 4e6
/** Family-wise level of the threshold that is reported. */
const level = 0.05

/**
 * Which targets are predicted better than by chance, from the predictions of held-out samples (scoring/blockNull.ts):
 * writes p and the family-wise p of every target, and reports the threshold.
 * @throws HeschlError as `readNpy` and `blockNull`; SHAPE_MISMATCH; OPTION_INVALID for a score that predictions scaled by
 *   each fold's training samples do not have; CANCELLED
 */
export async function permutationTest(task: PermutationTestTask, context: StepContext): Promise<StepResult> {
  const { options, measure, block, permutations, seed } = task
  const { standardizeY, over } = options
  if (standardizeY === 'training-fold' && (measure === 'r2' || over === 'concatenated')) {
    throw new HeschlError('OPTION_INVALID', 'Responses scaled by each training fold can be permuted for r alone', {
      expected: 'scores r or r-squared, over folds',
      found: `${measure}, over ${over}`,
      remedy: 'Scale Y by runs or not at all, or score r over folds',
    })
  }
  const { shape } = await matrixHeader(task.y)
  const [samples = 0, targets = 1] = shape
  const runs = options.runs ?? [samples]
  const folds = stretchesOfFolds(options.folds, samples, runs)
  const sum = blockNull({ folds, nSamples: samples, nTargets: targets, block, permutations, seed, measure, over })
  if (task.predictions === undefined) return { arrays: [], provenance: {} }
  const width = Math.max(1, Math.floor(valuesAtOnce / samples))
  for (let from = 0; from < targets; from += width) {
    const to = Math.min(targets, from + width)
    const predictions = await columnsOf(task.predictions, from, to)
    const y = scaled(await columnsOf(task.y, from, to), standardizeY, runs)
    // One by one: a target's permutations take a moment, and someone may want to stop.
    for (let j = from; j < to; j++) {
      throwIfCancelled(context)
      sum.add(column(predictions, j - from), column(y, j - from), j)
      if (j % 64 === 0) {
        context.progress({ fraction: j / targets })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
  const found = sum.finish()
  await writeNpy(task.p, { shape: [targets], data: found.p as Float32Array<ArrayBuffer> })
  await writeNpy(task.pMax, { shape: [targets], data: found.pMax as Float32Array<ArrayBuffer> })
  context.progress({ fraction: 1 })
  return {
    arrays: [],
    provenance: {
      ...{ measure, over, block, permutations, seed, level, threshold: nullThreshold(found, level) },
      targets: found.pMax.filter((p) => !Number.isNaN(p)).length,
      significantTargets: found.pMax.filter((p) => p <= level).length,
    },
  }
}

/** What each fold holds out, in stretches that neither leave samples out nor go from one run to the next. */
function stretchesOfFolds(
  folds: ArrayEncoding['folds'],
  samples: number,
  runs: readonly number[],
): readonly (readonly Stretch[])[] {
  const ends = new Set(stretchesOf(runs).map(({ end }) => end))
  return heldOutOf(folds, samples, runs).map((held) => {
    const stretches: { start: number; end: number }[] = []
    for (const row of rowsOf(held)) {
      const last = stretches.at(-1)
      if (last?.end === row && !ends.has(row)) last.end++
      else stretches.push({ start: row, end: row + 1 })
    }
    return stretches
  })
}

const rowsOf = (held: HeldOut): readonly number[] =>
  'start' in held
    ? Array.from({ length: held.end - held.start }, (_, i) => held.start + i)
    : [...held].sort((a, b) => a - b)

async function columnsOf(file: string, from: number, to: number): Promise<Columns> {
  const { shape, data } = await matrixColumns(file, from, to)
  return { data, rows: shape[0], cols: to - from }
}

interface Columns {
  readonly data: NpyData | Float32Array
  readonly rows: number
  readonly cols: number
}

function scaled(y: Columns, how: ArrayEncoding['standardizeY'], runs: readonly number[]): Columns {
  if (how !== 'per-run' && typeof how !== 'object') return y
  const means = new Float64Array(y.cols)
  for (let i = 0; i < y.data.length; i++) means[i % y.cols] += y.data[i] / y.rows
  return scaleByRun({ ...y, data: Float32Array.from(y.data, (value, i) => value - means[i % y.cols]) }, how, runs)
}

function column({ data, rows, cols }: Columns, j: number): Matrix {
  return { data: Float64Array.from({ length: rows }, (_, i) => data[i * cols + j]), rows, cols: 1 }
}
