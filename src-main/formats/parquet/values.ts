/** What stored values of Parquet stand for: numbers of a matrix, or texts of a table. */
import type { ParquetColumn } from './footer.ts'
import { notParquet, otherParquet } from './invalid.ts'

/** As they are stored; truth values as 0 and 1, and whole bytes of texts, decimals and the oldest kind of timestamp. */
export type Stored = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array | readonly Uint8Array[]

/** For people: `float`, `text`… */
export function typeWords({ type, meaning }: ParquetColumn): string {
  if (meaning.kind !== 'number' && meaning.kind !== 'unsigned') return meaning.kind
  const names = {
    BOOLEAN: 'truth',
    INT32: 'int32',
    INT64: 'int64',
    INT96: 'int96',
    FLOAT: 'float32',
    DOUBLE: 'float64',
  }
  const name = names[type as keyof typeof names]
  return meaning.kind === 'unsigned' ? `u${name}` : name
}

const quotedName = ({ name }: ParquetColumn) => JSON.stringify(name.slice(0, 60))

/**
 * Numbers; those of decimals are the nearest.
 * @throws HeschlError FORMAT_INVALID for texts and times, and for whole numbers that float64 does not hold
 */
export function numbersOf(stored: Stored, column: ParquetColumn, path: string): Float64Array {
  const { kind } = column.meaning
  if (kind === 'decimal' || kind === 'float16') return Float64Array.from(textsOf(stored, column, path), Number)
  if (kind !== 'number' && kind !== 'unsigned')
    throw otherParquet(path, 'columns of numbers', `${typeWords(column)} in the column ${quotedName(column)}`)
  if (stored instanceof Float64Array) return stored
  if (stored instanceof BigInt64Array)
    return Float64Array.from(stored, (value) => {
      const number = Number(kind === 'unsigned' ? BigInt.asUintN(64, value) : value)
      if (Number.isSafeInteger(number)) return number
      throw otherParquet(path, 'whole numbers below 2^53', `${value} in the column ${quotedName(column)}`)
    })
  return kind === 'unsigned' && stored instanceof Int32Array
    ? Float64Array.from(stored, (value) => value >>> 0)
    : Float64Array.from(stored as Int32Array)
}

/** As a text table has them: numbers with all their digits, `True` and `False`, times as ISO 8601 has them; NaN is `n/a`. */
export function textsOf(stored: Stored, column: ParquetColumn, path: string): readonly string[] {
  const { type, meaning } = column
  const each = <Value>(values: ArrayLike<Value>, text: (value: Value) => string) => Array.from(values, text)
  if (meaning.kind === 'bytes')
    throw otherParquet(path, 'columns of numbers, texts and times', `bytes in the column ${quotedName(column)}`)
  if (Array.isArray(stored) || stored instanceof BigInt64Array || stored instanceof Int32Array) {
    const whole = wholeOf(stored as readonly Uint8Array[], column)
    if (meaning.kind === 'text') return each(stored as readonly Uint8Array[], (bytes) => utf8(bytes, column, path))
    if (meaning.kind === 'float16') return each(stored as readonly Uint8Array[], float16)
    if (meaning.kind === 'decimal') return each(whole, (value) => decimalText(value, meaning.scale))
    if (meaning.kind === 'date') return each(whole, (value) => momentText(value * 86_400n, 1).slice(0, 10))
    if (meaning.kind === 'time') return each(whole, (value) => momentText(value, meaning.perSecond).slice(11))
    if (meaning.kind === 'timestamp')
      return each(whole, (value) => momentText(value, meaning.perSecond) + (meaning.utc ? 'Z' : ''))
    const bits = type === 'INT32' ? 32 : 64
    return each(whole, (value) => String(meaning.kind === 'unsigned' ? BigInt.asUintN(bits, value) : value))
  }
  if (type === 'BOOLEAN') return each(stored as Uint8Array, (value) => (value === 1 ? 'True' : 'False'))
  return each(stored as Float64Array, numberText)
}

const numberText = (value: number) => (Number.isNaN(value) ? 'n/a' : String(value))

const decoder = new TextDecoder('utf-8', { fatal: true })

function utf8(bytes: Uint8Array, column: ParquetColumn, path: string): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw notParquet(path, 'texts in UTF-8', `bytes that are not, in the column ${quotedName(column)}`)
  }
}

const float16 = (bytes: Uint8Array) => numberText(new DataView(bytes.buffer, bytes.byteOffset, 2).getFloat16(0, true))

/** INT96 is nanoseconds of a day and its Julian number; decimals in bytes have the highest byte first. */
function wholeOf(stored: ArrayLike<Uint8Array | bigint | number>, { type, meaning }: ParquetColumn): readonly bigint[] {
  if (meaning.kind === 'text' || meaning.kind === 'float16') return []
  return Array.from(stored, (value) => {
    if (!(value instanceof Uint8Array)) return BigInt(value)
    if (type === 'INT96') {
      const view = new DataView(value.buffer, value.byteOffset, 12)
      return BigInt(view.getUint32(8, true) - julianOf1970) * 86_400_000_000_000n + view.getBigInt64(0, true)
    }
    const digits = value.reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '0x0')
    return BigInt.asIntN(8 * value.length, BigInt(digits))
  })
}

const julianOf1970 = 2_440_588

function decimalText(value: bigint, scale: number): string {
  if (!(scale > 0 && scale <= 100)) return String(value)
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** `2026-01-02T03:04:05.678`, with as many digits as the unit has; years that are no years of people's as numbers. */
function momentText(value: bigint, perSecond: number): string {
  const per = BigInt(perSecond)
  const seconds = value / per - (value % per < 0n ? 1n : 0n)
  const rest = value - seconds * per
  const date = new Date(Number(seconds) * 1000)
  if (!(date.getFullYear() >= 0 && date.getFullYear() <= 9999)) return String(value)
  const digits = perSecond === 1 ? '' : `.${String(rest).padStart(String(perSecond).length - 1, '0')}`
  return `${date.toISOString().slice(0, 19)}${digits}`
}
