import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readChannels } from '../../../src-main/formats/channels.ts'
import type { Channel } from '../../../src-main/formats/channels.ts'
import { chooseChannels } from '../../../src-main/pipeline/channels.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-channels-'))
afterAll(() => rmSync(folder, { recursive: true }))

function table(text: string): string {
  const file = join(folder, 'channels.tsv')
  writeFileSync(file, text)
  return file
}

test('BIDS’s table of channels', async () => {
  const text = 'name\ttype\tunits\tstatus\nLG1\tECOG\tuV\tgood\nLG2\tecog\tuV\tbad\nT\tTRIG\tn/a\tn/a\n'
  expect(await readChannels(table(text))).toEqual([
    { name: 'LG1', type: 'ECOG', bad: false },
    { name: 'LG2', type: 'ECOG', bad: true },
    { name: 'T', type: 'TRIG', bad: false },
  ])
  expect(await readChannels(table('name\nLG1\n'))).toEqual([{ name: 'LG1', type: '', bad: false }])
})

test.each([
  ['label\nLG1\n', 1],
  ['name\n', 1],
  ['name\nLG1\nLG1\n', 3],
  ['name\nn/a\n', 2],
  ['name\tstatus\nLG1\tfine\n', 2],
])('%j is none', async (text, line) => {
  await expect(readChannels(table(text))).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { where: { line } } })
})

const channel = (name: string, bad = false, type = 'ECOG'): Channel => ({ name, type, bad })
const tables = (runs: Readonly<Record<string, readonly Channel[]>>) => ({
  electrodes: () => Promise.resolve(['C', 'A', 'B']),
  channels: (file: string) => Promise.resolve(runs[file]),
})
const recordings = ['1', '2'].map((channels) => ({ channels, electrodes: 'e' }))

test('what is good in every run and has an electrode, in the order of the first run', async () => {
  const first = [channel('T', false, 'TRIG'), channel('A'), channel('X'), channel('B'), channel('C')]
  const second = [channel('C', true), channel('B'), channel('A')]
  const choice = await chooseChannels(recordings, tables({ 1: first, 2: second }))
  expect(choice).toEqual({
    names: ['A', 'B'],
    columns: [
      [1, 3],
      [2, 1],
    ],
  })
  expect(await chooseChannels([{ electrodes: 'e' }], tables({}))).toBeUndefined()
  const none = chooseChannels(recordings, tables({ 1: first, 2: second.slice(0, 1) }))
  await expect(none).rejects.toThrow(/T: of type TRIG; A: not good in every run; X: no electrode of that name/)
})
