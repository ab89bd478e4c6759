/**
 * ZIP archives (PKWARE's APPNOTE), as numpy's NPZ and spreadsheets have them: the directory at the end, entries stored or
 * deflated, with ZIP64's sizes. Nothing is unpacked but the entry that is asked for, and no further than it says. The
 * libraries that there are check no checksum (yauzl) or hold the whole archive in memory (fflate, jszip).
 */
import { crc32, inflateRawSync } from 'node:zlib'
import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'
import { mostExpansion } from './gzipped.ts'

export interface ZipEntry {
  readonly name: string
  readonly packedBytes: number
  readonly bytes: number
  readonly crc: number
  readonly deflated: boolean
  /** Where its own header is. */
  readonly start: number
}

const endBytes = 22
/** A comment may stand between the end's record and the end of the file. */
const longestComment = 65_535
/** 100,000 entries have a directory of some 10 MB. */
const mostDirectory = 1 << 26
/** One entry in memory: readers of stored entries read them at their place. */
const mostUnpacked = 2 ** 31

/** The entries of an archive, in its order. @throws HeschlError FORMAT_INVALID */
export async function readZipDirectory(file: FileBytes): Promise<readonly ZipEntry[]> {
  const { count, at, bytes } = await findDirectory(file)
  if (bytes > mostDirectory || at + bytes > file.size || count * 46 > bytes)
    throw invalid(file, 'a directory within the file', `${count} entries in ${bytes} bytes at ${at}`)
  const directory = Buffer.alloc(bytes)
  await file.read(at, directory)
  const entries: ZipEntry[] = []
  for (let from = 0; entries.length < count;) {
    if (from + 46 > bytes || directory.readUInt32LE(from) !== 0x02014b50)
      throw invalid(file, `${count} entries`, `${entries.length}`)
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(from + offset))
    const end = from + 46 + name + extra + comment
    if (end > bytes) throw invalid(file, 'an entry within the directory', 'one that goes beyond it')
    entries.push(entryOf(file, directory.subarray(from, end), name, extra))
    from = end
  }
  return entries
}

async function findDirectory(file: FileBytes): Promise<{ count: number; at: number; bytes: number }> {
  const tail = Buffer.alloc(Math.min(file.size, endBytes + longestComment))
  const start = file.size - tail.length
  await file.read(start, tail)
  let at = tail.length - endBytes
  while (at >= 0 && (tail.readUInt32LE(at) !== 0x06054b50 || at + endBytes + tail.readUInt16LE(at + 20) > tail.length))
    at--
  if (at < 0) throw invalid(file, 'a ZIP archive with a directory at its end', 'none')
  const plain = { count: tail.readUInt16LE(at + 10), bytes: tail.readUInt32LE(at + 12), at: tail.readUInt32LE(at + 16) }
  if (plain.count !== 0xffff && plain.bytes !== 0xffffffff && plain.at !== 0xffffffff) return plain
  const locator = start + at - 20
  const found = Buffer.alloc(20 + 56)
  if (locator < 0) return plain
  await file.read(locator, found.subarray(0, 20))
  if (found.readUInt32LE(0) !== 0x07064b50) return plain
  const record = whole(found.readBigUInt64LE(8))
  if (!(record + 56 <= locator)) throw invalid(file, 'a ZIP64 directory before its locator', `${record}`)
  await file.read(record, found.subarray(20))
  if (found.readUInt32LE(20) !== 0x06064b50) throw invalid(file, 'a ZIP64 directory', 'none')
  const [count, bytes, where] = [32, 40, 48].map((offset) => whole(found.readBigUInt64LE(20 + offset)))
  return { count, bytes, at: where }
}

const whole = (value: bigint) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity)

function entryOf(file: FileBytes, record: Buffer, nameBytes: number, extraBytes: number): ZipEntry {
  const [flags, method] = [record.readUInt16LE(8), record.readUInt16LE(10)]
  const name = record.toString('utf8', 46, 46 + nameBytes)
  if ((flags & 1) !== 0)
    throw invalid(file, 'entries without encryption', `${JSON.stringify(name)}, which is encrypted`)
  if (method !== 0 && method !== 8)
    throw invalid(file, 'entries that are stored or deflated', `method ${method} of ${JSON.stringify(name)}`)
  const extra = record.subarray(46 + nameBytes, 46 + nameBytes + extraBytes)
  const large = zip64Sizes(extra)
  // In the order of the record, and there alone where the plain field is full
  const next = (plain: number) => (plain === 0xffffffff ? (large.shift() ?? plain) : plain)
  const bytes = next(record.readUInt32LE(24))
  const packedBytes = next(record.readUInt32LE(20))
  const start = next(record.readUInt32LE(42))
  const deflated = method === 8
  const possible = deflated ? bytes <= packedBytes * mostExpansion : bytes === packedBytes
  if (!possible || !(start + 30 + packedBytes <= file.size))
    throw invalid(file, 'entries within the file', `${JSON.stringify(name)} of ${packedBytes} bytes at ${start}`)
  return { name, packedBytes, bytes, crc: record.readUInt32LE(16), deflated, start }
}

function zip64Sizes(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1) return sizesIn(extra.subarray(at + 4, end))
    at = end
  }
  return []
}

function sizesIn(field: Buffer): number[] {
  const sizes: number[] = []
  for (let at = 0; at + 8 <= field.length; at += 8) sizes.push(whole(field.readBigUInt64LE(at)))
  return sizes
}

/**
 * An entry as a file of its own: a stored one is read at its place, a deflated one is unpacked and its checksum looked at.
 * @throws HeschlError FORMAT_INVALID
 */
export async function openZipEntry(file: FileBytes, entry: ZipEntry): Promise<FileBytes> {
  const head = Buffer.alloc(30)
  await file.read(entry.start, head)
  if (head.readUInt32LE(0) !== 0x04034b50) throw invalid(file, `the entry ${JSON.stringify(entry.name)}`, 'none')
  const at = entry.start + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
  if (at + entry.packedBytes > file.size) throw invalid(file, 'entries within the file', JSON.stringify(entry.name))
  const path = `${file.path}:${entry.name}`
  if (!entry.deflated)
    return {
      path,
      size: entry.bytes,
      read(position, target) {
        if (position + target.length > entry.bytes) throw invalid(file, `${entry.bytes} bytes`, 'more')
        return file.read(at + position, target)
      },
    }
  const bytes = await unpack(file, entry, at)
  return {
    path,
    size: bytes.length,
    read(position, target) {
      if (position + target.length > bytes.length) throw invalid(file, `${bytes.length} bytes`, 'more')
      target.set(bytes.subarray(position, position + target.length))
      return Promise.resolve()
    },
  }
}

async function unpack(file: FileBytes, entry: ZipEntry, at: number): Promise<Uint8Array> {
  if (entry.bytes > mostUnpacked)
    throw invalid(
      file,
      `deflated entries of at most 2 GiB; ${JSON.stringify(entry.name)} stored`,
      `${entry.bytes} bytes`,
    )
  const packed = new Uint8Array(entry.packedBytes)
  await file.read(at, packed)
  let bytes: Uint8Array
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.bytes) })
  } catch (error) {
    throw invalid(file, `${entry.bytes} bytes of ${JSON.stringify(entry.name)}`, (error as Error).message)
  }
  if (bytes.length !== entry.bytes) throw invalid(file, `${entry.bytes} bytes`, `${bytes.length}`)
  if (crc32(bytes) !== entry.crc) throw invalid(file, 'the checksum of its directory', 'another')
  return bytes
}

const invalid = (file: FileBytes, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound ZIP archive', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Write the file again, or fetch it again: it is damaged or cut short',
  })
