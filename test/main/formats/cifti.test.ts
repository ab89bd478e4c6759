import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { cortexOf, readCiftiHeader, readCiftiValues } from '../../../src-main/formats/cifti.ts'
import { cortexModels, writeCifti } from '../../../src-main/formats/ciftiWrite.ts'
import { sniffFormat } from '../../../src-main/formats/sniff.ts'

interface Oracle {
  readonly kind: string
  readonly values: number
  readonly shape: readonly [number, number]
  readonly models: readonly {
    structure: string
    offset: number
    count: number
    where: number
    vertices: number | null
  }[]
  readonly step?: number
  readonly names?: readonly string[]
  readonly labels?: readonly (readonly [number, string, readonly number[]])[][]
  readonly affine?: readonly number[]
}

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const { grayordinates: oracles } = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
  grayordinates: Record<string, Oracle>
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-cifti-'))
afterAll(() => rmSync(folder, { recursive: true }))

const crc = (data: Float32Array | Int32Array) => crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
const fileOf = (name: string) => join(reference, name.replace('reference/', ''))

test.each(Object.entries(oracles))('%s is as nibabel reads it', async (name, oracle) => {
  const path = fileOf(name)
  const header = await readCiftiHeader(path)
  expect(await sniffFormat(path)).toBe('cifti')
  expect(header.along.kind).toBe(oracle.kind)
  const { rows, cols, data } = await readCiftiValues(path)
  expect([rows, cols]).toEqual(oracle.shape)
  expect(crc(data)).toBe(oracle.values)
  expect(
    header.models.map(({ structure, offset, count, vertexCount, vertices, voxels }) => ({
      structure,
      offset,
      count,
      vertices: vertexCount ?? null,
      where: crc((vertices ?? voxels)!),
    })),
  ).toEqual(oracle.models)
  expect(Array.from(header.volume?.affine ?? [])).toEqual(oracle.affine)
  if (header.along.kind === 'series') expect(header.along.step).toBe(oracle.step)
  else expect(header.along.maps.map((map) => map.name)).toEqual(oracle.names)
  if (header.along.kind === 'labels')
    expect(header.along.maps.map(({ labels }) => labels.map((label) => [label.key, label.name, label.rgba]))).toEqual(
      oracle.labels,
    )
})

test('some grayordinates are those of the whole', async () => {
  const path = join(reference, 'run.dtseries.nii')
  const all = await readCiftiValues(path)
  const some = await readCiftiValues(path, 3, 8)
  for (let row = 0; row < some.rows; row++)
    expect([...some.data.subarray(row * 5, row * 5 + 5)]).toEqual([...all.data.subarray(row * 13 + 3, row * 13 + 8)])
  await expect(readCiftiValues(path, 3, 14)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('a cortex that is not there is said with those that are', async () => {
  const path = join(reference, 'left.dscalar.nii')
  const header = await readCiftiHeader(path)
  expect(cortexOf(header, 'left', path)).toMatchObject({ vertexCount: 10, count: 5 })
  expect(() => cortexOf(header, 'right', path)).toThrow(/CORTEX_LEFT, THALAMUS_LEFT/)
})

test.each(Object.keys(oracles))('%s is written as it was read', async (name) => {
  const { along, models, volume } = await readCiftiHeader(fileOf(name))
  const axes = { along, models, ...(volume ? { volume } : {}) }
  const values = await readCiftiValues(fileOf(name))
  const path = join(folder, 'copy.nii')
  await writeCifti(path, axes, values)
  expect(await readCiftiHeader(path)).toMatchObject(axes)
  expect(await readCiftiValues(path)).toEqual(values)
})

test('values that are not of the axes are not written', async () => {
  const along = { kind: 'scalars' as const, count: 1, maps: [{ name: 'r', labels: [] }] }
  const values = { data: new Float32Array(6), rows: 1, cols: 6 }
  const writing = writeCifti(join(folder, 'x.nii'), { along, models: cortexModels(3, 4) }, values)
  await expect(writing).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

describe('what is refused', () => {
  const changed = (from: string | RegExp, to: string) => {
    const text = readFileSync(join(reference, 'run.dtseries.nii'), 'latin1')
    const found = typeof from === 'string' ? from : from.exec(text)![0]
    // The same length, so that all else stays in its place
    const path = join(folder, 'x.dtseries.nii')
    writeFileSync(path, Buffer.from(text.replace(found, to.padEnd(found.length)), 'latin1'))
    return readCiftiHeader(path)
  }
  test('parcels', async () => {
    await expect(readCiftiHeader(join(reference, 'refused.ptseries.nii'))).rejects.toThrow(/PARCELS/)
  })
  test('NIfTI that is not CIFTI', async () => {
    await expect(readCiftiHeader(join(reference, 'f4-big-2.nii'))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
  test('counts, offsets and vertices that do not fit', async () => {
    await expect(changed('IndexCount="5"', 'IndexCount="6"')).rejects.toThrow(/6 numbers/)
    await expect(changed('IndexOffset="5"', 'IndexOffset="6"')).rejects.toThrow(/begins at 5/)
    await expect(changed('SurfaceNumberOfVertices="10"', 'SurfaceNumberOfVertices="9"')).rejects.toThrow(/0 to 8/)
    await expect(changed('NumberOfSeriesPoints="6"', 'NumberOfSeriesPoints="7"')).rejects.toThrow(/7 of 13/)
    await expect(changed('0 2 3 5 9', '0 2 2 5 9')).rejects.toThrow(/a vertex twice/)
  })
  test('XML that is broken, or has entities of its own', async () => {
    await expect(changed('</Matrix>', '<Matrix/>')).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    await expect(changed('0 2 3 5 9', '&lol9;')).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
})
