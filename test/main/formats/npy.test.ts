import fc from 'fast-check'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { readNpy, readNpyHeader, readNpyRows, writeNpy } from '../../../src-main/formats/npy.ts'
import type { NpyData } from '../../../src-main/formats/npy.ts'

const reference = (name: string) => fileURLToPath(new URL(`../../reference/formats-npy/${name}.npy`, import.meta.url))
const expected = (type: string) =>
  Array.from({ length: 60 }, (_, i) => {
    const value = ((37 * i) % 101) - 20
    if (type.startsWith('u')) return Math.abs(value)
    return type.startsWith('b') ? Number(i % 2 === 0) : value
  })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-npy-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An NPY file of one's own: version 1 with this header text and these data. */
async function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Promise<string> {
  const path = join(folder, 'made.npy')
  const prefix = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1')
  prefix.writeUInt16LE(header.length, 8)
  await writeFile(path, Buffer.concat([prefix, Buffer.from(header, 'latin1'), data]))
  return path
}

describe('files from numpy', () => {
  const integers = ['b1', 'i1', 'u1']
  const others = ['i2', 'u2', 'f2', 'i4', 'u4', 'f4', 'i8', 'u8', 'f8'].flatMap((t) => [`${t}-little`, `${t}-big`])
  test.each([...integers, ...others, 'f4-fortran', 'f8-big-fortran', 'version1', 'version2', 'version3'])(
    '%s',
    async (name) => {
      const { shape, data } = await readNpy(reference(name))
      expect(shape).toEqual([3, 4, 5])
      expect([...data]).toEqual(expected(name))
      for (const [from, to] of [
        [0, 3],
        [1, 2],
        [2, 3],
        [1, 1],
      ]) {
        const rows = await readNpyRows(reference(name), from, to)
        expect(rows.shape).toEqual([to - from, 4, 5])
        expect([...rows.data]).toEqual(expected(name).slice(from * 20, to * 20))
      }
    },
  )
  test('types and shapes', async () => {
    expect((await readNpy(reference('f4-big'))).data).toBeInstanceOf(Float32Array)
    expect((await readNpy(reference('f8-little'))).data).toBeInstanceOf(Float64Array)
    expect((await readNpy(reference('i8-little'))).data).toBeInstanceOf(Float64Array)
    expect(await readNpy(reference('scalar'))).toEqual({ shape: [], data: Float64Array.of(2.5) })
    expect((await readNpy(reference('one'))).shape).toEqual([60])
    expect(await readNpy(reference('empty'))).toEqual({ shape: [0, 7], data: new Float32Array(0) })
    expect(await readNpyHeader(reference('f4-fortran'))).toMatchObject({
      shape: [3, 4, 5],
      type: 'f4',
      fortranOrder: true,
    })
  })
  test.each([
    ['object', 'PICKLE_REFUSED'],
    ['structured', 'FORMAT_INVALID'],
    ['text', 'FORMAT_INVALID'],
    ['complex', 'FORMAT_INVALID'],
    ['large-integers', 'FORMAT_INVALID'],
  ])('%s is refused', async (name, code) => {
    await expect(readNpy(reference(name))).rejects.toMatchObject({ code, parts: { where: { file: reference(name) } } })
  })
})

describe('headers that lie', () => {
  const header = (shape: string, descr = '<f4') => `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`
  test.each([
    ['more data than the file has', header('(3,)'), 8],
    ['less', header('(1,)'), 8],
    ['2⁶⁰ values', header('(1152921504606846976,)'), 8],
    ['a product beyond 2⁵³', header('(1000000000, 1000000000)'), 8],
    ['a product that wraps to the size in 64 bits', header('(4294967296, 4294967296)'), 0],
    ['a negative length', header('(-2,)'), 8],
    ['a missing length', header('(2,,)'), 8],
    ['65 dimensions', header(`(${'1, '.repeat(65)})`), 4],
    ['no shape', "{'descr': '<f4', 'fortran_order': False}", 8],
    ['code for a shape', header('(__import__("os"),)'), 8],
    ['an unknown type', header('(2,)', '<f9'), 8],
    ['a type that every object has', header('(2,)', 'toString'), 8],
    ['no dictionary', ' '.repeat(118), 8],
  ])('%s', async (_, text, bytes) => {
    const path = await fileOf(text, new Uint8Array(bytes))
    await expect(readNpy(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
  test('a header longer than is believed, or than the file', async () => {
    const path = join(folder, 'long.npy')
    const start = Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff', 'latin1')
    await writeFile(path, start)
    await expect(readNpy(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    start.writeUInt32LE(100_000, 8)
    await writeFile(path, Buffer.concat([start, Buffer.alloc(100_000)]))
    await expect(readNpy(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
  test('an empty array with a huge dimension is read at once', async () => {
    const text = "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 900000000000000), }"
    const path = await fileOf(text)
    expect((await readNpy(path)).data.length).toBe(0)
    expect((await readNpyRows(path, 0, 0)).data.length).toBe(0)
  })
  test('every truncation, and any damage, is refused or read as an array of the right size', async () => {
    const whole = await readFile(reference('f4-little'))
    const path = join(folder, 'fuzz.npy')
    const attempt = async (bytes: Uint8Array) => {
      await writeFile(path, bytes)
      try {
        const { shape, data } = await readNpy(path)
        expect(data.length).toBe(shape.reduce((product, length) => product * length, 1))
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(HeschlError)
        expect((error as HeschlError).code).toMatch(/^(FORMAT_INVALID|PICKLE_REFUSED)$/)
        return false
      }
    }
    for (let length = 0; length < whole.length; length += length < 140 ? 1 : 13)
      expect(await attempt(whole.subarray(0, length))).toBe(false)
    const flip = fc.tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), async (flips) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of flips) bytes[at] = value
        await attempt(bytes)
      }),
      { numRuns: 200 },
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => void (await attempt(bytes))),
      { numRuns: 100 },
    )
  })
})

describe('files that cannot be read', () => {
  test('missing, a folder, rows that are not there', async () => {
    await expect(readNpy(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(readNpy(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    for (const [from, to] of [
      [-1, 2],
      [0, 4],
      [2, 1],
      [0.5, 1],
    ])
      await expect(readNpyRows(reference('f4-little'), from, to)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(readNpyRows(reference('scalar'), 0, 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

describe('writing', () => {
  const arrays: fc.Arbitrary<NpyData> = fc.oneof(
    fc.float32Array(),
    fc.float64Array(),
    fc.int8Array(),
    fc.uint8Array(),
    fc.int16Array(),
    fc.uint16Array(),
    fc.int32Array(),
    fc.uint32Array(),
  )
  test('what is written is read again, bit for bit', async () => {
    const path = join(folder, 'round.npy')
    await fc.assert(
      fc.asyncProperty(arrays, fc.constantFrom(1, 2, 3), async (data, dimensions) => {
        const shape = [...new Array<number>(dimensions - 1).fill(1), data.length]
        await writeNpy(path, { shape, data })
        expect(await readNpy(path)).toEqual({ shape, data })
        expect((await readNpyHeader(path)).dataStart % 64).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
  test('a view into a larger buffer is written alone, byte for byte as numpy does', async () => {
    const large = new Float32Array(70).fill(9)
    large.set(expected('f4'), 5)
    const path = join(folder, 'view.npy')
    await writeNpy(path, { shape: [3, 4, 5], data: large.subarray(5, 65) })
    expect((await readFile(path)).equals(await readFile(reference('f4-little')))).toBe(true)
  })
  test('a shape that does not match is refused, and nothing is written', async () => {
    const before = await readdir(folder)
    const array = { shape: [2, 2], data: new Float32Array(5) }
    await expect(writeNpy(join(folder, 'no.npy'), array)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    await expect(
      writeNpy(join(folder, 'none', 'x.npy'), { shape: [1], data: new Float32Array(1) }),
    ).rejects.toMatchObject({ code: 'FILE_MISSING' })
    expect(await readdir(folder)).toEqual(before)
  })
})
