/** `import bids`: a study file from a data set on disk, and a report of what was not used. */
import { resolve } from 'node:path'
import { refuseToReplace, writeStudy } from '../../jobs/draft/write.ts'
import { importBids } from '../../study/bids/index.ts'
import { counted, formatTable } from '../format.ts'
import type { Output } from '../output.ts'

export interface ImportBidsOptions {
  readonly task?: readonly string[]
  readonly space?: string
  readonly surface?: string
  readonly subject?: string
  readonly out: string
  readonly force?: true
}

export async function importStudy(folder: string, options: ImportBidsOptions, output: Output): Promise<number> {
  const file = resolve(options.out)
  refuseToReplace(file, options.force === true, 'Name another with --out, or replace it with --force')
  const root = resolve(folder)
  const imported = await importBids(root, file, {
    tasks: options.task ?? [],
    ...(options.space !== undefined && { space: options.space }),
    ...(options.surface !== undefined && { surface: options.surface }),
    ...(options.subject !== undefined && { subject: options.subject }),
  })
  const { study, unused, ...facts } = imported
  const report = await writeStudy({ file, text: study, unused })
  output.document({ study: file, report, ...facts, unused })
  const reasons = [...Map.groupBy(unused, ({ reason }) => reason)].toSorted((a, b) => b[1].length - a[1].length)
  const table = formatTable(
    [
      { title: 'Files not used', align: 'right' },
      { title: 'Because', align: 'left' },
    ],
    reasons.slice(0, 20).map(([reason, files]) => [String(files.length), reason]),
  )
  const { layout, subjects, recordings, stimuli, notes } = facts
  output.say(
    [
      `${layout}: ${counted(subjects, 'subject')}, ${counted(recordings, 'recording')}, ${stimuli} ${stimuli === 1 ? 'stimulus' : 'stimuli'}`,
      ...notes,
      ...(unused.length > 0 ? [table, `All of them: ${report}`] : []),
      `Next: name models in ${file}, then heschl validate ${file}`,
    ].join('\n'),
  )
  return 0
}
