import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { info } from '../../../src-main/cli/commands/surface.ts'
import { createOutput } from '../../../src-main/cli/output.ts'

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
