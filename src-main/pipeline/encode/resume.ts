import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { arrayPlace } from '../../arrayPlace.ts'
import { HeschlError } from '../../errors.ts'
import { runtimeVersion } from '../../linalg/runtime.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import { codeVersions } from '../tasks.ts'
import { PartFolder } from './partFolder.ts'

/** Files that are too large to be held until all is done. */
export type LargeFile = 'predictions' | 'weights'

interface Kept {
  readonly parts: PartFolder
  /** The files that are written stripe by stripe, as they are named until all is done. */
  readonly files: Readonly<Partial<Record<LargeFile, string>>>
  /** @throws HeschlError FILE_UNREADABLE where an input was written to since it was hashed */
  checkInputs(): Promise<void>
}

/**
 * What an interrupted run of the same computation has left in `task.partial`, if it is to be kept at all. The same: the
 * inputs' bytes, every option but the memory limit, and what computes.
 * @param large bytes of the files that are written stripe by stripe
 * @param width targets of a stripe
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, CANCELLED
 */
export async function openParts(
  task: EncodeArraysTask,
  large: Readonly<Partial<Record<LargeFile, number>>>,
  width: number,
  context: StepContext,
): Promise<Kept | undefined> {
  const { partial, r: _r, alpha: _alpha, rSquared: _rSquared, r2, memory: _memory, x, y, ...rest } = task
  const { predictions, weights, ...options } = rest
  if (partial === undefined) return undefined
  const files: { readonly file: string; readonly written: number }[] = []
  const hashes: string[] = []
  for (const { file, inside } of [...x, y].map(arrayPlace)) {
    const { sha256, written } = await fingerprint(file, () => throwIfCancelled(context))
    files.push({ file, written })
    hashes.push(inside === undefined ? sha256 : `${sha256}:${inside}`)
  }
  const kept = { r2: r2 !== undefined, predictions: predictions !== undefined, weights: weights !== undefined }
  const computing = { version: codeVersions.fit, onnxruntime: runtimeVersion, threads: availableParallelism() }
  const parts = await PartFolder.open(partial, JSON.stringify({ computing, hashes, width, kept, options }))
  const written: Partial<Record<LargeFile, string>> = {}
  for (const name of ['predictions', 'weights'] as const) {
    const bytes = large[name]
    if (task[name] === undefined || bytes === undefined) continue
    const file = join(partial, `${name}.npy`)
    written[name] = file
    // Without them the scores of a stripe are no use.
    const { size } = await stat(file).catch(() => ({ size: 0 }))
    if (size < bytes) await parts.clear()
  }
  if (Object.keys(written).length > 0) await parts.make()
  const checkInputs = async () => {
    for (const { file, written } of files) await checkUnchanged(file, written)
  }
  return { parts, files: written, checkInputs }
}

/** sha256 of a file's bytes, hex, and when it was last written. @param between called every megabyte; may throw */
async function fingerprint(file: string, between: () => void): Promise<{ sha256: string; written: number }> {
  try {
    const { mtimeMs } = await stat(file)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Uint8Array)
      between()
    }
    return { sha256: hash.digest('hex'), written: mtimeMs }
  } catch (error) {
    throw HeschlError.from(error, { file })
  }
}

async function checkUnchanged(file: string, written: number): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.mtimeMs === written) return
  throw new HeschlError('FILE_UNREADABLE', 'A file has changed while it was used', {
    where: { file },
    remedy: 'Run again once nothing writes to it any more',
  })
}
