import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy, readNpyHeader } from '../../../src-main/formats/npy.ts'
import { NpyColumnWriter } from '../../../src-main/formats/npyColumnWriter.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-columns-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('columns that are written in parts, in any order, by several openings, are the matrix in Fortran order', async () => {
  const path = join(folder, 'matrix.npy')
  const arbitrary = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    widths: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ rows, widths }) => {
      const cols = widths.reduce((sum, width) => sum + width, 0)
      const whole = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i + 1))
      await rm(path, { force: true })
      const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0))
      for (const [i, width] of [...widths.entries()].toReversed()) {
        const writer = await NpyColumnWriter.open(path, rows, cols)
        const part = whole.filter((_, at) => at % cols >= starts[i] && at % cols < starts[i] + width)
        await writer.write(starts[i], part, width)
        await writer.flush()
        await writer.close()
      }
      expect(await readNpyHeader(path)).toMatchObject({ shape: [rows, cols], type: 'f4', fortranOrder: true })
      expect(await readNpy(path)).toEqual({ shape: [rows, cols], data: whole })
    }),
    { numRuns: 30 },
  )
})

test('a file of another size is replaced', async () => {
  const path = join(folder, 'other.npy')
  await writeFile(path, 'not a matrix of this size')
  const writer = await NpyColumnWriter.open(path, 2, 1)
  await writer.write(0, Float32Array.of(1, 2), 1)
  await writer.close()
  expect(await readNpy(path)).toEqual({ shape: [2, 1], data: Float32Array.of(1, 2) })
})

test('a folder that is not there is named', async () => {
  const path = join(folder, 'gone', 'matrix.npy')
  await expect(NpyColumnWriter.open(path, 1, 1)).rejects.toThrow(path)
})
