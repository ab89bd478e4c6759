import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  coordinateSystemFile,
  readCoordinateSystem,
  readElectrodes,
  readElectrodeTable,
} from '../../../src-main/formats/electrodes.ts'

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

test('coordinates and hemispheres; what is no number is told as it is written', async () => {
  const path = table('name\tx\ty\tz\themisphere\nA\t-50.1\t2e1\t3\tL\nB\tn/a\t1\tInfinity\tr\nC\t1\t2\t\tn/a\n')
  expect(await readElectrodeTable(path)).toEqual([
    { name: 'A', place: [-50.1, 20, 3], written: null, hemisphere: 'left' },
    { name: 'B', place: null, written: 'n/a, 1, Infinity', hemisphere: 'right' },
    { name: 'C', place: null, written: '1, 2, nothing', hemisphere: null },
  ])
  expect((await readElectrodeTable(table('name\nA\n')))[0].written).toBe('nothing, nothing, nothing')
})

test('the coordsystem.json beside: of the table’s own name, or one that holds for more', async () => {
  const own = join(folder, 'sub-1_space-ACPC_electrodes.tsv')
  expect(coordinateSystemFile(own)).toBeNull()
  writeFileSync(join(folder, 'sub-1_coordsystem.json'), '{"iEEGCoordinateSystem": "Other"}')
  expect(coordinateSystemFile(own)).toBe(join(folder, 'sub-1_coordsystem.json'))
  const nearest = join(folder, 'sub-1_space-ACPC_coordsystem.json')
  writeFileSync(nearest, '{"iEEGCoordinateSystem": "ACPC", "iEEGCoordinateUnits": " mm ", "more": 3}')
  expect(coordinateSystemFile(own)).toBe(nearest)
  expect(coordinateSystemFile(join(folder, 'places.tsv'))).toBeNull()
  expect(await readCoordinateSystem(nearest)).toEqual({ file: nearest, system: 'ACPC', units: 'mm' })
  for (const text of ['[1]', 'mm', ''])
    await expect(readCoordinateSystem(table(text))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  expect(await readCoordinateSystem(table('{"iEEGCoordinateSystem": 3}'))).toMatchObject({ system: null, units: null })
})
