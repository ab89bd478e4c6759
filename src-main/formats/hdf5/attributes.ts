/** Attributes of an object: in its header, or in a heap where they are many. */
import { recordsOf } from './btree2.ts'
import { openHeap } from './fractalHeap.ts'
import type { Messages } from './objects.ts'
import type { Cursor, Hdf5Source } from './source.ts'
import { readShape, readType } from './types.ts'
import type { Hdf5Type } from './types.ts'

export interface Attribute {
  readonly type: Hdf5Type
  readonly count: number
  readonly data: Buffer
}

const attributesByName = 8

/** By name. @throws HeschlError FORMAT_INVALID */
export async function readAttributes(source: Hdf5Source, messages: Messages): Promise<ReadonlyMap<string, Attribute>> {
  const found = new Map<string, Attribute>()
  for (const message of await messages.all('attribute')) addAttribute(message, found)
  const info = await messages.one('attributeInfo')
  if (!info) return found
  info.skip(1)
  if ((info.u8() & 1) !== 0) info.skip(2)
  const [heap, names] = [info.address(), info.address()]
  if (heap === undefined || names === undefined) return found
  const objectOf = await openHeap(source, heap)
  for await (const { kind, record } of recordsOf(source, names)) {
    if (kind !== attributesByName) throw source.invalid('an index of names', `an index of kind ${kind}`)
    addAttribute(await objectOf(record), found)
  }
  return found
}

function addAttribute(cursor: Cursor, found: Map<string, Attribute>): void {
  const [version, flags] = [cursor.u8(), cursor.u8()]
  if (version < 1 || version > 3) throw cursor.source.invalid('attributes of version 1 to 3', `version ${version}`)
  const sizes = [cursor.u16(), cursor.u16(), cursor.u16()]
  if (version === 3) cursor.skip(1)
  const [nameBytes, typeBytes, shapeBytes] = version === 1 ? sizes.map((size) => Math.ceil(size / 8) * 8) : sizes
  const name = cursor.name(nameBytes)
  const [typePart, shapePart] = [cursor.part(typeBytes), cursor.part(shapeBytes)]
  // Of a type that has a name of its own the message holds a reference: no attribute that is looked at has one
  if ((flags & 1) !== 0 && version > 1) return
  const type = readType(typePart)
  const shape = readShape(shapePart)
  const count = shape ? shape.sizes.reduce((product, n) => product * n, 1) : 0
  if (count * type.bytes <= cursor.left) found.set(name, { type, count, data: cursor.bytes(count * type.bytes) })
}
