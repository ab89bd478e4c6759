/**
 * Tables against pandas: table.parquet and table.tsv in test/reference/tables are the bytes that are written here, and
 * read.json is what pandas and pyarrow read of them (generate.py). HESCHL_WRITE_TABLES=1 writes the two files again.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { expect, test } from 'vitest'
import { columnsParquet, columnsTsv, type Column } from '../../../src-main/formats/columns.ts'
import { parseTsv } from '../../../src-main/formats/tsv.ts'

const reference = (name: string) => fileURLToPath(new URL(`../../reference/tables/${name}`, import.meta.url))

const columns: readonly Column[] = [
  { name: 'region', title: 'region', values: ['STG', 'G_temp_sup-Lateral', '', '聽覺 – “é”', 'a\tb\nc', 'NA'] },
  {
    name: 'mean_r',
    title: 'mean Pearson r',
    values: Float64Array.of(0.1, NaN, -1 / 3, 5e-324, 1.7976931348623157e308, -0),
  },
  { name: 'n', title: 'subjects', values: Int32Array.of(12, 0, -1, 2147483647, -2147483648, 3) },
]
const about = { title: 'Scores by region', key: 'abc' }

interface Read {
  readonly types: Readonly<Record<string, readonly [string, boolean]>>
  readonly metadata: Readonly<Record<string, string>>
  readonly parquet: Readonly<Record<string, readonly (string | number | null)[]>>
  readonly tsv: Read['parquet']
}

const parquet = columnsParquet(columns, about)
const tsv = columnsTsv(columns)
if (process.env.HESCHL_WRITE_TABLES) {
  writeFileSync(reference('table.parquet'), parquet)
  writeFileSync(reference('table.tsv'), tsv)
}

test('what pandas has read is what is written', () => {
  expect(Buffer.from(parquet).equals(readFileSync(reference('table.parquet')))).toBe(true)
  expect(tsv).toBe(readFileSync(reference('table.tsv'), 'utf8'))
})

test('pandas reads types, titles and every value, to the bit', () => {
  const read = JSON.parse(readFileSync(reference('read.json'), 'utf8')) as Read
  expect(read.types).toEqual({ region: ['string', true], mean_r: ['double', true], n: ['int32', false] })
  expect(read.metadata).toEqual({
    ...about,
    ...Object.fromEntries(columns.map(({ name, title }) => [`title:${name}`, title])),
  })
  const [region, mean, n] = columns.map(({ values }) => [...values])
  const numbers = (values: readonly (string | number | null)[]) =>
    values.map((value) => (value === null ? NaN : fromHex(String(value))))
  expect(read.parquet.region).toEqual(region.map((text) => (text === '' ? null : text)))
  // Tab-separated values have a text on one line.
  expect(read.tsv.region).toEqual(region.map((text) => (text === '' ? null : text === 'a\tb\nc' ? 'a b c' : text)))
  for (const table of [read.parquet, read.tsv]) {
    expect(numbers(table.mean_r)).toEqual(table === read.tsv ? mean.map((value) => (value === 0 ? 0 : value)) : mean)
    expect(table.n).toEqual(n)
  }
})

/** Python's float.hex: 0x1.8p+1. */
function fromHex(written: string): number {
  const [, sign, whole, fraction = '', exponent] = /^(-?)0x([01])(?:\.([\da-f]+))?p([+-]\d+)$/.exec(written)!
  const digits = BigInt(`0x${whole}${fraction}`)
  // A power of two at a time: 2^-1074 and 2^1023 are at the ends of what there is.
  let value = Number(digits)
  for (let power = Number(exponent) - 4 * fraction.length; power !== 0;) {
    const step = Math.max(-1000, Math.min(1000, power))
    value *= 2 ** step
    power -= step
  }
  return sign === '-' ? -value : value
}

test('any column is read back as it was, whatever its length', async () => {
  const text = fc.string({ unit: 'grapheme' })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, fc.double({ noDefaultInfinity: true }), fc.integer()), { maxLength: 50 }),
      async (rows) => {
        const table: readonly Column[] = [
          { name: 'text', title: '', values: rows.map(([text]) => text) },
          { name: 'number', title: '', values: Float64Array.from(rows, ([, number]) => number) },
          { name: 'count', title: '', values: Int32Array.from(rows, ([, , count]) => count) },
        ]
        const bytes = columnsParquet(table, {})
        const read = await parquetReadObjects({ file: bytes.slice().buffer })
        expect(read).toEqual(
          rows.map(([text, number, count]) => ({
            text: text === '' ? null : text,
            number: Number.isNaN(number) ? null : number,
            count,
          })),
        )
        expect(columnsTsv(table).split('\n')).toHaveLength(rows.length + 2)
        expect(parseTsv(columnsTsv(table), 'x').rows.map(({ values }) => Number(values[2]))).toEqual(
          rows.map(([, , count]) => count),
        )
      },
    ),
    { numRuns: 50 },
  )
})
