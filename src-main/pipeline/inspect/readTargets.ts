import { HeschlError } from '../../errors.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { zeros32 } from '../../linalg/matrix.ts'
import { cleaningOf } from '../cleanRun.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import { runLengths } from '../fits.ts'
import { defaultMemory } from '../memory.ts'
import { isDecodedWhole } from '../recordingFile.ts'
import type { ResponseCache } from '../responseCache.ts'
import { filePaths } from '../responses.ts'
import type { FitTask } from '../tasks.ts'

/**
 * Some targets of a subject's runs, one after the other, as a fit is given them. Of files whose columns can be read by
 * themselves no more than the stretch that holds them; of others all, which are kept for the next.
 * @param targets ascending
 * @returns [n_samples, targets]
 * @throws HeschlError as `loadResponses` and `cleanRun`; SHAPE_MISMATCH where a run changed since it was planned
 */
export async function readTargets(
  fit: FitTask,
  targets: Uint32Array,
  responses: ResponseCache,
  context: StepContext,
): Promise<Matrix32> {
  const { subject, recordings, vertices, encoding } = fit
  const lengths = runLengths(fit)
  const samples = lengths.reduce((sum, length) => sum + length, 0)
  const all = vertices.left + vertices.right
  const files = recordings.flatMap(({ files: own }) => filePaths(own))
  const room = fit.memory ?? defaultMemory() / 4
  // What is not read by columns is kept for the next place: GIFTI's arrays, volumes, other meshes.
  const together = files.some(isDecodedWhole) || recordings.some(({ rule }) => rule !== undefined)
  const whole = together && 4 * samples * all <= room
  const range = whole ? { from: 0, to: all } : { from: targets[0], to: targets.at(-1)! + 1 }
  const expected = 4 * samples * (range.to - range.from)
  const runs = await responses.runs(
    { subject, recordings, vertices, cleaning: cleaningOf(encoding) },
    range,
    { room, expected },
    () => throwIfCancelled(context),
  )
  const out = zeros32(samples, targets.length)
  let at = 0
  for (const [i, { data, rows, cols }] of runs.entries()) {
    if (rows !== lengths[i])
      throw new HeschlError('SHAPE_MISMATCH', 'A recording changed length since it was planned', {
        where: { subject, stimulus: recordings[i].stimulus },
        expected: `${lengths[i]} volumes`,
        found: `${rows}`,
        remedy: 'Open the study again: the plan is made anew',
      })
    for (let row = 0; row < rows; row++)
      for (const target of targets) out.data[at++] = data[row * cols + target - range.from]
  }
  return out
}
