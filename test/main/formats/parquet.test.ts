/** Parquet against pyarrow, cell by cell (test/reference/parquet), and what Heschl itself writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readArray, readArrayColumns, readArrayRows } from '../../../src-main/formats/arrayFile.ts'
import { columnsParquet } from '../../../src-main/formats/columns.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { readParquetHeader, readParquetTable } from '../../../src-main/formats/parquet/parquet.ts'
import { readTable } from '../../../src-main/formats/tableFile.ts'

const reference = (name: string) => fileURLToPath(new URL(`../../reference/parquet/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-parquet-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Expected {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
  /** By column; floating-point numbers by their bits. */
  readonly cells: readonly (readonly (string | { readonly bits: string })[])[]
}

const expected = JSON.parse(readFileSync(reference('cells.json'), 'utf8')) as readonly Expected[]

const ofBits = (bits: string) => Buffer.from(bits, 'hex').readDoubleBE(0)

test.each(expected)('$name, as pyarrow reads it', async ({ name, columns, rows, cells }) => {
  const table = await readParquetTable(reference(`${name}.parquet`))
  expect(table.columns).toEqual(columns)
  expect(table.rows.map(({ line }) => line)).toEqual(Array.from({ length: rows }, (_, row) => row + 2))
  for (const [column, own] of cells.entries())
    expect(
      table.rows.map(({ values }, row) => (typeof own[row] === 'string' ? values[column] : Number(values[column]))),
      columns[column],
    ).toEqual(
      // A table's texts have no negative zero
      own.map((cell) => (typeof cell === 'string' ? cell : ofBits(cell.bits) + 0)),
    )
})

test('the variants are of all kinds, or the test above says little', () => {
  const kinds = new Set(expected.flatMap(({ columns }) => columns.map((name) => name.replace(/^c\d+ /, ''))))
  for (const kind of ['float', 'double', 'string', 'category', 'int64', 'bool']) expect([...kinds]).toContain(kind)
})

describe('as a matrix', () => {
  test('float32 stays float32, by columns and by rows', async () => {
    const { data, shape } = await readNpy(reference('y.npy'))
    const file = reference('single.parquet')
    expect(await readArray(file)).toEqual({ shape, data })
    const column = Float32Array.from({ length: shape[0] }, (_, row) => data[3 * row + 1])
    expect(await readArrayColumns(file, 1, 2)).toEqual({ shape: [shape[0], 1], data: column })
    expect(await readArrayRows(file, 4, 6)).toEqual({ shape: [2, 3], data: data.slice(12, 18) })
  })

  test('whole numbers and truth values are float64, and what is missing is NaN', async () => {
    const { data, shape } = await readArray(reference('numbers.parquet'))
    expect({ shape, data }).toEqual({ shape: [3, 3], data: Float64Array.of(1, 1, 1, 2, NaN, 2, NaN, 0, 3) })
  })

  test('row names that pandas adds are no column', async () => {
    const { data, shape } = await readNpy(reference('y.npy'))
    const found = await readArray(reference('numbers-index.parquet'))
    expect(found.shape).toEqual([shape[0] / 2, 3])
    expect([...found.data]).toEqual([...data].filter((_, i) => Math.floor(i / 3) % 2 === 0))
    expect((await readTable(reference('numbers-index.parquet'))).columns).toEqual(['u0', 'u1', 'u2'])
  })

  test('one value a million times is read', async () => {
    const { data } = await readArray(reference('constant.parquet'))
    expect(data.length).toBe(1e6)
    expect(data.every(Number.isNaN)).toBe(true)
  })
})

describe('what is refused says what was found', () => {
  test.each([
    ['nested.parquet', /lists or structures in the column "a"/],
    ['bytes.parquet', /bytes in the column "a"/],
  ])('%s', async (name, found) => {
    await expect(readTable(reference(name))).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      parts: { found: expect.stringMatching(found) as string },
    })
  })

  test('whole numbers that float64 does not hold; they are texts in a table', async () => {
    await expect(readArray(reference('large.parquet'))).rejects.toThrow(/1152921504606846977/)
    expect((await readTable(reference('large.parquet'))).rows[0].values).toEqual(['1152921504606846977'])
  })

  test('far more than a file of its size may hold', async () => {
    await expect(readArray(reference('bomb.parquet'))).rejects.toThrow(/a matrix that fits a file of/)
    await expect(readTable(reference('bomb.parquet'))).rejects.toThrow(/at most 4,194,304 values/)
  })

  test('texts where numbers are meant, with the column', async () => {
    const file = join(folder, 'words.parquet')
    const columns = [
      { name: 'onset', title: '', values: Float64Array.of(0.1, 0.5) },
      { name: 'word', title: '', values: ['once', 'upon'] },
    ]
    writeFileSync(file, columnsParquet(columns, {}))
    await expect(readArray(file)).rejects.toThrow(/text in the column "word"/)
  })

  test('pages whose checksum is another', async () => {
    const bytes = readFileSync(reference('checked.parquet'))
    const at = bytes.indexOf(Buffer.from(Float64Array.of(0.5).buffer))
    expect((await readArray(reference('checked.parquet'))).data).toEqual(Float64Array.of(0.25, 0.5, 0.75))
    bytes[at] ^= 1
    const file = join(folder, 'changed.parquet')
    writeFileSync(file, bytes)
    await expect(readArray(file)).rejects.toThrow(/another checksum/)
  })

  test('an encrypted file', async () => {
    const bytes = readFileSync(reference('checked.parquet'))
    bytes.write('PARE', 0)
    bytes.write('PARE', bytes.length - 4)
    const file = join(folder, 'sealed.parquet')
    writeFileSync(file, bytes)
    await expect(readTable(file)).rejects.toThrow(/an encrypted one/)
  })
})

test('what is written is read again: texts, numbers, whole numbers, missing ones', async () => {
  const file = join(folder, 'own.parquet')
  const cells = fc.array(
    fc.tuple(fc.string({ unit: 'binary' }), fc.double(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    { minLength: 1, maxLength: 60 },
  )
  await fc.assert(
    fc.asyncProperty(cells, async (rows) => {
      const columns = [
        { name: 'text', title: 'a text', values: rows.map(([text]) => text) },
        { name: 'number', title: 'a number', values: Float64Array.from(rows, ([, number]) => number) },
        { name: 'whole', title: 'a whole number', values: Int32Array.from(rows, ([, , whole]) => whole) },
      ]
      writeFileSync(file, columnsParquet(columns, { about: 'x' }))
      const found = await readTable(file)
      expect(found.columns).toEqual(['text', 'number', 'whole'])
      expect(found.rows.map(({ values: [text, number, whole] }) => [text, Number(number), Number(whole)])).toEqual(
        rows.map(([text, number, whole]) => [text, number + 0, whole]),
      )
    }),
    { numRuns: 20 },
  )
  expect(await readParquetHeader(file)).toMatchObject({
    columns: [
      { name: 'text', type: 'text' },
      { name: 'number', type: 'float64' },
      { name: 'whole', type: 'int32' },
    ],
  })
})
