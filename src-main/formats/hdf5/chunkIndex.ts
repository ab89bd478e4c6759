/** Where the chunks of a data set are: B-trees of either version, arrays fixed and growing, or one after the other. */
import { recordsOf } from './btree2.ts'
import { extensibleEntries } from './extensibleArray.ts'
import { checkPage, entriesOf } from './chunkEntries.ts'
import type { EntryForm } from './chunkEntries.ts'
import type { Cursor, Hdf5Source } from './source.ts'

/** One chunk. */
export interface Chunk {
  /** Its place among the chunks, in C order. */
  readonly index: number
  readonly address: number
  /** As it is stored. */
  readonly bytes: number
  /** A bit for each filter that was not applied. */
  readonly skipped: number
}

export interface ChunkGrid {
  /** Chunks along each dimension; as many as there may be, which is what arrays count by; and the sizes of one. */
  readonly counts: readonly number[]
  readonly most: readonly number[]
  readonly sizes: readonly number[]
  /** Of a whole chunk, unpacked. */
  readonly bytes: number
  readonly filtered: boolean
}

/** How the layout message says that chunks are found. */
export type ChunkIndexForm =
  | { readonly kind: 'tree'; readonly address: number }
  | { readonly kind: 'single'; readonly address: number; readonly bytes?: number; readonly skipped?: number }
  | { readonly kind: 'implicit' | 'fixed' | 'extensible' | 'tree2'; readonly address: number; readonly wide: boolean }

/** @throws HeschlError FORMAT_INVALID */
export async function* chunksOf(source: Hdf5Source, form: ChunkIndexForm, grid: ChunkGrid): AsyncGenerator<Chunk> {
  const { address } = form
  if (form.kind === 'tree') yield* oldTree(source, grid, address)
  else if (form.kind === 'single')
    yield { index: 0, address, bytes: form.bytes ?? grid.bytes, skipped: form.skipped ?? 0 }
  else if (form.kind === 'implicit') yield* oneAfterTheOther(source, grid, address)
  else if (form.kind === 'tree2') yield* newTree(source, grid, form)
  else {
    const growing = form.kind === 'extensible'
    const placeOf = arrayPlaces(grid, growing)
    for await (const { form: stored, index: at, entry } of growing
      ? extensibleEntries(source, address)
      : fixedEntries(source, address)) {
      const place = entry.address()
      const index = place === undefined ? undefined : placeOf(at)
      if (place === undefined || index === undefined) continue
      if (!stored.filtered) yield { index, address: place, bytes: grid.bytes, skipped: 0 }
      else {
        const bytes = entry.uint(stored.entryBytes - source.offsetBytes - 4)
        yield { index, address: place, bytes, skipped: entry.u32() }
      }
    }
  }
}

/**
 * Arrays count chunks by the sizes that the data set may grow to, the unlimited one first.
 * @returns gives the index in C order of the chunks that there are; undefined for others
 */
function arrayPlaces({ counts, most }: ChunkGrid, growing: boolean): (at: number) => number | undefined {
  const axes = counts.map((_, axis) => axis)
  const unlimited = growing ? most.indexOf(Infinity) : -1
  const order = unlimited > 0 ? [unlimited, ...axes.filter((axis) => axis !== unlimited)] : axes
  return (at) => {
    const place = new Array<number>(counts.length).fill(0)
    let left = at
    for (const axis of order.slice(1).toReversed()) {
      place[axis] = left % most[axis]
      left = Math.floor(left / most[axis])
    }
    place[order[0]] = left
    if (place.some((n, axis) => !(n < counts[axis]))) return undefined
    return place.reduce((index, n, axis) => index * counts[axis] + n, 0)
  }
}

/** All chunks that there may be have been given their room, in order. */
function* oneAfterTheOther(source: Hdf5Source, grid: ChunkGrid, address: number): Generator<Chunk> {
  const all = grid.most.reduce((product, n) => product * n, 1)
  if (!(address + all * grid.bytes <= source.size))
    throw source.invalid(`chunks within its ${source.size} bytes`, `${all} of ${grid.bytes} bytes`)
  const placeOf = arrayPlaces(grid, false)
  for (let at = 0; at < all; at++) {
    const index = placeOf(at)
    if (index !== undefined) yield { index, address: address + at * grid.bytes, bytes: grid.bytes, skipped: 0 }
  }
}

/** A chunk's place from its first element's. */
function indexAt(source: Hdf5Source, { counts }: ChunkGrid, at: (axis: number) => number): number | undefined {
  let index = 0
  for (const [axis, count] of counts.entries()) {
    const place = at(axis)
    if (!Number.isInteger(place)) throw source.invalid('chunks side by side', 'one that begins within another')
    // A data set that was made smaller may have kept chunks beyond its end
    if (place >= count) return undefined
    index = index * count + place
  }
  return index
}

const chunkTree = 1

async function* oldTree(source: Hdf5Source, grid: ChunkGrid, address: number, under = 256): AsyncGenerator<Chunk> {
  const rank = grid.counts.length
  const head = await source.signed('TREE', address, 8 + 2 * source.offsetBytes)
  const [kind, level, count] = [head.u8(), head.u8(), head.u16()]
  if (kind !== chunkTree || level >= under) throw source.invalid('a tree of chunks', `kind ${kind}, level ${level}`)
  const keyBytes = 8 + 8 * (rank + 1)
  const entries = await source.structure(address + 8 + 2 * source.offsetBytes, count * (keyBytes + source.offsetBytes))
  for (let i = 0; i < count; i++) {
    const [bytes, skipped] = [entries.u32(), entries.u32()]
    const starts = grid.sizes.map((size) => entries.uint(8) / size)
    entries.skip(8)
    const child = entries.place()
    if (level > 0) yield* oldTree(source, grid, child, level)
    else {
      const index = indexAt(source, grid, (axis) => starts[axis])
      if (index !== undefined) yield { index, address: child, bytes, skipped }
    }
  }
}

/** Kinds of trees: of chunks that are as they were, and of filtered ones. */
const [plainChunks, filteredChunks] = [10, 11]

async function* newTree(
  source: Hdf5Source,
  grid: ChunkGrid,
  { address, wide }: { readonly address: number; readonly wide: boolean },
): AsyncGenerator<Chunk> {
  const sizeBytes = chunkSizeBytes(source, grid, wide)
  for await (const { kind, record } of recordsOf(source, address)) {
    if (kind !== (grid.filtered ? filteredChunks : plainChunks))
      throw source.invalid('a tree of chunks', `a tree of kind ${kind}`)
    const place = record.place()
    const bytes = grid.filtered ? record.uint(sizeBytes) : grid.bytes
    const skipped = grid.filtered ? record.u32() : 0
    const starts = grid.sizes.map(() => record.uint(8))
    const index = indexAt(source, grid, (axis) => starts[axis])
    if (index !== undefined) yield { index, address: place, bytes, skipped }
  }
}

/** What a chunk's stored size takes: a byte more than its own size would, or, since HDF5 2.0, as much as any length. */
const chunkSizeBytes = (source: Hdf5Source, { bytes }: ChunkGrid, wide: boolean) =>
  wide ? source.lengthBytes : Math.min(8, 1 + Math.floor((Math.floor(Math.log2(bytes)) + 8) / 8))

async function* fixedEntries(
  source: Hdf5Source,
  address: number,
): AsyncGenerator<{ readonly form: EntryForm; readonly index: number; readonly entry: Cursor }> {
  const [offset, length] = [source.offsetBytes, source.lengthBytes]
  const cursor = await source.checked('FAHD', address, 12 + offset + length)
  cursor.skip(1)
  const form: EntryForm = { filtered: cursor.u8() === 1, entryBytes: cursor.u8() }
  const pageBits = cursor.u8()
  const [count, block] = [cursor.length(), cursor.address()]
  checkPage(source, form, pageBits)
  if (block === undefined) return
  const page = 2 ** pageBits
  const head = 6 + offset
  if (count <= page) {
    const whole = await source.checked('FADB', block, head + count * form.entryBytes + 4)
    whole.skip(head - 4)
    yield* entriesOf(form, whole, 0, count)
    return
  }
  const pages = Math.ceil(count / page)
  const bitmap = Math.ceil(pages / 8)
  const start = await source.checked('FADB', block, head + bitmap + 4)
  start.skip(head - 4)
  const filled = start.bytes(bitmap)
  const pageBytes = page * form.entryBytes + 4
  for (let i = 0; i < pages; i++) {
    if ((filled[i >> 3] & (0x80 >> (i & 7))) === 0) continue
    const own = Math.min(page, count - i * page)
    const entries = await source.structure(block + head + bitmap + 4 + i * pageBytes, own * form.entryBytes + 4)
    entries.check('a page of chunks')
    yield* entriesOf(form, entries, i * page, own)
  }
}
