/** B-trees of version 2, which index links, attributes and chunks. */
import type { Cursor, Hdf5Source } from './source.ts'

const bytesFor = (most: number) => Math.floor(Math.log2(Math.max(1, most)) / 8) + 1
/** Of 2⁵³ records in nodes of two. */
const deepest = 53

/**
 * All records, in order, one after the other.
 * @throws HeschlError FORMAT_INVALID
 */
export async function* recordsOf(
  source: Hdf5Source,
  address: number,
): AsyncGenerator<{ readonly kind: number; readonly record: Cursor }> {
  const cursor = await source.checked('BTHD', address, 22 + source.offsetBytes + source.lengthBytes)
  cursor.skip(1)
  const kind = cursor.u8()
  const [nodeBytes, recordBytes, depth] = [cursor.u32(), cursor.u16(), cursor.u16()]
  cursor.skip(2)
  const [root, count] = [cursor.address(), cursor.u16()]
  if (recordBytes === 0 || nodeBytes < 10 + recordBytes || depth > deepest)
    throw source.invalid('a tree of records', `${recordBytes} bytes a record, ${nodeBytes} a node, ${depth} levels`)
  if (root === undefined || count === 0) return
  const tree = { source, kind, recordBytes, levels: levelsOf(source, nodeBytes, recordBytes, depth) }
  for await (const record of below(tree, { address: root, count, level: depth })) yield { kind, record }
}

interface Level {
  /** Of a number of records in a node below, and of the records in all nodes below it; 0 where they are not said. */
  readonly countBytes: number
  readonly totalBytes: number
}

/** What pointers of every level take: the format leaves it to be worked out from the sizes. */
function levelsOf(source: Hdf5Source, nodeBytes: number, recordBytes: number, depth: number): readonly Level[] {
  const leaf = Math.floor((nodeBytes - 10) / recordBytes)
  const countBytes = bytesFor(leaf)
  let all = leaf
  const levels: Level[] = [{ countBytes: 0, totalBytes: 0 }]
  for (let level = 1; level <= depth; level++) {
    const totalBytes = level > 1 ? bytesFor(all) : 0
    const pointer = source.offsetBytes + countBytes + totalBytes
    const most = Math.floor((nodeBytes - 10 - pointer) / (recordBytes + pointer))
    if (most < 1 || totalBytes > 8) throw source.invalid('nodes that hold records', 'nodes too small for one')
    levels.push({ countBytes, totalBytes })
    all = (most + 1) * all + most
  }
  return levels
}

interface Tree {
  readonly source: Hdf5Source
  readonly recordBytes: number
  readonly levels: readonly Level[]
}

async function* below(
  tree: Tree,
  { address, count, level }: { readonly address: number; readonly count: number; readonly level: number },
): AsyncGenerator<Cursor> {
  const { source, recordBytes, levels } = tree
  const { countBytes, totalBytes } = levels[level]
  const pointers = level === 0 ? 0 : (count + 1) * (source.offsetBytes + countBytes + totalBytes)
  const node = await source.checked(level === 0 ? 'BTLF' : 'BTIN', address, 10 + count * recordBytes + pointers)
  node.skip(2)
  const records = Array.from({ length: count }, () => node.part(recordBytes))
  if (level === 0) {
    yield* records
    return
  }
  for (let child = 0; child <= count; child++) {
    const [place, own] = [node.place(), node.uint(countBytes)]
    node.skip(totalBytes)
    yield* below(tree, { address: place, count: own, level: level - 1 })
    if (child < count) yield records[child]
  }
}
