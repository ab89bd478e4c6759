/** What is written is what nibabel and numpy read: see test/reference/formats/check_written.py. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCiftiHeader } from '../../../src-main/formats/cifti.ts'
import { readGifti } from '../../../src-main/formats/gifti.ts'
import { readMghFrames } from '../../../src-main/formats/mgh.ts'
import { readNpz } from '../../../src-main/formats/npz.ts'
import { writeMaps } from '../../../src-main/formats/writeMaps.ts'
import { writeFiles } from '../../reference/formats/write_files.ts'

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const { sha256 } = JSON.parse(readFileSync(join(reference, 'written.json'), 'utf8')) as {
  sha256: Record<string, string>
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-written-'))
beforeAll(() => writeFiles(folder))
afterAll(() => rmSync(folder, { recursive: true }))

test.each(Object.entries(sha256))('%s has the bytes that nibabel or numpy read', (name, expected) => {
  expect(
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ).toBe(expected)
})

test('the same maps are in every format', async () => {
  const { data } = await readMghFrames(join(folder, 'maps_hemi-R.mgh'))
  for (const kind of ['func', 'shape']) {
    const { arrays } = await readGifti(join(folder, `maps_hemi-R.${kind}.gii`))
    expect(arrays.map((array) => array.metadata.get('Name'))).toEqual(['r', 'layer <6>'])
    expect(arrays.flatMap((array) => [...array.data])).toEqual([...data])
  }
  const second = await readNpz(join(folder, 'maps.npz'), 'layer <6>')
  expect([...second.data.slice(10)]).toEqual([...data.slice(11)])
  expect((await readCiftiHeader(join(folder, 'maps.dscalar.nii'))).models.map(({ count }) => count)).toEqual([10, 11])
})

test('maps whose values are of another size are not written', async () => {
  const maps = { names: ['r'], left: 2, right: 2, values: new Float32Array(5) }
  await expect(writeMaps(join(folder, 'x'), maps, 'npy')).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})
