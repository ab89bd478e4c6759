/** `template` and `surface`: cortices that studies name, and what files hold. */
import { HeschlError } from '../../errors.ts'
import { describeFile } from '../../surfaces/fileInfo.ts'
import { addTemplate } from '../../surfaces/templateAdd.ts'
import { listTemplates } from '../../surfaces/templates.ts'
import { formatTable } from '../format.ts'
import type { Output } from '../output.ts'

export function listed(output: Output): number {
  const templates = listTemplates()
  output.document({ templates })
  const columns = ['Template', 'What it is', 'Where'].map((title) => ({ title, align: 'left' as const }))
  output.say(
    formatTable(
      columns,
      templates.map(({ name, about, folder }) => [name, about, folder ?? 'not added']),
    ),
  )
  return 0
}

export async function added(name: string | undefined, folder: string | undefined, output: Output): Promise<number> {
  if (name === undefined || folder === undefined)
    throw new HeschlError('OPTION_INVALID', '`heschl template add` needs a name and a folder', {
      expected: 'heschl template add fsaverage5 FOLDER',
      found: name === undefined ? 'neither' : 'no folder',
    })
  const template = await addTemplate(name, folder)
  output.document(template)
  for (const note of template.notes) output.note(note)
  const { agreed, of } = template.known
  const checked = of > 0 ? `; ${agreed} of ${of} checksums agree with nilearn's` : '; no checksums are known of it'
  output.say(
    `${template.name}: ${Object.keys(template.checksums).length} files of ${template.vertices} vertices a hemisphere, from ${template.source}, in ${template.folder}${checked}`,
  )
  return 0
}

/** What files hold. Of several, those that cannot be read are told of, and the others described: exit code 1. */
export async function info(files: readonly string[], output: Output): Promise<number> {
  const found = []
  const refused = []
  for (const file of files)
    try {
      found.push(await describeFile(file))
    } catch (error) {
      if (files.length === 1) throw error
      refused.push({ file, error: HeschlError.from(error, { file }) })
    }
  output.document({
    files: found,
    ...(refused.length > 0 && { refused: refused.map(({ file, error }) => ({ file, error: error.serialize() })) }),
  })
  for (const { file, format, facts } of found) {
    const lines = Object.entries(facts).map(([name, value]) => `  ${name}: ${value}`)
    output.say([`${file}: ${format}`, ...lines].join('\n'))
  }
  for (const { error } of refused) output.note(error.message)
  return refused.length > 0 ? 1 : 0
}
