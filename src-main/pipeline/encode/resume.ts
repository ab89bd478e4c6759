import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { runtimeVersion } from '../../linalg/runtime.ts'
import type { EncodeArraysTask } from '../arrayTasks.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import { codeVersions } from '../tasks.ts'
import { PartFolder } from './partFolder.ts'

interface Kept {
  readonly parts: PartFolder
  /** The file that predictions are written to, where they are kept. */
  readonly predictions?: string
  /** @throws HeschlError FILE_UNREADABLE where an input was written to since it was hashed */
  checkInputs(): Promise<void>
}

/**
 * What an interrupted run of the same computation has left in `task.partial`, if it is to be kept at all. The same: the
 * inputs' bytes, every option but the memory limit, and what computes.
 * @param responses samples and targets
 * @param width targets of a stripe
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, CANCELLED
 */
export async function openParts(
  task: EncodeArraysTask,
  [samples, targets]: readonly [number, number],
  width: number,
  context: StepContext,
): Promise<Kept | undefined> {
  const { partial, r: _r, alpha: _alpha, r2, predictions, memory: _memory, x, y, ...options } = task
  if (partial === undefined) return undefined
  const files: { readonly file: string; readonly written: number }[] = []
  const hashes: string[] = []
  for (const file of [...x, y]) {
    const { sha256, written } = await fingerprint(file, () => throwIfCancelled(context))
    files.push({ file, written })
    hashes.push(sha256)
  }
  const kept = { r2: r2 !== undefined, predictions: predictions !== undefined }
  const computing = { version: codeVersions.fit, onnxruntime: runtimeVersion, threads: availableParallelism() }
  const parts = await PartFolder.open(partial, JSON.stringify({ computing, hashes, width, kept, options }))
  const predicted = predictions === undefined ? undefined : join(partial, 'predictions.npy')
  if (predicted !== undefined) {
    // Without their predictions the other scores of a stripe are no use.
    const { size } = await stat(predicted).catch(() => ({ size: 0 }))
    if (size < 4 * samples * targets) await parts.clear()
    await parts.make()
  }
  const checkInputs = async () => {
    for (const { file, written } of files) await checkUnchanged(file, written)
  }
  return { parts, ...(predicted !== undefined && { predictions: predicted }), checkInputs }
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
