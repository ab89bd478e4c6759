/** What was done to a chunk before it was stored, undone: deflate, shuffle, Fletcher's checksum, h5py's LZF. */
import { inflateSync } from 'node:zlib'
import { mostExpansion } from '../gzipped.ts'
import type { Hdf5Source } from './source.ts'
import type { Filter } from './types.ts'

const filterIds = { deflate: 1, shuffle: 2, fletcher32: 3, lzf: 32_000 } as const
const known: ReadonlySet<number> = new Set(Object.values(filterIds))
const names: Readonly<Record<number, string>> = {
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  32_001: 'blosc',
  32_015: 'zstd',
}

/**
 * Refuses filters that are not known, and two that compress: what comes out of a chunk is then bounded by what is stored.
 * @throws HeschlError FORMAT_INVALID
 */
export function checkFilters(source: Hdf5Source, filters: readonly Filter[]): void {
  const other = filters.find(({ id }) => !known.has(id))
  if (other)
    throw source.unsupported(
      `numbers packed by ${names[other.id] ?? (other.name || `filter ${other.id}`)}`,
      'Write the data set with gzip, or unpacked: h5repack -f GZIP=4 in.h5 out.h5',
    )
  if (filters.filter(({ id }) => id === filterIds.deflate || id === filterIds.lzf).length > 1)
    throw source.unsupported('numbers that were packed twice', 'Write the data set with one filter')
}

/** The most bytes that so many stored ones can be. */
export const mostUnpacked = (filters: readonly Filter[], stored: number) =>
  filters.some(({ id }) => id === filterIds.deflate || id === filterIds.lzf) ? stored * mostExpansion : stored

/**
 * A chunk's bytes as they were before the filters.
 * @param skipped a bit for each filter that was not applied to this chunk
 * @param bytes of the whole chunk
 * @throws HeschlError FORMAT_INVALID where they are not those of a chunk, or a checksum is wrong
 */
export function unfilter(
  source: Hdf5Source,
  stored: Buffer,
  { filters, skipped, bytes, itemBytes }: ChunkForm,
): Buffer {
  let data = stored
  // Checksums that were taken before other filters lie behind the chunk's bytes
  const most = bytes + 4 * filters.length
  for (let i = filters.length - 1; i >= 0; i--) {
    if (skipped & (1 << i)) continue
    const { id, values } = filters[i]
    if (id === filterIds.deflate) data = inflate(source, data, most)
    else if (id === filterIds.lzf) data = unpackLzf(source, data, most)
    else if (id === filterIds.shuffle) data = unshuffle(data, values[0] ?? itemBytes)
    else data = checkFletcher(source, data)
  }
  if (data.length !== bytes) throw source.invalid(`${bytes} bytes of a chunk`, `${data.length}`)
  return data
}

export interface ChunkForm {
  readonly filters: readonly Filter[]
  readonly skipped: number
  readonly bytes: number
  readonly itemBytes: number
}

function inflate(source: Hdf5Source, data: Buffer, most: number): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: most })
  } catch (error) {
    throw source.invalid('chunks that can be unpacked', (error as Error).message)
  }
}

/** All first bytes, then all second ones… to numbers; what is left of a number stays at the end. */
function unshuffle(data: Buffer, width: number): Buffer {
  const count = width > 1 ? Math.floor(data.length / width) : 0
  if (count <= 1) return data
  const out = Buffer.allocUnsafe(data.length)
  for (let byte = 0; byte < width; byte++) {
    const from = byte * count
    for (let i = 0, to = byte; i < count; i++, to += width) out[to] = data[from + i]
  }
  data.copy(out, count * width, count * width)
  return out
}

/** Sums of 16-bit words modulo 65,535; before HDF5 1.6.3 with the bytes of both turned. */
function checkFletcher(source: Hdf5Source, data: Buffer): Buffer {
  const end = data.length - 4
  if (end < 0) throw source.invalid('a chunk with its checksum', `${data.length} bytes`)
  let [low, high] = [0, 0]
  for (let at = 0; at < end; at += 2) {
    low += (data[at] << 8) | (at + 1 < end ? data[at + 1] : 0)
    low = (low & 0xffff) + (low >>> 16)
    high += low
    high = (high & 0xffff) + (high >>> 16)
  }
  const turned = (half: number) => ((half & 0xff) << 8) | (half >>> 8)
  const [storedLow, storedHigh] = [data.readUInt16LE(end), data.readUInt16LE(end + 2)]
  const same = same16(low, storedLow) && same16(high, storedHigh)
  if (!same && !(same16(low, turned(storedLow)) && same16(high, turned(storedHigh))))
    throw source.invalid('the checksum of a chunk', 'another')
  return data.subarray(0, end)
}

/** 0 and 65,535 are the same sum. */
const same16 = (a: number, b: number) => a % 0xffff === b % 0xffff

/** Marc Lehmann's LibLZF, which h5py has as `compression="lzf"`. */
function unpackLzf(source: Hdf5Source, data: Buffer, most: number): Buffer {
  const out = Buffer.alloc(Math.min(most, data.length * mostExpansion))
  let [from, to] = [0, 0]
  const damaged = () => source.invalid('chunks that can be unpacked', 'LZF data that go beyond their end')
  while (from < data.length) {
    const control = data[from++]
    if (control < 32) {
      const count = control + 1
      if (from + count > data.length || to + count > out.length) throw damaged()
      data.copy(out, to, from, from + count)
      from += count
      to += count
      continue
    }
    let count = control >> 5
    if (count === 7) count += data[from++] ?? NaN
    const back = to - ((control & 31) << 8) - (data[from++] ?? NaN) - 1
    count += 2
    if (!(back >= 0 && to + count <= out.length)) throw damaged()
    for (let i = 0; i < count; i++) out[to++] = out[back + i]
  }
  return out.subarray(0, to)
}
