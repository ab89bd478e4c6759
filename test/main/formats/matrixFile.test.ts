/** One matrix as nibabel, h5py, scipy, numpy and pandas write it (test/reference/matrices/make.py): the same bits from each. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { columnReader, matrixColumns, matrixHeader, matrixRows } from '../../../src-main/formats/matrixFile.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'

const reference = fileURLToPath(new URL('../../reference/matrices/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-matrices-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [rows, cols] = [24, 12]
const { data: y } = await readNpy(join(reference, 'y.npy'))
const part = (top: number, bottom: number, left: number, right: number) =>
  Array.from({ length: bottom - top }, (_, i) =>
    Array.from(y.subarray((top + i) * cols + left, (top + i) * cols + right)),
  ).flat()

const places = [
  ...['y.npy', 'y.npz:y', 'arrays.h5:/run/y', 'arrays.mat:run.y', 'y.tsv', 'y.csv', 'y.parquet'],
  ...['y.func.gii', 'y.dtseries.nii', 'y.nii.gz', 'y.mgz'],
]

describe('the same matrix', () => {
  test.each(places)('%s', async (place) => {
    const file = join(reference, place)
    expect((await matrixHeader(file)).shape).toEqual([rows, cols])
    for (const [from, to] of [
      [0, cols],
      [3, 8],
      [11, 12],
    ]) {
      const { shape, data } = await matrixColumns(file, from, to)
      expect({ shape, data: [...data] }).toEqual({ shape: [rows, to - from], data: part(0, rows, from, to) })
    }
    const read = await columnReader(file)
    for (const [from, to] of [
      [0, 4],
      [4, cols],
      [0, cols],
    ]) {
      const found = await read(from, to)
      expect({ ...found, data: [...found.data] }).toEqual({ shape: [rows, to - from], data: part(0, rows, from, to) })
    }
    const { shape, data } = await matrixRows(file, 5, 9)
    expect({ shape, data: [...data] }).toEqual({ shape: [4, cols], data: part(5, 9, 0, cols) })
  })

  test('whatever its name says', async () => {
    copyFileSync(join(reference, 'y.func.gii'), join(folder, 'y.npy'))
    copyFileSync(join(reference, 'y.npy'), join(folder, 'y.txt'))
    for (const name of ['y.npy', 'y.txt'])
      expect([...(await matrixColumns(join(folder, name), 0, cols)).data]).toEqual([...y])
  })
})

test('of a table, n/a is NaN, and text is refused with its line', async () => {
  const file = join(folder, 'table')
  writeFileSync(file, 'a,b\n1,n/a\n"2.5",-1e3\n')
  expect([...(await matrixColumns(file, 0, 2)).data]).toEqual([1, NaN, 2.5, -1000])
  writeFileSync(file, 'a\tb\n1\t2\n3\tSTG\n')
  await expect(matrixHeader(file)).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { where: { line: 3 } } })
})

describe('what is refused', () => {
  test.each([
    ['a name in a file of one matrix', 'y.func.gii:data', 'OPTION_INVALID'],
    ['no such data set', 'arrays.h5:/run/z', 'OPTION_INVALID'],
    ['several arrays and no name', 'arrays.h5', 'OPTION_INVALID'],
    ['no such file', 'z.npy', 'FILE_MISSING'],
  ])('%s', async (_, place, code) => {
    await expect(matrixHeader(join(reference, place))).rejects.toMatchObject({ code })
  })
  test('a surface', async () => {
    const surface = fileURLToPath(new URL('../../reference/formats/lh.triangles', import.meta.url))
    await expect(matrixHeader(surface)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
  test('bytes that are none of it', async () => {
    writeFileSync(join(folder, 'noise'), Uint8Array.of(255, 200, 7, 0, 1))
    await expect(matrixHeader(join(folder, 'noise'))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
})
