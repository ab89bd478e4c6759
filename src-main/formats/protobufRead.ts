/**
 * Reads protobuf messages field by field, in memory or in a file whose large fields are passed over. Nothing that a
 * message says is believed before it is checked against the bytes that there are.
 * Source: https://protobuf.dev/programming-guides/encoding.
 */
import type { FileBytes } from './fileBytes.ts'

/** The bytes are no protobuf message; readers of a format say it in that format's words. */
export class ProtobufInvalid extends Error {}

/** One field; `value` of a varint or of four or eight bytes, the place of a text, of bytes and of a message. */
export interface ProtobufField {
  readonly number: number
  /** Of a varint, as a signed integer of 64 bits; rounded beyond 2⁵³. */
  readonly value: number
  /** Where what the field holds begins and ends, from the beginning of the bytes or of the file. */
  readonly start: number
  readonly end: number
  readonly kind: 'varint' | 'fixed' | 'bytes'
}

/** A field's number and length are at most this long. */
const mostHeader = 20

/**
 * The fields of a message in memory, in order.
 * @param from where the message begins
 * @param to where it ends
 * @throws ProtobufInvalid
 */
export function* protobufFields(bytes: Uint8Array, from = 0, to = bytes.length): Generator<ProtobufField> {
  for (let at = from; at < to;) {
    const field = fieldAt(bytes, at, to, 0)
    yield field
    at = field.end
  }
}

/**
 * The fields of a message in a file, in order; what they hold is not read.
 * @throws ProtobufInvalid, and HeschlError as the file's `read`
 */
export async function* protobufFieldsOf(file: FileBytes, from: number, to: number): AsyncGenerator<ProtobufField> {
  let window = new Uint8Array(0)
  let windowStart = from
  for (let at = from; at < to;) {
    const needed = Math.min(mostHeader, to - at)
    if (at < windowStart || at + needed > windowStart + window.length) {
      windowStart = at
      window = new Uint8Array(Math.min(1 << 16, to - at))
      await file.read(at, window)
    }
    const field = fieldAt(window, at, to, windowStart)
    yield field
    at = field.end
  }
}

/** @param origin what stands at index 0 of `bytes`; `at`, `to` and the field's places count from there on */
function fieldAt(bytes: Uint8Array, at: number, to: number, origin: number): ProtobufField {
  const last = Math.min(bytes.length, to - origin)
  const tag = varintAt(bytes, at - origin, last)
  const number = Math.floor(tag.value / 8)
  if (number < 1 || number >= 2 ** 29) throw new ProtobufInvalid(`field ${number} at byte ${at}`)
  const start = origin + tag.end
  switch (tag.value % 8) {
    case 0: {
      const { value, end } = varintAt(bytes, tag.end, last)
      return { number, value, start, end: origin + end, kind: 'varint' }
    }
    case 1:
    case 5: {
      const end = start + (tag.value % 8 === 1 ? 8 : 4)
      if (end > to) throw new ProtobufInvalid(`the end of a message within field ${number} at byte ${at}`)
      return { number, value: NaN, start, end, kind: 'fixed' }
    }
    case 2: {
      const length = varintAt(bytes, tag.end, last)
      const body = origin + length.end
      if (!(length.value >= 0 && length.value <= to - body))
        throw new ProtobufInvalid(
          `${length.value} bytes for field ${number} at byte ${at}, where ${to - body} are left`,
        )
      return { number, value: NaN, start: body, end: body + length.value, kind: 'bytes' }
    }
    default:
      throw new ProtobufInvalid(`a field of an unknown kind at byte ${at}`)
  }
}

function varintAt(bytes: Uint8Array, at: number, to: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let i = 0; i < 4; i++) {
    if (at + i >= to) throw new ProtobufInvalid('the end of a message within a number')
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i)
    if (bytes[at + i] < 0x80) return { value, end: at + i + 1 }
  }
  let wide = BigInt(value)
  for (let i = 4; i < 10; i++) {
    if (at + i >= to) throw new ProtobufInvalid('the end of a message within a number')
    wide |= BigInt(bytes[at + i] & 0x7f) << BigInt(7 * i)
    if (bytes[at + i] < 0x80) return { value: Number(BigInt.asIntN(64, wide)), end: at + i + 1 }
  }
  throw new ProtobufInvalid('a number of more than ten bytes')
}

const decoder = new TextDecoder('utf-8')

/** A text field; what is not UTF-8 becomes U+FFFD. */
export const protobufText = (bytes: Uint8Array, { start, end }: ProtobufField) =>
  decoder.decode(bytes.subarray(start, end))

/**
 * The integers of a repeated field's occurrence: packed into bytes, or one by one.
 * @throws ProtobufInvalid
 */
export function protobufIntegers(
  bytes: Uint8Array,
  { kind, value, start, end }: ProtobufField,
  most: number,
): number[] {
  if (kind === 'varint') return [value]
  const values: number[] = []
  for (let at = start; at < end;) {
    const next = varintAt(bytes, at, end)
    if (values.length === most) throw new ProtobufInvalid(`more than ${most} numbers in a list`)
    values.push(next.value)
    at = next.end
  }
  return values
}
