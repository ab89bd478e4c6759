import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readElectrodes } from '../../../src-main/formats/electrodes.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-electrodes-'))
afterAll(() => rmSync(folder, { recursive: true }))

function table(text: string): string {
  const path = join(folder, 'electrodes.tsv')
  writeFileSync(path, text)
  return path
}

test('names in order, whatever the other columns are', async () => {
  const path = table('x\ty\tz\tname\tsize\r\n-50.1\t2\t3\tLTG1\t2.3\r\n-51\t3\tn/a\t LTG2 \t2.3\r\n\r\n')
  expect(await readElectrodes(path)).toEqual(['LTG1', 'LTG2'])
})

test.each([
  ['no column of names', 'label\tx\nA\t1\n', 1],
  ['no electrode', 'name\tx\n', 1],
  ['a name that is missing', 'name\tx\nA\t1\nn/a\t2\n', 3],
  ['a name twice', 'name\tx\nA\t1\nA\t2\n', 3],
  ['too many', `name\n${Array.from({ length: 10_001 }, (_, i) => i).join('\n')}\n`, 1],
])('refused: %s', async (_what, text, line) => {
  await expect(readElectrodes(table(text))).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    parts: { where: { line } },
  })
})

test('a file that is missing', async () => {
  await expect(readElectrodes(join(folder, 'none.tsv'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
})
