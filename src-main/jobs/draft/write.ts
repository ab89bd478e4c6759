/** A new study file and the report of what was not used, written together. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Unused } from '../../contract/newStudy.ts'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../host/scratch.ts'

interface NewStudy {
  /** Absolute path of the study file. */
  readonly file: string
  readonly text: string
  readonly unused: readonly Unused[]
}

/** @throws HeschlError OPTION_INVALID where a file is in the way, before anything is read or written */
export function refuseToReplace(file: string, replace: boolean, remedy: string): void {
  if (!existsSync(file) || replace) return
  throw new HeschlError('OPTION_INVALID', 'There is a study file already', { where: { file }, remedy })
}

/**
 * Each file is there whole or not at all, whatever stops this.
 * @returns the path of the report, a table of files and reasons
 * @throws HeschlError FILE_UNREADABLE, DISK_FULL
 */
export async function writeStudy({ file, text, unused }: NewStudy): Promise<string> {
  const report = file.replace(/\.ya?ml$/i, '') + '.import.tsv'
  const rows = unused.map(({ path, reason }) => `${path}\t${reason}\n`)
  await withScratch(dirname(file), true, async (scratch) => {
    const written = { report: join(scratch, 'import.tsv'), study: join(scratch, 'study.yaml') }
    await writeFile(written.report, `file\treason\n${rows.join('')}`)
    await writeFile(written.study, text)
    await publish([
      { from: written.report, to: report },
      { from: written.study, to: file },
    ])
  })
  return report
}
