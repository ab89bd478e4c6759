import { HeschlError } from '../errors.ts'
import { frameToVolume } from '../features/design.ts'
import type { FrameToVolume } from '../features/design.ts'
import { Regressors } from '../features/regressors.ts'
import { matrixHeader, matrixRows } from '../formats/matrixFile.ts'
import type { MatrixHeader } from '../formats/matrixFile.ts'
import { writeNpy } from '../formats/npy.ts'
import type { NpyData } from '../formats/npy.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext, StepResult } from './context.ts'
import { checkMemory } from './memory.ts'
import type { DesignArrayTask } from './arrayTasks.ts'

/** Read at once. A file whose columns lie together is read a unit at a time, which wants fewer and longer pieces. */
const blockBytes = { rows: 8e6, columns: 64e6 }

/**
 * Regressors of activations from anywhere: [frames, units] in any format of `matrixFile` -> HRF -> NPY float32
 * [volumes, units], a block of frames at a time. Values of more than float32's precision are taken relative to the first frame, so that a unit far from 0
 * keeps its variation; what was taken away is added again at the end, since the response is linear.
 *
 * @throws HeschlError as `matrixHeader`; SHAPE_MISMATCH (an array of three dimensions), OPTION_INVALID, NUMERICAL
 */
export async function designFromArray(task: DesignArrayTask, context: StepContext): Promise<StepResult> {
  const began = performance.now()
  const { activations, hrf, tr, volumes, hop, start, oversampling, scale } = task
  const header = await matrixHeader(activations)
  const { frames, units } = dimensions(header, activations)
  const maps = frameToVolume({ hrf, tr, volumes, hopSeconds: hop, frames, audioStart: start, oversampling })
  // Sums in float64, the result in float32 and as it is written.
  const bytes = 16 * volumes * units * maps.length
  checkMemory(`A design of ${volumes} volumes and ${units} units`, bytes, 'Split the units over files')
  const regressors = new Regressors(maps, units, { scale, hrf })
  const itemBytes = Number(header.type.slice(1))
  const block = blockBytes[header.byColumns ? 'columns' : 'rows']
  // What is read whole for any of its rows is read once.
  const rows = header.whole ? frames : Math.max(1, Math.floor(block / (units * itemBytes)))
  const exact = header.type === 'f4' || itemBytes < 4
  let origin: Float64Array | undefined
  for (let frame = 0; frame < frames; frame += rows) {
    throwIfCancelled(context)
    const { data } = await matrixRows(activations, frame, Math.min(frames, frame + rows))
    if (!exact) origin ??= Float64Array.from(data.subarray(0, units))
    try {
      regressors.add(frame, asFloats(data, units, origin))
    } catch (error) {
      throw inFile(error, activations)
    }
    context.progress({ fraction: Math.min(1, (frame + rows) / frames) })
  }
  const x = regressors.finish()
  if (origin && scale === 'none') addResponse(x, maps, origin)
  await writeNpy(task.out, { shape: [x.rows, x.cols], data: x.data as Float32Array<ArrayBuffer> })
  return {
    arrays: [],
    provenance: { frames, shape: [x.rows, x.cols], seconds: (performance.now() - began) / 1000 },
  }
}

function dimensions({ shape }: MatrixHeader, file: string): { readonly frames: number; readonly units: number } {
  const [frames, units = 1] = shape
  if (frames !== undefined && shape.length <= 2 && frames > 0 && units > 0) return { frames, units }
  throw new HeschlError('SHAPE_MISMATCH', 'These are not activations over time', {
    where: { file },
    expected: 'an array [frames, units]',
    found: `shape (${shape.join(', ')})`,
    remedy: 'Save one recording, its frames along the first dimension',
  })
}

function asFloats(data: NpyData, units: number, origin: Float64Array | undefined): Matrix32 {
  const rows = data.length / units
  if (data instanceof Float32Array) return { data, rows, cols: units }
  const floats = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) floats[i] = origin ? data[i] - origin[i % units] : data[i]
  return { data: floats, rows, cols: units }
}

/** Adds the responses to a constant, a unit's origin: H (A + 1 cᵀ) = H A + (H 1) cᵀ. */
function addResponse({ data, rows, cols }: Matrix32, maps: readonly FrameToVolume[], origin: Float64Array): void {
  for (const [r, { ones }] of maps.entries()) {
    for (let v = 0; v < rows; v++) {
      for (let u = 0; u < origin.length; u++) data[v * cols + r * origin.length + u] += ones[v] * origin[u]
    }
  }
}

function inFile(error: unknown, file: string): HeschlError {
  const { code, summary, parts } = HeschlError.from(error)
  return new HeschlError(code, summary, {
    ...parts,
    where: { file },
    remedy: 'Correct or leave out what is not finite',
  })
}
