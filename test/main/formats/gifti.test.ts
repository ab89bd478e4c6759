import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { giftiHeader, readGifti, readGiftiFunctional } from '../../../src-main/formats/gifti.ts'
import {
  giftiFunctional,
  giftiLabels,
  giftiShape,
  giftiSurface,
  writeGifti,
} from '../../../src-main/formats/giftiWrite.ts'

interface Oracle {
  readonly arrays: readonly { intent: string; dims: number[]; type: string; crc32: number }[]
  readonly labels: readonly [number, string][]
}

const reference = fileURLToPath(new URL('../../reference/gifti/', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const { files: oracles } = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
  files: Record<string, Oracle>
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-gifti-'))
afterAll(() => rmSync(folder, { recursive: true }))

const types = new Map<string, new () => object>([
  ['float32', Float32Array],
  ['int32', Int32Array],
  ['uint8', Uint8Array],
  ['float64', Float64Array],
  ['int8', Int8Array],
  ['int16', Int16Array],
  ['uint16', Uint16Array],
  ['uint32', Uint32Array],
])

async function compare(path: string, oracle: Oracle) {
  const { arrays, labels } = await readGifti(path)
  expect(arrays.map(({ intent, dims }) => ({ intent, dims }))).toEqual(
    oracle.arrays.map(({ intent, dims }) => ({ intent, dims })),
  )
  arrays.forEach(({ data }, i) => {
    expect(data).toBeInstanceOf(types.get(oracle.arrays[i].type))
    expect(crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))).toBe(oracle.arrays[i].crc32)
  })
  expect(labels.map(({ key, name }) => [key, name])).toEqual(oracle.labels)
}

describe('the same bytes as nibabel reads', () => {
  for (const [name, oracle] of Object.entries(oracles)) {
    const [where, ...rest] = name.split('/')
    if (where === 'reference') test(name, () => compare(join(reference, ...rest), oracle))
    else {
      const path = join(shared, ...rest)
      test.skipIf(!existsSync(path))(`${name} (skipped where ../shared/data is absent)`, () => compare(path, oracle))
    }
  }
})

describe('arrays that are in another file', () => {
  const external = (name: string, changes: Record<string, string> = {}) =>
    fileOf(document([arrayOf({ Encoding: 'ExternalFileBinary', ExternalFileName: name, ...changes }, '')]))

  test('are read from where they say, in their byte order', async () => {
    const bytes = Buffer.alloc(16)
    ;[9.5, 1.25, -2, 1e-40].forEach((value, i) => bytes.writeFloatBE(value, 4 * i))
    writeFileSync(join(folder, 'numbers.dat'), bytes)
    const big = { Endian: 'BigEndian', ExternalFileOffset: '4', Dim0: '3' }
    const { arrays } = await readGifti(external('numbers.dat', big))
    expect(arrays[0].data).toEqual(Float32Array.of(1.25, -2, 1e-40))
    const beyond = { ...big, ExternalFileOffset: '8' }
    await expect(readGifti(external('numbers.dat', beyond))).rejects.toThrow(/20 bytes/)
  })

  test.each(['../../etc/passwd', '/etc/passwd', '..', '', 'a\\\\b', 'C:x'])('%j is not opened', async (name) => {
    const path = external(name)
    await expect(readGifti(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { where: { file: path } } })
  })

  test('a file that is not there', async () => {
    await expect(readGifti(external('none.dat'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  const sample = join(shared, 'formats/external.gii')
  test.skipIf(!existsSync(sample))("nibabel's sample (skipped where ../shared/data is absent)", async () => {
    // Its numbers are not in ../shared/data: that is what has to be said
    await expect(readGifti(sample)).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })
})

test('data in pieces: tags and numbers that lie across the borders of what is read at once', async () => {
  const values = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i))
  const text = Buffer.from(values.buffer).toString('base64')
  // What is read at once is 256 KiB: a comment moves the tags through its border
  for (const blanks of [262_000, 262_100, 262_130, 262_144]) {
    const array = arrayOf({ Encoding: 'Base64Binary', Dim0: '40000' }, text)
    const start = document([array]).indexOf('<Data>')
    for (const shift of [0, 1, 2, 3, 4, 5, 6]) {
      const comment = `<!--${' '.repeat(blanks - start - 7 - shift)}-->`
      const { arrays } = await readGifti(fileOf(document([array]).replace('<DataArray', `${comment}<DataArray`)))
      expect(arrays[0].data).toEqual(values)
    }
  }
})

test('data as CDATA, or with an entity, are what they are', async () => {
  const array = (data: string) => fileOf(document([arrayOf({ Encoding: 'ASCII' }, data)]))
  for (const data of ['<![CDATA[1 2]]>', '1&#32;2', '1<!-- one --> 2'])
    expect((await readGifti(array(data))).arrays[0].data).toEqual(Float32Array.of(1, 2))
})

test('metadata and label colours', async () => {
  const { arrays } = await readGifti(join(reference, 'run.func.gii'))
  expect([...arrays[0].metadata]).toEqual([['Name', 'a < b & c']])
  const { labels } = await readGifti(join(reference, 'label.gii'))
  expect(labels[1]).toEqual({ key: 1024, name: 'A & B', rgba: [0.2, 0.4, 1, 1] })
})

describe('functional runs', () => {
  test('one array a volume and one two-dimensional array give the same matrix', async () => {
    const run = await readGiftiFunctional(join(reference, 'run.func.gii'))
    expect([run.rows, run.cols]).toEqual([4, 5])
    expect(await readGiftiFunctional(join(reference, 'run-2d.func.gii.gz'))).toEqual(run)
    const { arrays } = await readGifti(join(reference, 'run.func.gii'))
    expect(run.data.slice(5, 10)).toEqual(arrays[1].data)
  })

  test('the header alone says the size', async () => {
    expect(await giftiHeader(join(reference, 'run.func.gii'))).toEqual({ volumes: 4, vertices: 5 })
    expect(await giftiHeader(join(reference, 'run-2d.func.gii.gz'))).toEqual({ volumes: 4, vertices: 5 })
  })

  test('the header is read without the data: what follows may be damaged', async () => {
    const text = readFileSync(join(reference, 'run.func.gii'), 'utf8')
    const path = fileOf(text.slice(0, text.indexOf('<Data>') + 8))
    expect(await giftiHeader(path)).toEqual({ volumes: 4, vertices: 5 })
    await expect(readGiftiFunctional(path)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  test('a surface, labels and nothing are not functional', async () => {
    for (const name of ['ascii-little-c.gii', 'label.gii']) {
      await expect(readGiftiFunctional(join(reference, name))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
      await expect(giftiHeader(join(reference, name))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    }
    await expect(readGiftiFunctional(fileOf(document([])))).rejects.toThrow(/no data arrays/)
    await expect(giftiHeader(fileOf(document([])))).rejects.toThrow(/no data arrays/)
  })

  test('volumes of different sizes', async () => {
    const volume = (n: number) => arrayOf({ Dim0: `${n}`, Encoding: 'ASCII' }, '1 '.repeat(n))
    await expect(readGiftiFunctional(fileOf(document([volume(3), volume(2)])))).rejects.toThrow(/volume 2/)
  })
})

describe('what is written is read back', () => {
  const path = join(folder, 'written.gii')
  const floats = fc.array(fc.float(), { minLength: 1, maxLength: 40 }).map((values) => Float32Array.from(values))

  test('shapes, to the last bit, plain and gzipped', () =>
    fc.assert(
      fc.asyncProperty(floats, fc.boolean(), async (values, zipped) => {
        const file = zipped ? `${path}.gz` : path
        await writeGifti(file, giftiShape(values))
        const { arrays } = await readGifti(file)
        expect(new Uint8Array(arrays[0].data.buffer)).toEqual(new Uint8Array(values.buffer))
        expect(readFileSync(file)[0] === 0x1f).toBe(zipped)
      }),
      { numRuns: 30 },
    ))

  test('functional runs', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }), async (rows, cols) => {
        const data = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i))
        await writeGifti(path, giftiFunctional({ data, rows, cols }, 2))
        expect(await readGiftiFunctional(path)).toEqual({ data, rows, cols })
        expect(await giftiHeader(path)).toEqual({ volumes: rows, vertices: cols })
      }),
      { numRuns: 20 },
    ))

  test('surfaces and labels, with names that XML must escape', async () => {
    const points = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0)
    await writeGifti(path, giftiSurface(points, Uint32Array.of(0, 1, 2)))
    const surface = await readGifti(path)
    expect(surface.arrays.map(({ intent, dims }) => [intent, dims])).toEqual([
      ['NIFTI_INTENT_POINTSET', [3, 3]],
      ['NIFTI_INTENT_TRIANGLE', [1, 3]],
    ])
    expect(surface.arrays[0].data).toEqual(points)
    const labels = [{ key: 7, name: '<A1 & "A2">', rgba: [1, 0.5, 0, 1] as const }]
    await writeGifti(path, giftiLabels(Int32Array.of(7, 7, 0), labels))
    const read = await readGifti(path)
    expect(read.labels).toEqual(labels)
    expect(read.arrays[0].data).toEqual(Int32Array.of(7, 7, 0))
  })
})

const attributes = {
  Intent: 'NIFTI_INTENT_NONE',
  DataType: 'NIFTI_TYPE_FLOAT32',
  ArrayIndexingOrder: 'RowMajorOrder',
  Dimensionality: '1',
  Dim0: '2',
  Encoding: 'GZipBase64Binary',
  Endian: 'LittleEndian',
}

const arrayOf = (changes: Record<string, string>, data: string) =>
  `<DataArray ${Object.entries({ ...attributes, ...changes })
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ')}><Data>${data}</Data></DataArray>`

const document = (arrays: readonly string[], count = arrays.length) =>
  `<?xml version="1.0"?><GIFTI Version="1.0" NumberOfDataArrays="${count}">${arrays.join('')}</GIFTI>`

let files = 0
function fileOf(content: string | Uint8Array): string {
  const path = join(folder, `made-${files++}.gii`)
  writeFileSync(path, content)
  return path
}

describe('files that lie', () => {
  const zipped = (values: number[]) => deflateSync(Buffer.from(Float32Array.from(values).buffer)).toString('base64')
  const cases: Record<string, string> = {
    'fewer values than it says': document([arrayOf({}, zipped([1]))]),
    'more values than it says': document([arrayOf({}, zipped([1, 2, 3]))]),
    'more values than a text file says': document([arrayOf({ Encoding: 'ASCII' }, '1 2 3')]),
    'fewer values than a text file says': document([arrayOf({ Encoding: 'ASCII' }, '1')]),
    'a word among the numbers': document([arrayOf({ Encoding: 'ASCII' }, '1 two')]),
    'a fraction among integers': document([arrayOf({ Encoding: 'ASCII', DataType: 'NIFTI_TYPE_INT32' }, '1 2.5')]),
    'an integer that does not fit': document([arrayOf({ Encoding: 'ASCII', DataType: 'NIFTI_TYPE_UINT8' }, '1 256')]),
    'a number of many digits': document([arrayOf({ Encoding: 'ASCII' }, `1 ${'1'.repeat(100_000)}x`)]),
    'text that is not base64': document([arrayOf({ Encoding: 'Base64Binary' }, '!!!!')]),
    'base64 that is not zlib': document([arrayOf({}, 'AAAAAAAAAAA=')]),
    'dimensions beyond any memory': document([arrayOf({ Dim0: '4000000000' }, zipped([1, 2]))]),
    'dimensions that overflow': document([
      arrayOf({ Dimensionality: '3', Dim0: '9999999999', Dim1: '9999999999', Dim2: '9999999999' }, ''),
    ]),
    'a negative dimension': document([arrayOf({ Dim0: '-1' }, '')]),
    'no dimension': document([arrayOf({ Dimensionality: '2' }, '')]),
    'an unknown type': document([arrayOf({ DataType: 'NIFTI_TYPE_COMPLEX64' }, '')]),
    'an unknown encoding': document([arrayOf({ Encoding: 'Rot13' }, '')]),
    'no data element': document([arrayOf({}, '').replace('<Data></Data>', '')]),
    'its data twice': document([arrayOf({}, zipped([1, 2])).replace('</DataArray>', '<Data></Data></DataArray>')]),
    'fewer arrays than it says': document([arrayOf({}, zipped([1, 2]))], 2),
    'another XML document': '<svg></svg>',
    'no XML at all': 'hello',
    nothing: '',
    'a colour out of range': document([]).replace('</GIFTI>', '<Label Key="1" Red="300">x</Label></GIFTI>'),
    'entities that would expand': `<?xml version="1.0"?><!DOCTYPE GIFTI [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
      <GIFTI Version="1.0" NumberOfDataArrays="0"><MetaData>&b;</MetaData></GIFTI>`,
    'elements without end': `<GIFTI Version="1.0" NumberOfDataArrays="0">${'<a>'.repeat(100)}`,
    'a comment without end': `<GIFTI Version="1.0" NumberOfDataArrays="0"><!--${'x'.repeat(3_000_000)}`,
  }
  for (const [name, content] of Object.entries(cases)) {
    test(name, async () => {
      const path = fileOf(content)
      const error = await readGifti(path).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(HeschlError)
      expect(error).toMatchObject({ code: 'FORMAT_INVALID', parts: { where: { file: path } } })
      expect((error as HeschlError).parts.where!.line).toBeGreaterThan(0)
    })
  }

  test('a small file that unpacks to 200 MB of blanks is given up early', async () => {
    const bomb = gzipSync(
      Buffer.concat([
        Buffer.from(document([arrayOf({ Encoding: 'ASCII' }, 'DATA')]).split('DATA')[0]),
        Buffer.alloc(200_000_000, ' '),
      ]),
    )
    const before = process.memoryUsage().rss
    await expect(readGifti(fileOf(bomb))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })

  test('a file that is not there, a folder, a gzip file cut short', async () => {
    await expect(readGifti(join(folder, 'none.gii'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(readGifti(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    const whole = gzipSync(document([arrayOf({}, zipped([1, 2]))]))
    await expect(readGifti(fileOf(whole.subarray(0, -12)))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  test('any damage is a HeschlError or still a GIFTI file', () => {
    const sound = readFileSync(join(reference, 'gzipbase64binary-little-c.gii'))
    return fc.assert(
      fc.asyncProperty(
        fc.nat(sound.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (at, bytes, cut) => {
          const damaged = Buffer.from(sound)
          damaged.set(bytes.subarray(0, sound.length - at), at)
          const path = join(folder, 'damaged.gii')
          writeFileSync(path, cut ? damaged.subarray(0, at) : damaged)
          await readGifti(path).catch((error: unknown) => {
            expect(error).toBeInstanceOf(HeschlError)
            expect((error as HeschlError).code).toBe('FORMAT_INVALID')
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})
