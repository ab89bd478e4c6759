/** Arrays of chunks that grow: an index block, then data blocks that double in size, then blocks of such blocks. */
import { checkPage, entriesOf } from './chunkEntries.ts'
import type { Entry, EntryForm } from './chunkEntries.ts'
import type { Hdf5Source } from './source.ts'

interface Form extends EntryForm {
  readonly header: number
  /** Entries of the smallest data block, and of a page of the large ones. */
  readonly least: number
  readonly page: number
  /** Bytes of an index in the array. */
  readonly indexBytes: number
}

/** @throws HeschlError FORMAT_INVALID */
export async function* extensibleEntries(source: Hdf5Source, address: number): AsyncGenerator<Entry> {
  const [offset, length] = [source.offsetBytes, source.lengthBytes]
  const cursor = await source.checked('EAHD', address, 16 + 6 * length + offset)
  cursor.skip(1)
  const entry: EntryForm = { filtered: cursor.u8() === 1, entryBytes: cursor.u8() }
  const [indexBits, inIndex, least, leastPointers, pageBits] = [
    ...[cursor.u8(), cursor.u8(), cursor.u8()],
    ...[cursor.u8(), cursor.u8()],
  ]
  cursor.skip(6 * length)
  const block = cursor.address()
  checkPage(source, entry, pageBits)
  const powers = [least, leastPointers].every((n) => n > 0 && Number.isInteger(Math.log2(n)))
  if (!powers || indexBits > 64 || indexBits < Math.log2(least))
    throw source.invalid('an array whose blocks double in size', `${least} entries, ${leastPointers} blocks`)
  if (block === undefined) return
  const form: Form = { ...entry, header: address, least, page: 2 ** pageBits, indexBytes: Math.ceil(indexBits / 8) }
  // Blocks of data blocks of one size: 2^(n/2) data blocks of 2^((n+1)/2) · least entries
  const supers = 1 + indexBits - Math.log2(least)
  const direct = 2 * Math.log2(leastPointers)
  const dataBlocks = 2 * (leastPointers - 1)
  const bytes = 10 + offset + inIndex * entry.entryBytes + (dataBlocks + Math.max(0, supers - direct)) * offset
  const index = await source.checked('EAIB', block, bytes)
  index.skip(2 + offset)
  yield* entriesOf(form, index, 0, inIndex)
  let first = inIndex
  for (let row = 0; row < direct; row++)
    for (let i = 0; i < 2 ** (row >> 1); i++) {
      yield* dataBlock(source, form, index.address(), { first, count: countIn(form, row) })
      first += countIn(form, row)
    }
  for (let row = direct; row < supers; row++) {
    const place = index.address()
    const [blocks, count] = [2 ** (row >> 1), countIn(form, row)]
    if (place !== undefined) yield* superBlock(source, form, place, { first, count, blocks })
    first += blocks * count
  }
}

const countIn = ({ least }: Form, row: number) => 2 ** ((row + 1) >> 1) * least

interface Range {
  readonly first: number
  readonly count: number
}

async function* superBlock(
  source: Hdf5Source,
  form: Form,
  address: number,
  { first, count, blocks }: Range & { readonly blocks: number },
): AsyncGenerator<Entry> {
  const bitmap = count > form.page ? blocks * Math.ceil(count / form.page / 8) : 0
  const bytes = 10 + source.offsetBytes + form.indexBytes + bitmap + blocks * source.offsetBytes
  const cursor = await source.checked('EASB', address, bytes)
  cursor.skip(2 + source.offsetBytes + form.indexBytes)
  const filled = cursor.bytes(bitmap)
  for (let i = 0; i < blocks; i++) {
    const pages = filled.subarray((i * bitmap) / blocks, ((i + 1) * bitmap) / blocks)
    yield* dataBlock(source, form, cursor.address(), { first: first + i * count, count }, pages)
  }
}

async function* dataBlock(
  source: Hdf5Source,
  form: Form,
  address: number | undefined,
  { first, count }: Range,
  filled?: Buffer,
): AsyncGenerator<Entry> {
  if (address === undefined) return
  const { entryBytes, page } = form
  const head = 6 + source.offsetBytes + form.indexBytes
  if (count <= page) {
    const block = await source.checked('EADB', address, head + count * entryBytes + 4)
    block.skip(head - 4)
    yield* entriesOf(form, block, first, count)
    return
  }
  await source.checked('EADB', address, head + 4)
  for (let i = 0; i < count / page; i++) {
    if (filled && (filled[i >> 3] & (0x80 >> (i & 7))) === 0) continue
    const place = address + head + 4 + i * (page * entryBytes + 4)
    const entries = await source.structure(place, page * entryBytes + 4)
    entries.check('a page of chunks')
    yield* entriesOf(form, entries, first + i * page, page)
  }
}
