/**
 * MATLAB's Level 5 MAT-files (versions 5 to 7), read by parts; source: MathWorks' "MAT-File Format". A file is elements,
 * each of which says its size; a compressed one is unpacked whole when it is asked for, and no further than it can be.
 */
import { constants, inflateSync } from 'node:zlib'
import { HeschlError } from '../../errors.ts'
import type { FileBytes } from '../fileBytes.ts'
import { mostExpansion } from '../gzipped.ts'
import type { NumberLayout } from '../npy.ts'

export const headerBytes = 128

/** Types of elements. */
export const elementTypes = { int8: 1, int32: 5, uint32: 6, matrix: 14, compressed: 15 } as const

/** How numbers are stored, by the type of their element. */
export const storedNumbers: ReadonlyMap<number, Pick<NumberLayout, 'type' | 'itemBytes'>> = new Map([
  [1, { type: 'i1', itemBytes: 1 }],
  [2, { type: 'u1', itemBytes: 1 }],
  [3, { type: 'i2', itemBytes: 2 }],
  [4, { type: 'u2', itemBytes: 2 }],
  [5, { type: 'i4', itemBytes: 4 }],
  [6, { type: 'u4', itemBytes: 4 }],
  [7, { type: 'f4', itemBytes: 4 }],
  [9, { type: 'f8', itemBytes: 8 }],
  [12, { type: 'i8', itemBytes: 8 }],
  [13, { type: 'u8', itemBytes: 8 }],
])

export interface Element {
  readonly type: number
  /** Where its bytes are, and how many. */
  readonly at: number
  readonly bytes: number
  /** Where the next element begins. */
  readonly end: number
}

/** Bytes of elements: the file's, or those of an unpacked element. */
export interface MatBytes extends FileBytes {
  readonly bigEndian: boolean
}

/** Whether the first 128 bytes are those of a MAT-file, and its byte order. */
export function matOrder(start: Uint8Array): 'little' | 'big' | undefined {
  if (start.length < headerBytes || start.subarray(0, 4).some((byte) => byte === 0)) return undefined
  const [high, low, first, second] = start.subarray(124, headerBytes)
  const mark = String.fromCharCode(first, second)
  if (mark === 'IM' && high === 0 && low === 1) return 'little'
  return mark === 'MI' && high === 1 && low === 0 ? 'big' : undefined
}

export const matInvalid = (file: { readonly path: string }, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound MATLAB file', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Save it again, or copy it again: it is damaged or cut short',
  })

/**
 * The element at a place. A small one has its size and up to four bytes in its tag.
 * @param limit where it has to end
 */
export async function elementAt(bytes: MatBytes, at: number, limit = bytes.size): Promise<Element> {
  if (at + 8 > limit) throw matInvalid(bytes, 'an element of 8 bytes or more', `${limit - at} bytes`)
  const tag = Buffer.alloc(8)
  await bytes.read(at, tag)
  const word = bytes.bigEndian ? tag.readUInt32BE(0) : tag.readUInt32LE(0)
  const small = word >>> 16
  if (small > 0) {
    if (small > 4) throw matInvalid(bytes, 'at most 4 bytes in a small element', `${small}`)
    return { type: word & 0xffff, at: at + 4, bytes: small, end: at + 8 }
  }
  const size = bytes.bigEndian ? tag.readUInt32BE(4) : tag.readUInt32LE(4)
  if (at + 8 + size > limit) throw matInvalid(bytes, `an element that ends before ${limit}`, `${size} bytes at ${at}`)
  // Compressed elements are not padded; the last of a file need not be
  const padded = word === elementTypes.compressed ? size : Math.ceil(size / 8) * 8
  return { type: word, at: at + 8, bytes: size, end: Math.min(limit, at + 8 + padded) }
}

/** More is not read of an element that names and counts things. */
const mostNamed = 1 << 26

export async function elementBytes(bytes: MatBytes, { at, bytes: count }: Element): Promise<Buffer> {
  if (count > mostNamed) throw matInvalid(bytes, `at most ${mostNamed} bytes of names`, `${count}`)
  const data = Buffer.alloc(count)
  await bytes.read(at, data)
  return data
}

/** Whole numbers of 32 bits. */
export async function elementInts(bytes: MatBytes, element: Element): Promise<number[]> {
  const data = await elementBytes(bytes, element)
  return Array.from({ length: Math.floor(data.length / 4) }, (_, i) =>
    bytes.bigEndian ? data.readInt32BE(4 * i) : data.readInt32LE(4 * i),
  )
}

/** One variable, unpacked: MATLAB's limit for these files. */
const mostUnpacked = 2 ** 31

/** A compressed element's matrix. @param head its first bytes alone, which are enough for names and sizes */
export async function unpacked(bytes: MatBytes, { at, bytes: count }: Element, head: boolean): Promise<MatBytes> {
  const packed = new Uint8Array(head ? Math.min(count, 1024) : count)
  await bytes.read(at, packed)
  const data = inflated(bytes, packed, head)
  const { path, bigEndian } = bytes
  return {
    path,
    bigEndian,
    size: data.length,
    read(position, target) {
      if (position + target.length > data.length)
        throw matInvalid(bytes, `${position + target.length} bytes of a variable`, `${data.length}`)
      target.set(data.subarray(position, position + target.length))
      return Promise.resolve()
    },
  }
}

function inflated(bytes: MatBytes, packed: Uint8Array, head: boolean): Buffer {
  const maxOutputLength = Math.max(1, Math.min(mostUnpacked, packed.length * mostExpansion))
  try {
    return inflateSync(packed, { maxOutputLength, ...(head && { finishFlush: constants.Z_SYNC_FLUSH }) })
  } catch (error) {
    throw matInvalid(bytes, 'variables that can be unpacked, of at most 2 GiB', (error as Error).message)
  }
}
