import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { info } from '../../../src-main/cli/commands/surface.ts'
import type { HeschlError } from '../../../src-main/errors.ts'
import { createOutput } from '../../../src-main/cli/output.ts'
import { describeFile } from '../../../src-main/surfaces/fileInfo.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-info-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = fileURLToPath(new URL('../../reference/gifti/run.func.gii', import.meta.url))

test('a file that is nothing known is told of, and those after it are described', async () => {
  const unknown = join(folder, 'unknown.bin')
  writeFileSync(unknown, Buffer.from([0, 1, 2, 3, 250, 251]))
  const said = { out: '', err: '' }
  const output = (json: boolean) => {
    Object.assign(said, { out: '', err: '' })
    return createOutput(json, { write: (text) => (said.out += text) }, { write: (text) => (said.err += text) })
  }
  expect(await info([unknown, run], output(false))).toBe(1)
  expect(said.out).toContain(run)
  expect(said.err).toContain(unknown)
  expect(await info([unknown, run], output(true))).toBe(1)
  const { files, refused } = JSON.parse(said.out) as { files: { file: string }[]; refused: unknown[] }
  expect(files.map(({ file }) => file)).toEqual([run])
  expect(refused).toEqual([{ file: unknown, error: expect.objectContaining({ code: 'FORMAT_INVALID' }) as unknown }])
  expect(await info([run], output(true))).toBe(0)
  expect(JSON.parse(said.out)).not.toHaveProperty('refused')
  await expect(info([unknown], output(false))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
})

test('lists of numbers and tables without names of their columns are described', async () => {
  const described = async (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return describeFile(join(folder, name)).catch((error: unknown) => (error as HeschlError).code)
  }
  const labels = Array.from({ length: 642 }, (_, vertex) => vertex % 7)
  expect(await described('labels.csv', `${labels.join('\n')}\n`)).toMatchObject({
    format: 'a list of numbers',
    facts: { numbers: 642, smallest: 0, largest: 6, template: 'as many vertices as fsaverage3' },
  })
  expect(await described('gaps.txt', '1.5\nn/a\n-2e3')).toMatchObject({
    facts: { numbers: 3, smallest: -2000, largest: 1.5 },
  })
  expect(await described('align.csv', 'once,once,0.1,0.5\nonce,,,\n')).toEqual({
    file: join(folder, 'align.csv'),
    format: 'a table with commas, without names of its columns',
    facts: { rows: 2, columns: 4, holds: '1 text, 2 text, 3 numbers, 4 numbers' },
  })
  expect(await described('named.tsv', 'onset\tword\n0.1\ta\n')).toMatchObject({
    facts: { columns: 2, holds: 'onset numbers, word text' },
  })
  for (const text of ['n/a\nnan\n', '1\n2\nthree\n', '', '1,2\n3\n'])
    expect(await described('unknown.txt', text)).toBe('FORMAT_INVALID')
})
