import fc from 'fast-check'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { readNpyColumns } from '../../../src-main/formats/npyColumns.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-columns-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An NPY file in Fortran order, big endian, as numpy would write it. */
function fortran(values: readonly number[], rows: number, cols: number): Uint8Array {
  const header = Buffer.alloc(128, ' ')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(118, 8)
  header.write(`{'descr': '>f8', 'fortran_order': True, 'shape': (${rows}, ${cols}), }`, 10)
  header.write('\n', 127)
  const data = Buffer.alloc(8 * values.length)
  for (let j = 0, at = 0; j < cols; j++)
    for (let i = 0; i < rows; i++, at += 8) data.writeDoubleBE(values[i * cols + j], at)
  return Buffer.concat([header, data])
}

test('any columns of any matrix, in both orders, are those of the whole file', async () => {
  const size = fc.integer({ min: 1, max: 7 })
  await fc.assert(
    fc.asyncProperty(size, size, fc.nat(7), fc.nat(7), fc.boolean(), async (rows, cols, a, b, turned) => {
      const path = join(folder, 'a.npy')
      const values = Array.from({ length: rows * cols }, (_, i) => i * 1.5 - 4)
      if (turned) await writeFile(path, fortran(values, rows, cols))
      else await writeNpy(path, { shape: [rows, cols], data: Float32Array.from(values) })
      const [from, to] = [Math.min(a, b, cols), Math.min(Math.max(a, b), cols)]
      const { shape, data } = await readNpyColumns(path, from, to)
      expect(shape).toEqual([rows, to - from])
      expect([...data]).toEqual(values.filter((_, i) => i % cols >= from && i % cols < to))
    }),
    { numRuns: 60 },
  )
})

test('a vector is one column', async () => {
  const path = join(folder, 'v.npy')
  await writeNpy(path, { shape: [3], data: Float32Array.of(1, 2, 3) })
  expect(await readNpyColumns(path, 0, 1)).toEqual({ shape: [3, 1], data: Float32Array.of(1, 2, 3) })
})

test.each([
  [0, 6],
  [-1, 2],
  [2, 1],
  [0.5, 2],
])('columns %d to %d of five are refused', async (from, to) => {
  const path = join(folder, 'five.npy')
  await writeNpy(path, { shape: [2, 5], data: new Float32Array(10) })
  await expect(readNpyColumns(path, from, to)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('what is no matrix is refused', async () => {
  const cube = fileURLToPath(new URL('../../reference/formats-npy/f4-little.npy', import.meta.url))
  expect((await readNpy(cube)).shape).toEqual([3, 4, 5])
  await expect(readNpyColumns(cube, 0, 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
