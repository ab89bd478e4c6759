/** The files of features and responses that `encode` is given. */
import { HeschlError } from '../../errors.ts'
import { matrixColumns, matrixHeader } from '../../formats/matrixFile.ts'
import type { NpyData } from '../../formats/npy.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { sharedMatrix32, zeros32 } from '../../linalg/matrix.ts'

export interface Input {
  readonly file: string
  readonly shape: readonly [samples: number, columns: number]
  readonly type: string
  readonly itemBytes: number
}

/** @throws HeschlError as `matrixHeader`; SHAPE_MISMATCH where there is nothing in it, or more than two dimensions */
export async function inputOf(file: string): Promise<Input> {
  const { shape, type } = await matrixHeader(file)
  const [samples, columns = 1] = shape
  if (samples !== undefined && shape.length <= 2 && samples > 0 && columns > 0)
    return { file, shape: [samples, columns], type, itemBytes: Number(type.slice(1)) }
  throw new HeschlError('SHAPE_MISMATCH', 'This is not a matrix with a sample a row', {
    where: { file },
    expected: 'an array [samples, columns], neither of them 0',
    found: `shape (${shape.join(', ')})`,
    remedy: 'Save it with its samples (volumes) along the first dimension',
  })
}

/** @throws HeschlError SHAPE_MISMATCH */
export function checkSamples(inputs: readonly Input[]): void {
  const [first, ...others] = inputs
  const other = others.find(({ shape }) => shape[0] !== first.shape[0])
  if (!other) return
  throw new HeschlError('SHAPE_MISMATCH', 'Features and responses differ in their number of samples', {
    where: { file: other.file },
    expected: `${first.shape[0]} rows, as ${first.file}`,
    found: `${other.shape[0]} rows, shape (${other.shape.join(', ')})`,
    remedy: 'Trim them to the same volumes, in the same order',
  })
}

/** [samples, features]: the files' columns side by side. */
export async function readFeatures(inputs: readonly Input[], samples: number, features: number): Promise<Matrix32> {
  const x = zeros32(samples, features)
  let at = 0
  for (const { file, shape } of inputs) {
    const cols = shape[1]
    const { data } = await matrixColumns(file, 0, cols)
    // float64 is centred before it is rounded, which changes nothing else: features are centred in each fold anyway.
    const means = data instanceof Float64Array ? columnMeans(data, cols, 0, cols) : undefined
    for (let i = 0; i < samples; i++) {
      for (let j = 0; j < cols; j++) x.data[i * features + at + j] = data[i * cols + j] - (means ? means[j] : 0)
    }
    at += cols
  }
  return x
}

export interface Scaled {
  /** [samples, targets], in memory that threads share. */
  readonly responses: Matrix32
  /** Of each target, with `scale` times the responses: what was read. Where it was changed at all. */
  readonly mean?: Float64Array
  readonly scale: Float64Array
}

/** What may be done to a target in float64. */
export interface Free {
  readonly centre: boolean
  readonly divide: boolean
}

/**
 * Some columns of a batch as they are fitted: float64 is centred and divided by its largest value before it is rounded,
 * where scores do not depend on it.
 * @param batch [samples, cols], as it was read
 * @param from of `to - from` of its columns
 */
export function scaled(
  batch: NpyData,
  samples: number,
  from: number,
  to: number,
  free: Free = { centre: true, divide: true },
): Scaled {
  const cols = batch.length / samples
  const width = to - from
  const responses = sharedMatrix32(samples, width)
  const out = responses.data
  if (batch instanceof Float32Array) {
    for (let i = 0; i < samples; i++) out.set(batch.subarray(i * cols + from, i * cols + to), i * width)
    return { responses, scale: new Float64Array(0) }
  }
  const mean = free.centre ? columnMiddles(batch, cols, from, to) : new Float64Array(width)
  const scale = new Float64Array(width).fill(free.divide ? 0 : 1)
  for (let i = 0; free.divide && i < samples; i++) {
    for (let j = 0; j < width; j++) {
      const size = Math.abs(batch[i * cols + from + j] - mean[j])
      if (size > scale[j]) scale[j] = size
    }
  }
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < width; j++)
      out[i * width + j] = (batch[i * cols + from + j] - mean[j]) / (scale[j] === 0 ? 1 : scale[j])
  }
  return { responses, mean, scale }
}

/**
 * Of each column the mean of what lies within the mean distance from its mean: its own mean, but for a column with a few
 * values far from all others, which would lose their digits if they were held relative to those.
 */
function columnMiddles(data: NpyData, cols: number, from: number, to: number): Float64Array {
  const means = columnMeans(data, cols, from, to)
  const rows = data.length / cols
  const distances = new Float64Array(to - from)
  const shifts = new Float64Array(to - from)
  const counts = new Float64Array(to - from)
  for (let i = 0; i < rows; i++)
    for (let j = from; j < to; j++) distances[j - from] += Math.abs(data[i * cols + j] - means[j - from]) / rows
  for (let i = 0; i < rows; i++) {
    for (let j = from; j < to; j++) {
      const difference = data[i * cols + j] - means[j - from]
      if (!(Math.abs(difference) <= distances[j - from])) continue
      shifts[j - from] += difference / rows
      counts[j - from]++
    }
  }
  return means.map((mean, j) => (counts[j] === 0 ? mean : mean + (shifts[j] * rows) / counts[j]))
}

function columnMeans(data: NpyData, cols: number, from: number, to: number): Float64Array {
  const means = new Float64Array(to - from)
  const rows = data.length / cols
  for (let i = 0; i < rows; i++) {
    for (let j = from; j < to; j++) means[j - from] += data[i * cols + j] / rows
  }
  return means
}
