/** Fits on the regressors and recordings of test/reference/encoding/protocol, as the `fit` step is given them. */
import { join } from 'node:path'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import type { FitTask } from '../../../src-main/pipeline/tasks.ts'
import type { Encoding } from '../../../src-main/study/encodingSchema.ts'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { runs, x, y } from '../encoding/protocol/oracle.ts'

export const stimuli = runs.map((_, i) => `s${i + 1}`)

/** A run's rows. */
export function runOf(matrix: Matrix32, run: number): Matrix32 & { readonly data: Float32Array<ArrayBuffer> } {
  const start = runs.slice(0, run).reduce((a, b) => a + b, 0)
  const data = Float32Array.from(matrix.data.subarray(start * matrix.cols, (start + runs[run]) * matrix.cols))
  return { data, rows: runs[run], cols: matrix.cols }
}

export async function taskOf(folder: string, encoding: Encoding, responses = y): Promise<FitTask> {
  const recordings = []
  for (const [i, stimulus] of stimuli.entries()) {
    const files = join(folder, `${stimulus}.npy`)
    const { data, rows, cols } = runOf(responses, i)
    await writeNpy(files, { shape: [rows, cols], data })
    recordings.push({ stimulus, files, tr: 2 })
  }
  return {
    kind: 'fit',
    designKey: 'x',
    designs: runs.map((_, i) => runOf(x, i)),
    ...{ subject: 'sub-01', identity: 'sub-01', recordings, vertices: { left: 5, right: y.cols - 5 } },
    encoding: resolveEncoding(encoding),
  }
}

/** Fewer components than the preset's 100, as there are 12 targets. */
export const presets: readonly (readonly [string, Encoding, string])[] = [
  ['standard', { preset: 'standard' }, 'standard'],
  ['lpp as published', { preset: 'lpp', pcaY: 5 }, 'lpp'],
  ['lpp as intended', { preset: 'lpp', variant: 'intended', pcaY: 5 }, 'lppIntended'],
  ['narratives', { preset: 'narratives' }, 'narratives'],
  ['voxelwise', { preset: 'voxelwise' }, 'voxelwise'],
]
