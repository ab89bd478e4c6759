import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy, readNpyHeader } from '../../../src-main/formats/npy.ts'
import { NpyAppender } from '../../../src-main/formats/npyAppend.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-append-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('columns that are appended in parts are the matrix, in Fortran order', async () => {
  const path = join(folder, 'matrix.npy')
  const arbitrary = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    widths: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ rows, widths }) => {
      const cols = widths.reduce((sum, width) => sum + width, 0)
      const whole = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i + 1))
      const appender = await NpyAppender.create(path, rows, cols)
      let from = 0
      for (const width of widths) {
        const part = whole.filter((_, i) => i % cols >= from && i % cols < from + width)
        await appender.append(part, width)
        from += width
      }
      await appender.close()
      expect(await readNpyHeader(path)).toMatchObject({ shape: [rows, cols], type: 'f4', fortranOrder: true })
      expect(await readNpy(path)).toEqual({ shape: [rows, cols], data: whole })
    }),
    { numRuns: 30 },
  )
})

test('a folder that is not there is named', async () => {
  const path = join(folder, 'gone', 'matrix.npy')
  await expect(NpyAppender.create(path, 1, 1)).rejects.toThrow(path)
})
