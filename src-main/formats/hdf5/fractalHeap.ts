/** Heaps in which HDF5 keeps many links and attributes: blocks in a table whose rows double in size. */
import type { Cursor, Hdf5Source } from './source.ts'

const logOf = (power: number) => Math.ceil(Math.log2(Math.max(1, power)))
const bytesFor = (bits: number) => Math.ceil(bits / 8)
/** Blocks within blocks: sizes double, so that a real heap has a few levels. */
const deepest = 16

interface Heap {
  readonly source: Hdf5Source
  readonly idBytes: number
  readonly width: number
  readonly startBytes: number
  readonly directRows: number
  readonly offsetBytes: number
  readonly lengthBytes: number
  readonly root: number | undefined
  readonly rootRows: number
}

/** @returns gives the object of an id. @throws HeschlError FORMAT_INVALID */
export async function openHeap(source: Hdf5Source, address: number): Promise<(id: Cursor) => Promise<Cursor>> {
  const [length, offset] = [source.lengthBytes, source.offsetBytes]
  const cursor = await source.checked('FRHP', address, 22 + 12 * length + 3 * offset + 4)
  cursor.skip(1)
  const [idBytes, filterBytes] = [cursor.u16(), cursor.u16()]
  if (filterBytes > 0) throw source.unsupported('a heap that is compressed', 'Write the file without filters of groups')
  cursor.skip(1)
  const mostManaged = cursor.u32()
  cursor.skip(10 * length + 2 * offset)
  const width = cursor.u16()
  const [startBytes, mostDirect] = [cursor.length(), cursor.length()]
  const heapBits = cursor.u16()
  cursor.skip(2)
  const [root, rootRows] = [cursor.address(), cursor.u16()]
  const [start, most] = [logOf(startBytes), logOf(mostDirect)]
  if (width === 0 || startBytes !== 2 ** start || mostDirect !== 2 ** most || most < start || heapBits > 64)
    throw source.invalid('a heap whose blocks double in size', `${width} of ${startBytes} to ${mostDirect} bytes`)
  const offsetBytes = bytesFor(heapBits)
  const lengthBytes = Math.min(bytesFor(most), bytesFor(logOf(mostManaged + 1)))
  const heap = {
    source,
    idBytes,
    width,
    startBytes,
    directRows: most - start + 2,
    offsetBytes,
    lengthBytes,
    root,
    rootRows,
  }
  return (id) => objectOf(heap, id)
}

async function objectOf(heap: Heap, id: Cursor): Promise<Cursor> {
  const { source, idBytes, offsetBytes, lengthBytes } = heap
  const part = id.part(idBytes)
  const kind = (part.u8() >> 4) & 3
  if (kind === 2) throw source.unsupported('objects kept in their own names', 'Write the file with fewer attributes')
  if (kind === 1) throw source.unsupported('links or attributes larger than a heap takes', 'Write smaller attributes')
  const [offset, length] = [part.uint(offsetBytes), part.uint(lengthBytes)]
  if (heap.root === undefined) throw source.invalid('a heap with blocks', 'an empty one')
  let block = { address: heap.root, rows: heap.rootRows, from: 0 }
  for (let depth = 0; block.rows > 0; depth++) {
    if (depth === deepest) throw source.invalid('a heap of a few levels', 'one of more')
    block = await childAt(heap, block, offset)
  }
  return source.structure(block.address + offset - block.from, length)
}

/** The block, direct or not, below an indirect one that holds a place of the heap. */
async function childAt(heap: Heap, block: { address: number; rows: number; from: number }, offset: number) {
  const { source, width, startBytes, directRows } = heap
  const sizeOf = (row: number) => startBytes * 2 ** Math.max(0, row - 1)
  let from = block.from
  for (let row = 0; row < block.rows; row++) {
    const size = sizeOf(row)
    if (offset >= from + width * size) {
      from += width * size
      continue
    }
    const column = Math.floor((offset - from) / size)
    const head = 5 + source.offsetBytes + heap.offsetBytes
    const rows = row < directRows ? 0 : logOf(size) - logOf(startBytes * width) + 1
    const entries = await source.checked('FHIB', block.address, head + block.rows * width * source.offsetBytes + 4)
    entries.skip(head - 4 + (row * width + column) * source.offsetBytes)
    const address = entries.place()
    if (rows < 0) throw source.invalid('blocks of a size that holds others', `${size} bytes`)
    return { address, rows, from: from + column * size }
  }
  throw source.invalid('a place within the heap', `${offset}`)
}
