import { HeschlError } from '../errors.ts'
import { contiguousFolds } from '../encoding/folds.ts'
import { logspace, prepareRidge } from '../encoding/ridge.ts'
import { readNpy, readNpyHeader, writeNpy } from '../formats/npy.ts'
import { NpyAppender } from '../formats/npyAppend.ts'
import type { NpyData } from '../formats/npy.ts'
import { readNpyColumns } from '../formats/npyColumns.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'
import type { EncodeArraysTask } from './arrayTasks.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import type { Computing } from './fits.ts'
import { checkMemory } from './memory.ts'

/** Responses read at a time, bytes as they are in the file. */
const batchBytes = 128e6
/** Share of the progress that preparing X takes. */
const preparing = 0.2
/** The index of an alpha where there was nothing to fit (encoding/solver.ts). */
const noAlpha = 255

interface Input {
  readonly file: string
  readonly shape: readonly [samples: number, columns: number]
  readonly type: string
  readonly itemBytes: number
}

/**
 * Cross-validated ridge on arrays from anywhere (encoding/ridge.ts). Targets are read and scored a batch at a time; no
 * target's numbers depend on the batch it is in.
 *
 * @param mostTargets in a batch
 * @throws HeschlError as `readNpy`; SHAPE_MISMATCH, OPTION_INVALID, NUMERICAL (a feature that is not finite), CANCELLED
 */
export async function encodeArrays(
  task: EncodeArraysTask,
  computing: Computing,
  context: StepContext,
  mostTargets = Infinity,
): Promise<StepResult> {
  const clock = new Stages()
  const inputs = await Promise.all(task.x.map(inputOf))
  const y = await inputOf(task.y)
  checkSamples([...inputs, y])
  const [samples, targets] = y.shape
  const features = inputs.reduce((sum, { shape }) => sum + shape[1], 0)
  const alphas = 'count' in task.alphas ? logspace(task.alphas.from, task.alphas.to, task.alphas.count) : task.alphas
  const folds = contiguousFolds(samples, task.folds)
  const batch = Math.max(1, Math.min(targets, mostTargets, Math.floor(batchBytes / (y.itemBytes * samples))))
  // X twice and as it is read; what each alpha takes; responses in their forms, with predictions; the results.
  const bytes =
    16 * samples * features +
    alphas.length * solutionBytes(samples, task) +
    (8 + (task.predictions === undefined ? 0 : 8) + 3 * y.itemBytes) * samples * batch +
    16 * task.folds * targets
  checkMemory('This ridge regression', bytes, 'Use fewer alphas, features or samples')
  const x = await readFeatures(inputs, samples, features)
  clock.end('readX')
  throwIfCancelled(context)
  const problem = await prepareRidge(
    x,
    { folds, alphas, selection: task.selection, ...computing },
    {
      cancelled: context.cancelled,
      onProgress: (fraction) => context.progress({ fraction: preparing * fraction }),
    },
  )
  clock.end('prepare')
  const r = new Float32Array(task.folds * targets)
  const alpha = new Float64Array(task.folds * targets)
  const r2 = task.r2 === undefined ? undefined : new Float32Array(task.folds * targets)
  const keep = { r2: task.r2 !== undefined, predictions: task.predictions !== undefined }
  const predictions = task.predictions && (await NpyAppender.create(task.predictions, samples, targets))
  try {
    for (let from = 0; from < targets; from += batch) {
      throwIfCancelled(context)
      const to = Math.min(targets, from + batch)
      const { responses, mean, scale } = scaled((await readNpyColumns(task.y, from, to)).data, samples, to - from)
      clock.end('readY')
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
      for (let fold = 0; fold < task.folds; fold++) {
        for (let t = from; t < to; t++) {
          const at = fold * (to - from) + t - from
          const chosen = scores.alpha[at]
          r[fold * targets + t] = scores.r[at]
          if (r2) r2[fold * targets + t] = scores.r2![at]
          alpha[fold * targets + t] = chosen === noAlpha ? NaN : alphas[chosen]
        }
      }
      clock.end('score')
      if (predictions) {
        const inUnit = scores.predictions!
        if (mean)
          for (let i = 0; i < inUnit.length; i++) inUnit[i] = mean[i % mean.length] + scale[i % mean.length] * inUnit[i]
        await predictions.append(inUnit, to - from)
        clock.end('write')
      }
    }
  } finally {
    if (predictions) await predictions.close()
  }
  await writeNpy(task.r, { shape: [task.folds, targets], data: r })
  await writeNpy(task.alpha, { shape: [task.folds, targets], data: alpha })
  if (r2) await writeNpy(task.r2!, { shape: [task.folds, targets], data: r2 })
  clock.end('write')
  const { mean, unscored } = summaryOf(r)
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
      unscoredTargets: unscored / task.folds,
      meanR: mean,
      seconds: clock.seconds,
      bytes: { x: 4 * samples * features, y: 4 * samples * targets, solutions: problem.bytes },
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
  }
}

async function inputOf(file: string): Promise<Input> {
  const { shape, type, itemBytes } = await readNpyHeader(file)
  const [samples, columns = 1] = shape
  if (samples !== undefined && shape.length <= 2 && samples > 0 && columns > 0)
    return { file, shape: [samples, columns], type, itemBytes }
  throw new HeschlError('SHAPE_MISMATCH', 'This is not a matrix with a sample a row', {
    where: { file },
    expected: 'an array [samples, columns], neither of them 0',
    found: `shape (${shape.join(', ')})`,
    remedy: 'Save it with its samples (volumes) along the first dimension',
  })
}

function checkSamples(inputs: readonly Input[]): void {
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
async function readFeatures(inputs: readonly Input[], samples: number, features: number): Promise<Matrix32> {
  const x = zeros32(samples, features)
  let at = 0
  for (const { file, shape } of inputs) {
    const { data } = await readNpy(file)
    const cols = shape[1]
    // float64 is centred before it is rounded, which changes nothing else: features are centred in each fold anyway.
    const means = data instanceof Float64Array ? columnMeans(data, cols) : undefined
    for (let i = 0; i < samples; i++) {
      for (let j = 0; j < cols; j++) x.data[i * features + at + j] = data[i * cols + j] - (means ? means[j] : 0)
    }
    at += cols
  }
  return x
}

/** Bytes of what a fit at one alpha is made of: P and M; the inner folds' matrices. */
function solutionBytes(samples: number, { folds, selection }: EncodeArraysTask): number {
  const products = 8 * samples ** 2
  if (selection === 'leave-one-out') return products
  const training = samples - samples / folds
  return products + 4 * folds * training * (training / selection.kfold + samples / folds)
}

interface Scaled {
  readonly responses: Matrix32
  /** Of each target, with `scale` times the responses: what was read. Where it was changed at all. */
  readonly mean?: Float64Array
  readonly scale: Float64Array
}

/** float64 is centred and divided by its largest value before it is rounded; r and alpha depend on neither. */
function scaled(data: NpyData, rows: number, cols: number): Scaled {
  if (data instanceof Float32Array) return { responses: { data, rows, cols }, scale: new Float64Array(0) }
  const means = columnMeans(data, cols)
  const largest = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i] - means[i % cols])
    if (size > largest[i % cols]) largest[i % cols] = size
  }
  const values = Float32Array.from(data, (value, i) => (value - means[i % cols]) / (largest[i % cols] || 1))
  return { responses: { data: values, rows, cols }, mean: means, scale: largest }
}

function columnMeans(data: NpyData, cols: number): Float64Array {
  const means = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) means[i % cols] += data[i] / (data.length / cols)
  return means
}

/** Mean of what is not NaN, and how many are. */
function summaryOf(r: Float32Array): { readonly mean: number; readonly unscored: number } {
  let sum = 0
  let unscored = 0
  for (const value of r) {
    if (Number.isNaN(value)) unscored++
    else sum += value
  }
  return { mean: sum / (r.length - unscored), unscored }
}

/** Seconds by stage; a stage is what has passed since the one before ended. */
class Stages {
  readonly seconds: Record<string, number> = {}
  readonly #ends = new Map<string, number>()
  #last = performance.now()

  end(stage: string): void {
    const now = performance.now()
    this.seconds[stage] = (this.seconds[stage] ?? 0) + (now - this.#last) / 1000
    this.#ends.set(stage, now)
    this.#last = now
  }

  /** Seconds since a stage ended. */
  since(stage: string): number {
    return (performance.now() - this.#ends.get(stage)!) / 1000
  }
}
