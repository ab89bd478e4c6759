/** What the commands on files have in common: `extract`, `design`, `encode`. */
import { existsSync } from 'node:fs'
import { arrayPlace } from '../arrayPlace.ts'
import { HeschlError } from '../errors.ts'
import type { ArrayJob, ArrayReport } from '../jobs/engineHandle.ts'
import { withEngine } from './engine.ts'
import type { Output } from './output.ts'
import { watchJob } from './watchJob.ts'

/**
 * @param partial the folder where an interrupted job leaves what it has finished, if it does
 * @returns a report a task
 * @throws HeschlError CANCELLED after an interrupt
 */
export function runArrays(request: ArrayJob, output: Output, partial?: string): Promise<readonly ArrayReport[]> {
  const keeps = () => partial !== undefined && existsSync(partial)
  return withEngine(async (engine) => {
    const kept = partial === undefined ? 'Nothing is written.' : 'What is finished is kept.'
    const stopped = () =>
      keeps()
        ? new HeschlError('CANCELLED', 'Stopped; what was finished is kept', {
            where: { file: partial! },
            remedy: 'Run the same command again: it resumes where it stopped. Or remove this folder',
          })
        : new HeschlError('CANCELLED', 'Stopped; nothing was written')
    const job = await watchJob(engine, () => engine.arrays(request), { kept, stopped }, output)
    return engine.arrayReports(job.id)
  })
}

/** @throws HeschlError FILE_MISSING before anything is started; OPTION_INVALID where a result would replace an input */
export function checkFiles(inputs: readonly string[], outputs: readonly string[]): void {
  for (const { file } of inputs.map(arrayPlace)) {
    if (!existsSync(file))
      throw new HeschlError('FILE_MISSING', 'A file is missing', { where: { file }, remedy: 'Check the path' })
    if (outputs.includes(file))
      throw new HeschlError('OPTION_INVALID', 'The result would replace what it is made from', {
        where: { file },
        remedy: 'Choose another --out',
      })
  }
}
