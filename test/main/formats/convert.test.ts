import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { readHeld } from '../../../src-main/formats/convert/read.ts'
import { writeHeld } from '../../../src-main/formats/convert/write.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-convert-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const reference = fileURLToPath(new URL('../../reference/', import.meta.url))
const plain = { round: false }

/** From one format to another and back. */
async function through(held: Awaited<ReturnType<typeof readHeld>>, name: string, options: object = {}) {
  const [file, second] = await writeHeld(at(name), [held], { ...plain, ...options })
  const back = await readHeld(file)
  return second === undefined ? [back] : [back, await readHeld(second)]
}

const numbers = fc
  .array(fc.float({ noDefaultInfinity: false }), { minLength: 12, maxLength: 12 })
  .map((list) => Float32Array.from(list))

test('maps of one cortex come back from every format', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, async (data) => {
      const held = { shape: [3, 4], data, names: ['a', 'b & <c>', 'd'], notes: [] }
      for (const name of ['x.func.gii', 'x.shape.gii', 'x.npy', 'x.npz']) {
        const [back] = await through(held, name, { hemisphere: 'right' })
        expect({ name, shape: back.shape, data: back.data }).toEqual({ name, shape: [3, 4], data })
      }
      for (const name of ['x.mgh', 'x.mgz', 'x.nii', 'x.nii.gz']) {
        const [back] = await through(held, name)
        expect(back.shape).toEqual([4, 1, 1, 3])
        const [again] = await through(back, 'y.func.gii', { hemisphere: 'left' })
        expect({ name, shape: again.shape, data: again.data }).toEqual({ name, shape: [3, 4], data })
      }
    }),
    { numRuns: 4 },
  )
})

test('both cortices: one file of both, or a file each', async () => {
  const data = Float32Array.from({ length: 10 }, (_, i) => i / 3)
  const held = { shape: [2, 5], data, notes: [] }
  const [both] = await through(held, 'b.dscalar.nii', { left: 2 })
  expect(both).toMatchObject({ shape: [2, 5], data, sides: { left: 2, right: 3 }, names: ['map 1', 'map 2'] })
  const sides = await through(both, 'b.func.gii')
  expect(sides.map(({ shape }) => shape)).toEqual([
    [2, 2],
    [2, 3],
  ])
  const [joined] = await writeHeld(at('joined.dscalar.nii'), sides, plain)
  expect((await readHeld(joined)).data).toEqual(data)
  await expect(writeHeld(at('x.func.gii'), [held], plain)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  const short = { ...held, shape: [1, 5], data: data.slice(0, 5) }
  await expect(writeHeld(at('x.dscalar.nii'), [held, short], plain)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('volumes keep their numbers, type and place', async () => {
  const volume = await readHeld(join(reference, 'formats/i2-little-2.nii'))
  for (const name of ['v.nii', 'v.nii.gz', 'v.npy', 'v.npz']) {
    const [back] = await through(volume, name)
    expect({ name, shape: back.shape, data: back.data }).toEqual({ name, shape: volume.shape, data: volume.data })
    if (back.image) expect([...back.image.affine]).toEqual([...volume.image!.affine])
  }
  await expect(writeHeld(at('v.tsv'), [volume], plain)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('numbers that a format cannot hold are refused, or rounded where that was asked for', async () => {
  await writeNpy(at('fine.npy'), { shape: [2, 2], data: Float64Array.of(0.1, 1, NaN, 2) })
  const held = await readHeld(at('fine.npy'))
  const refused = writeHeld(at('fine.mgh'), [held], plain)
  await expect(refused).rejects.toThrow(/0.1 at 0, which would be 0.10000000149/)
  await writeHeld(at('fine.mgh'), [held], { round: true })
  expect((await readHeld(at('fine.mgh'))).data).toEqual(Float32Array.of(0.1, NaN, 1, 2))
  await expect(writeHeld(at('fine.xyz'), [held], plain)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(readHeld(join(reference, 'formats/lh.triangles'))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
})
