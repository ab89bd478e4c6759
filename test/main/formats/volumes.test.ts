import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { scale } from '../../../src-main/formats/frameFill.ts'
import { readMghFrames, readMghHeader, readMghValues } from '../../../src-main/formats/mgh.ts'
import { writeMgh } from '../../../src-main/formats/mghWrite.ts'
import { niftiFrames, readNiftiHeader, readNiftiValues, readNiftiVolumes } from '../../../src-main/formats/nifti.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'
import type { NpyData } from '../../../src-main/formats/npy.ts'

interface Oracle {
  readonly shape: readonly number[]
  readonly type: string
  readonly stored: number
  readonly scaled: number
  readonly affine: readonly number[]
}

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared/data/formats/', import.meta.url))
const { volumes: oracles } = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
  volumes: Record<string, Oracle>
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-volumes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const crc = (data: NpyData | Float64Array | BigInt64Array) =>
  crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

/** 64-bit integers come as float64, which holds these exactly: back to what the oracle has. */
const asStored = (data: NpyData, type: string) =>
  type === 'int64' || type === 'uint64' ? BigInt64Array.from(data as Float64Array, BigInt) : data

async function readVolume(path: string) {
  if (/\.mg[hz]$/.test(path)) {
    const { header, data } = await readMghFrames(path)
    return { data, layout: header.layout, affine: header.affine, shape: header.shape }
  }
  const { header, data } = await readNiftiVolumes(path)
  return { data, layout: niftiFrames(header), affine: header.affine, shape: header.shape }
}

async function compare(path: string, oracle: Oracle) {
  const { data, layout, affine, shape } = await readVolume(path)
  expect(shape.slice(0, oracle.shape.length)).toEqual(oracle.shape)
  expect(crc(asStored(data, oracle.type))).toBe(oracle.stored)
  const scaled = new Float64Array(data.length)
  scale(data, scaled, layout)
  expect(crc(scaled)).toBe(oracle.scaled)
  // nibabel places a file of FreeSurfer's many vertices by the -1 that stands for them, and turns two of the axes of an
  // MGH file without directions round: FreeSurfer (mri_info) has them coronal.
  if (!/wide-|nowhere/.test(path)) oracle.affine.forEach((value, i) => expect(affine[i]).toBeCloseTo(value, 5))
}

describe('the same numbers as nibabel reads', () => {
  for (const [name, oracle] of Object.entries(oracles)) {
    const [where, file] = name.split('/')
    const path = join(where === 'reference' ? reference : shared, file)
    if (where === 'reference') test(name, () => compare(path, oracle))
    else test.skipIf(!existsSync(path))(`${name} (skipped: ../shared/data is absent)`, () => compare(path, oracle))
  }
})

test('voxels of volumes are those of the whole, scaled and rounded once, plain and gzipped', async () => {
  const plain = join(reference, 'i2-big-1.nii')
  const { header, data } = await readNiftiVolumes(plain)
  const { values, frames } = niftiFrames(header)
  const scaled = new Float32Array(data.length)
  scale(data, scaled, header)
  expect(frames).toBeGreaterThan(1)
  for (const path of [plain, join(reference, 'i2-big-1-gz.nii.gz')]) {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(values - 1), { maxLength: values }),
        fc.nat(frames),
        fc.nat(frames),
        async (some, a, b) => {
          const wanted = Int32Array.from(some).sort()
          const [from, to] = [Math.min(a, b), Math.max(a, b)]
          const found = await readNiftiValues(path, wanted, from, to)
          expect([found.rows, found.cols]).toEqual([to - from, wanted.length])
          for (let row = 0; row < found.rows; row++)
            wanted.forEach((voxel, col) =>
              expect(found.data[row * found.cols + col]).toBe(scaled[(from + row) * values + voxel]),
            )
        },
      ),
      { numRuns: 30 },
    )
  }
})

test('an MGH file that does not say where it is lies as FreeSurfer assumes', async () => {
  const { affine } = await readMghHeader(join(reference, 'nowhere.mgh'))
  expect([...affine]).toEqual([-1, 0, 0, 1.5, 0, 0, 1, -1.5, 0, -1, 0, 1.5, 0, 0, 0, 1])
})

test('a range of an MGH file is that of the whole', async () => {
  const path = join(reference, 'u1.mgh')
  const { data, header } = await readMghFrames(path)
  const { rows, cols, data: some } = await readMghValues(path, { from: 1, to: 4 })
  expect([rows, cols]).toEqual([header.layout.frames, 3])
  for (let frame = 0; frame < rows; frame++)
    expect([...some.subarray(frame * 3, frame * 3 + 3)]).toEqual([
      ...data.subarray(frame * header.layout.values + 1, frame * header.layout.values + 4),
    ])
})

describe('round trips are exact', () => {
  const affine = Float64Array.from([-2, 0, 0, 90, 0, 2.5, 0, -126, 0, 0, 3, -72, 0, 0, 0, 1])
  const arrays: readonly NpyData[] = [
    Float32Array.from([1.5, NaN, -Infinity, 1e-45, 0, -0, 3, 4, 5, 6, 7, 8]),
    Float64Array.from({ length: 12 }, (_, i) => Math.PI ** i),
    Int8Array.from({ length: 12 }, (_, i) => i - 6),
    Uint8Array.from({ length: 12 }, (_, i) => 21 * i),
    Int16Array.from({ length: 12 }, (_, i) => 5000 * (i - 6)),
    Uint16Array.from({ length: 12 }, (_, i) => 5461 * i),
    Int32Array.from({ length: 12 }, (_, i) => 3e8 * (i - 6)),
    Uint32Array.from({ length: 12 }, (_, i) => 3e8 * i),
  ]
  for (const data of arrays) {
    test(`NIfTI, ${data.constructor.name}`, async () => {
      for (const name of ['a.nii', 'a.nii.gz']) {
        const path = join(folder, name)
        await writeNifti(path, { shape: [2, 1, 3, 2], data, affine, tr: 1.5, space: 4 })
        const read = await readNiftiVolumes(path)
        expect(read.data).toEqual(data)
        expect(read.header).toMatchObject({ shape: [2, 1, 3, 2], affine, tr: 1.5, space: 4, voxel: [2, 2.5, 3] })
      }
    })
    test(`MGH, ${data.constructor.name}`, async () => {
      for (const name of ['a.mgh', 'a.mgz']) {
        const path = join(folder, name)
        const writing = writeMgh(path, { shape: [2, 3, 1, 2], data, affine })
        if (data instanceof Float64Array || data instanceof Int8Array || data instanceof Uint32Array) {
          await expect(writing).rejects.toMatchObject({ code: 'OPTION_INVALID' })
          continue
        }
        await writing
        const read = await readMghFrames(path)
        expect(read.data).toEqual(data)
        expect(read.header).toMatchObject({ shape: [2, 3, 1, 2], affine })
      }
    })
  }
  test('a size beyond what NIfTI-1 holds is NIfTI-2', async () => {
    const path = join(folder, 'wide.nii')
    const data = Float32Array.from({ length: 40_000 }, (_, i) => i / 7)
    await writeNifti(path, { shape: [40_000], data, affine })
    expect(await readNiftiVolumes(path)).toMatchObject({ data, header: { version: 2, shape: [40_000] } })
  })
})

describe('what is refused', () => {
  const bytes = readFileSync(join(reference, 'f4-big-2.nii'))
  const damaged = async (change: (bytes: Buffer) => Buffer | void, name = 'x.nii') => {
    const copy = Buffer.from(bytes)
    const path = join(folder, name)
    writeFileSync(path, change(copy) ?? copy)
    return readNiftiVolumes(path)
  }
  const invalid = { code: 'FORMAT_INVALID' }
  test('complex numbers', async () => {
    await expect(readNiftiHeader(join(reference, 'refused-complex.nii'))).rejects.toThrow(/complex64/)
  })
  test('sizes that are negative, or that the file does not hold', async () => {
    await expect(damaged((copy) => void copy.writeBigInt64BE(-3n, 24))).rejects.toMatchObject(invalid)
    await expect(damaged((copy) => void copy.writeBigInt64BE(1n << 50n, 24))).rejects.toMatchObject(invalid)
    await expect(damaged((copy) => void copy.writeBigInt64BE(30_000n, 24))).rejects.toMatchObject(invalid)
    await expect(damaged((copy) => copy.subarray(0, copy.length - 1))).rejects.toMatchObject(invalid)
  })
  test('an offset past the end, or none that is a number', async () => {
    await expect(damaged((copy) => void copy.writeBigInt64BE(1_000_000n, 168))).rejects.toMatchObject(invalid)
    const first = readFileSync(join(reference, 'i2-big-1.nii'))
    first.writeFloatBE(NaN, 108)
    await expect(damaged(() => first)).rejects.toMatchObject(invalid)
  })
  test('gzip data that are cut, changed, or go on for far too long', async () => {
    const packed = gzipSync(bytes)
    await expect(damaged(() => packed.subarray(0, -9), 'x.nii.gz')).rejects.toMatchObject(invalid)
    packed[packed.length - 5] ^= 1
    await expect(damaged(() => packed, 'x.nii.gz')).rejects.toMatchObject(invalid)
    const bomb = gzipSync(Buffer.concat([bytes, Buffer.alloc(100 << 20)]))
    await expect(damaged(() => bomb, 'x.nii.gz')).rejects.toMatchObject(invalid)
  })
  test('a header of a pair without its numbers, and volumes that are not there', async () => {
    writeFileSync(join(folder, 'alone.hdr'), readFileSync(join(reference, 'pair.hdr')))
    await expect(readNiftiVolumes(join(folder, 'alone.hdr'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(readNiftiVolumes(join(reference, 'pair.img'), 1, 9)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
  test('MGH of another version or type, and one that ends early', async () => {
    const mgz = gunzipSync(readFileSync(join(reference, 'i4.mgz')))
    const path = join(folder, 'x.mgh')
    for (const [at, value] of [
      [0, 2],
      [20, 5],
      [4, -1],
      [4, 2 ** 30],
    ]) {
      const copy = Buffer.from(mgz)
      copy.writeInt32BE(value, at)
      writeFileSync(path, copy)
      await expect(readMghFrames(path)).rejects.toMatchObject(invalid)
    }
    writeFileSync(path, mgz.subarray(0, 283))
    await expect(readMghHeader(path)).rejects.toMatchObject(invalid)
  })
})
