import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { arrayPlace } from '../../../src-main/arrayPlace.ts'
import { readArray, readArrayColumns, readArrayHeader, withArray } from '../../../src-main/formats/arrayFile.ts'
import { describeHdf5, describeMat } from '../../../src-main/formats/arrayInfo.ts'
import { withFile } from '../../../src-main/formats/fileBytes.ts'
import { withHdf5 } from '../../../src-main/formats/hdf5/file.ts'
import { findMatrix, openMat5 } from '../../../src-main/formats/mat/mat5.ts'
import { textOf } from '../../../src-main/formats/mat/matrix.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { NpyData } from '../../../src-main/formats/npy.ts'
import { writeNpz } from '../../../src-main/formats/npz.ts'
import { sniffFormat } from '../../../src-main/formats/sniff.ts'
import { readBlock } from '../../../src-main/formats/storedArray.ts'

const reference = fileURLToPath(new URL('../../reference/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-arrays-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Told {
  readonly shape: readonly number[]
  readonly sha256: string
  readonly text?: string
}
type Oracle = Readonly<Record<string, Readonly<Record<string, Told>>>>
const oracleOf = (name: string) =>
  (JSON.parse(readFileSync(join(reference, name, 'oracle.json'), 'utf8')) as { files: Oracle }).files

const sha256 = (data: NpyData) =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')

function hdf5File(name: string): string {
  if (name !== 'indices.h5') return join(reference, 'hdf5', name)
  const file = join(folder, name)
  writeFileSync(file, gunzipSync(readFileSync(join(reference, 'hdf5', `${name}.gz`))))
  return file
}

describe('HDF5, as h5py writes and reads it', () => {
  test.each(Object.entries(oracleOf('hdf5')))('%s', async (name, sets) => {
    const file = hdf5File(name)
    expect(await sniffFormat(file)).toBe('hdf5')
    const listed = await withHdf5(file, (hdf5) => hdf5.list())
    expect([...listed.keys()].toSorted()).toEqual(Object.keys(sets).toSorted())
    for (const [path, told] of Object.entries(sets)) {
      const { shape, data } = await readArray(`${file}:${path}`)
      expect({ path, shape, sha256: sha256(data) }).toEqual({ path, ...told })
    }
  })

  test('blocks are those of the whole, of every layout', async () => {
    for (const [name, sets] of Object.entries(oracleOf('hdf5'))) {
      const file = hdf5File(name)
      for (const [path, { shape }] of Object.entries(sets)) {
        const whole = await readArray(`${file}:${path}`)
        const block = fc.tuple(
          ...shape.map((n) => fc.tuple(fc.nat(n), fc.nat(n)).map((ends) => ends.toSorted((a, b) => a - b))),
        )
        await withArray(`${file}:${path}`, (array) =>
          fc.assert(
            fc.asyncProperty(block, async (ends) => {
              const [from, sizes] = [ends.map(([start]) => start), ends.map(([start, end]) => end - start)]
              const part = await readBlock(array, file, from, sizes)
              expect([...part.data]).toEqual(partOf(whole.data, shape, from, sizes))
            }),
            { numRuns: 4 },
          ),
        )
      }
    }
  })

  test('a group, a name that is not there, and no name of several', async () => {
    const file = hdf5File('indices.h5')
    await expect(readArray(`${file}:/nothing`)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(readArray(file)).rejects.toThrow(/Name it behind a colon: indices.h5:\//)
    const grouped = Object.entries(oracleOf('hdf5')).find(([, sets]) =>
      Object.keys(sets).some((path) => path.lastIndexOf('/') > 0),
    )!
    const path = Object.keys(grouped[1]).find((each) => each.lastIndexOf('/') > 0)!
    const group = path.slice(0, path.lastIndexOf('/'))
    await expect(readArray(`${hdf5File(grouped[0])}:${group}`)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('a chunk whose checksum is wrong is no data', async () => {
    const file = hdf5File('indices.h5')
    const bytes = readFileSync(file)
    const at = bytes.lastIndexOf('FADB')
    // Of its pages' map
    bytes[at + 16] ^= 1
    const damaged = join(folder, 'damaged.h5')
    writeFileSync(damaged, bytes)
    const read = ['/fixed growing', '/fixed packed'].map((path) => readArray(`${damaged}:${path}`))
    const states = await Promise.allSettled(read)
    expect(states.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})

function partOf(data: NpyData, shape: readonly number[], from: readonly number[], sizes: readonly number[]): number[] {
  const out: number[] = []
  const count = sizes.reduce((product, n) => product * n, 1)
  for (let i = 0; i < count; i++) {
    let [left, at, stride] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (from[axis] + (left % sizes[axis])) * stride
      left = Math.floor(left / sizes[axis])
      stride *= shape[axis]
    }
    out.push(data[at])
  }
  return out
}

describe('MATLAB, as scipy and h5py write and read it', () => {
  test.each(Object.entries(oracleOf('mat')))('%s', async (name, paths) => {
    const file = join(reference, 'mat', name)
    const is73 = name.endsWith('-73.mat')
    expect(await sniffFormat(file)).toBe(is73 ? 'hdf5' : 'mat')
    for (const [path, { text, sha256: hash, shape: wanted }] of Object.entries(paths)) {
      if (text === undefined) {
        const { shape, data } = await readArray(`${file}:${path}`)
        expect({ path, shape, sha256: sha256(data) }).toEqual({ path, shape: wanted, sha256: hash })
      } else if (is73) {
        expect((await describeHdf5(file)).get(`/${path.replaceAll('.', '/')}`)).toBe(JSON.stringify(text))
      } else {
        const found = await withFile(file, async (bytes) => textOf(await findMatrix(await openMat5(bytes), path)))
        expect(found).toBe(text)
      }
    }
  })

  test('what is no full array of real numbers is refused with its name', async () => {
    const file = join(reference, 'mat/refused.mat')
    await expect(readArray(`${file}:sparse`)).rejects.toThrow(/sparse/)
    await expect(readArray(`${file}:complex`)).rejects.toThrow(/complex/)
    const packed = join(reference, 'mat/random-0-packed.mat')
    for (const path of ['s', 'note', 'runs', 'nothing', 'runs{4}', 's.nothing', 'x0.y', 'runs{0}', '1x'])
      await expect(readArray(`${packed}:${path}`)).rejects.toMatchObject({ code: /OPTION_INVALID|FORMAT_INVALID/ })
    await expect(readArray(`${packed}:nothing`)).rejects.toThrow(/one of x0/)
  })

  test('what a file holds, in words', async () => {
    const plain = await describeMat(join(reference, 'mat/random-0-plain.mat'))
    expect([plain.get('runs'), plain.get('s'), plain.get('note')]).toEqual([
      '1 x 3 cell',
      '1 x 1 struct: data, name, deep',
      '"onset"',
    ])
    expect(await describeMat(join(reference, 'mat/random-0-packed.mat'))).toEqual(plain)
  })
})

describe('arrays of any format', () => {
  test.each([
    ['a.npy', { file: 'a.npy' }],
    ['a.h5:/g/data', { file: 'a.h5', inside: '/g/data' }],
    ['C:\\data\\a.mat:runs{2}.data', { file: 'C:\\data\\a.mat', inside: 'runs{2}.data' }],
    ['/x/a.b:c/d.npy', { file: '/x/a.b', inside: 'c/d.npy' }],
    ['C:/data/a.npy', { file: 'C:/data/a.npy' }],
  ])('%s', (reference, place) => expect(arrayPlace(reference)).toEqual(place))

  test('columns of NPY and NPZ, which have one name or several', async () => {
    const data = Float64Array.from({ length: 12 }, (_, i) => i)
    const [npy, npz] = [join(folder, 'a.npy'), join(folder, 'a.npz')]
    await writeNpy(npy, { shape: [3, 4], data })
    await writeNpz(npz, { one: { shape: [3, 4], data }, two: { shape: [3], data: data.slice(0, 3) } })
    for (const name of [npy, `${npz}:one`]) {
      expect(await readArrayHeader(name)).toEqual({ shape: [3, 4], type: 'f8' })
      expect(await readArrayColumns(name, 1, 3)).toEqual({ shape: [3, 2], data: Float64Array.of(1, 2, 5, 6, 9, 10) })
    }
    expect(await readArrayColumns(`${npz}:two`, 0, 1)).toEqual({ shape: [3, 1], data: Float64Array.of(0, 1, 2) })
    for (const name of [npz, `${npz}:three`, `${npy}:one`])
      await expect(readArray(name)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(readArrayColumns(npy, 3, 5)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(readArray(join(reference, 'mat/README.md'))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
})
