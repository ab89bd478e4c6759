/** A data set: what it holds, and any block of it, read by parts. */
import { mostExpansion } from '../gzipped.ts'
import { chunksOf } from './chunkIndex.ts'
import type { Chunk, ChunkGrid, ChunkIndexForm } from './chunkIndex.ts'
import { checkFilters, mostUnpacked, unfilter } from './filters.ts'
import { readLayout } from './layout.ts'
import type { StoredLayout } from './layout.ts'
import type { Messages } from './objects.ts'
import { copyBlock, runsOf } from '../blocks.ts'
import type { Block } from '../blocks.ts'
import type { Hdf5Source } from './source.ts'
import { readFill, readFilters, readShape, readType } from './types.ts'
import type { Filter, Hdf5Type } from './types.ts'

export class Hdf5DataSet {
  readonly source: Hdf5Source
  readonly type: Hdf5Type
  readonly shape: readonly number[]
  readonly #layout: StoredLayout
  readonly #filters: readonly Filter[]
  readonly #fill: Buffer | undefined
  readonly #most: readonly number[]
  #chunks: Promise<readonly Chunk[]> | undefined

  private constructor(source: Hdf5Source, parts: DataSetParts) {
    this.source = source
    this.type = parts.type
    this.shape = parts.shape
    this.#layout = parts.layout
    this.#filters = parts.filters
    this.#fill = parts.fill
    this.#most = parts.most
  }

  /** @returns undefined where the object is no data set. @throws HeschlError FORMAT_INVALID */
  static async of(source: Hdf5Source, messages: Messages): Promise<Hdf5DataSet | undefined> {
    const [type, shape, layout] = [
      await messages.one('datatype'),
      await messages.one('dataspace'),
      await messages.one('layout'),
    ]
    if (!type || !shape || !layout) return undefined
    const [filters, fill] = [
      await messages.one('filters'),
      (await messages.one('fill')) ?? (await messages.one('oldFill')),
    ]
    const { sizes, most } = readShape(shape) ?? { sizes: [0], most: [0] }
    const parts = {
      type: readType(type),
      ...{ shape: sizes, most },
      layout: readLayout(layout, messages.has('external')),
      filters: filters ? readFilters(filters) : [],
      fill: fill && (await messages.one('fill')) ? readFill(fill) : fill && oldFill(fill.bytes(fill.left)),
    }
    const count = sizes.reduce((product, n) => product * n, 1)
    // A deflated byte is at most 1,032: what would be larger is a size that lies, or nothing but what was never written
    if (!(count * parts.type.bytes <= source.size * mostExpansion))
      throw source.invalid(`a data set that ${source.size} bytes can hold`, `${sizes.join(' x ')} elements`)
    return new Hdf5DataSet(source, parts)
  }

  /**
   * A block's elements as they are stored, in C order.
   * @param from first index along each dimension
   * @param sizes of the block; within the data set's
   * @throws HeschlError FORMAT_INVALID
   */
  async read(from: readonly number[], sizes: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
    const { source, type, shape } = this
    const count = sizes.reduce((product, n) => product * n, 1)
    const out = new Uint8Array(count * type.bytes)
    if (out.length === 0) return out
    const layout = this.#layout
    const block: Block = { from, sizes }
    if (layout.kind === 'chunked') await this.#readChunks(layout, block, out)
    else if (layout.kind === 'compact') {
      this.#checkBytes(layout.data.length)
      copyBlock({ data: layout.data, from: shape.map(() => 0), sizes: shape }, { data: out, ...block }, type.bytes)
    } else if (layout.address === undefined) this.#fillIn(out)
    else {
      this.#checkBytes(source.size - layout.address)
      for (const { at, to, bytes } of runsOf(shape, block, type.bytes))
        await source.data(layout.address + at, out.subarray(to, to + bytes))
    }
    return out
  }

  #checkBytes(there: number): void {
    const needed = this.shape.reduce((product, n) => product * n, this.type.bytes)
    if (needed > there) throw this.source.invalid(`${needed} bytes of numbers`, `${there}`)
  }

  #fillIn(out: Uint8Array): void {
    const fill = this.#fill
    if (!fill || fill.every((byte) => byte === 0)) return
    if (fill.length !== this.type.bytes)
      throw this.source.invalid(`a fill value of ${this.type.bytes} bytes`, `${fill.length}`)
    Buffer.from(out.buffer).fill(fill)
  }

  async #readChunks(layout: StoredLayout & { kind: 'chunked' }, block: Block, out: Uint8Array): Promise<void> {
    const { source, type, shape } = this
    const grid = this.#grid(layout)
    this.#fillIn(out)
    if (layout.index === undefined) return
    checkFilters(source, this.#filters)
    this.#chunks ??= allChunks(source, layout.index, grid)
    let unpacked = 0
    for (const chunk of await this.#chunks) {
      const start = startOf(chunk.index, grid)
      if (
        start.some(
          (at, axis) => at >= block.from[axis] + block.sizes[axis] || at + grid.sizes[axis] <= block.from[axis],
        )
      )
        continue
      const most = mostUnpacked(this.#filters, chunk.bytes)
      unpacked += grid.bytes
      if (grid.bytes > most || unpacked > source.size * mostExpansion)
        throw source.invalid(`chunks of ${grid.bytes} bytes`, `${chunk.bytes} bytes stored`)
      const stored = Buffer.allocUnsafeSlow(chunk.bytes <= source.size ? chunk.bytes : 0)
      await source.data(chunk.address, chunk.bytes <= source.size ? stored : new Uint8Array(0))
      const form = { filters: this.#filters, skipped: chunk.skipped, bytes: grid.bytes, itemBytes: type.bytes }
      const data = unfilter(source, stored, form)
      copyBlock({ data, from: start, sizes: grid.sizes }, { data: out, ...block }, type.bytes)
    }
    void shape
  }

  #grid({ sizes }: StoredLayout & { kind: 'chunked' }): ChunkGrid {
    const { source, type, shape } = this
    const sound = sizes.length === shape.length && shape.length > 0 && sizes.every((n) => n > 0)
    const bytes = sizes.reduce((product, n) => product * n, type.bytes)
    if (!sound || bytes > 2 ** 31)
      throw source.invalid(`chunks of ${shape.length} dimensions and at most 2 GiB`, sizes.join(' x '))
    const countsOf = (all: readonly number[]) => all.map((n, axis) => Math.ceil(n / sizes[axis]))
    return { counts: countsOf(shape), most: countsOf(this.#most), sizes, bytes, filtered: this.#filters.length > 0 }
  }
}

interface DataSetParts {
  readonly type: Hdf5Type
  readonly shape: readonly number[]
  readonly most: readonly number[]
  readonly layout: StoredLayout
  readonly filters: readonly Filter[]
  readonly fill: Buffer | undefined
}

/** The message before HDF5 1.6 has its size and the value alone. */
function oldFill(bytes: Buffer): Buffer | undefined {
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0
  return size > 0 && 4 + size <= bytes.length ? bytes.subarray(4, 4 + size) : undefined
}

async function allChunks(source: Hdf5Source, form: ChunkIndexForm, grid: ChunkGrid): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of chunksOf(source, form, grid)) chunks.push(chunk)
  return chunks
}

/** Where a chunk begins, along each dimension. */
function startOf(index: number, { counts, sizes }: ChunkGrid): number[] {
  const start = new Array<number>(counts.length).fill(0)
  let left = index
  for (let axis = counts.length - 1; axis >= 0; axis--) {
    start[axis] = (left % counts[axis]) * sizes[axis]
    left = Math.floor(left / counts[axis])
  }
  return start
}
