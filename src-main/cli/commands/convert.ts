/** `convert`: numbers from one format to another, unchanged. */
import { resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { readHeld } from '../../formats/convert/read.ts'
import { writeHeld } from '../../formats/convert/write.ts'
import type { ConvertOptions } from '../../formats/convert/write.ts'
import type { Output } from '../output.ts'

/** @param files inputs and, last, the output */
export async function convert(files: readonly string[], options: ConvertOptions, output: Output): Promise<number> {
  const inputs = files.slice(0, -1)
  const out = resolve(files[files.length - 1])
  if (inputs.length < 1 || inputs.length > 2)
    throw new HeschlError(
      'OPTION_INVALID',
      '`heschl convert` takes one file, or the left and the right cortex, and a name',
      {
        expected: 'heschl convert IN OUT, or heschl convert LEFT RIGHT OUT',
        found: `${files.length} names`,
      },
    )
  const held = []
  for (const input of inputs) held.push(await readHeld(input))
  const written = await writeHeld(out, held, options)
  const notes = held.flatMap((each) => each.notes)
  for (const note of notes) output.note(note)
  output.document({ files: written, shapes: held.map(({ shape }) => shape), notes })
  output.say(written.join('\n'))
  return 0
}
