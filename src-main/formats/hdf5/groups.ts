/** What a group holds: links in tables of symbols, in messages, or in a heap. */
import { recordsOf } from './btree2.ts'
import { openHeap } from './fractalHeap.ts'
import type { Messages } from './objects.ts'
import type { Cursor, Hdf5Source } from './source.ts'

/** To an object's header, to a path in the file, or to another file. */
export type Link =
  | { readonly kind: 'hard'; readonly address: number }
  | { readonly kind: 'soft'; readonly path: string }
  | { readonly kind: 'external'; readonly file: string }

/** B-trees of version 2 by what they index. */
const linksByName = 5

/** @returns the links by name; undefined where the object is no group. @throws HeschlError FORMAT_INVALID */
export async function readLinks(
  source: Hdf5Source,
  messages: Messages,
): Promise<ReadonlyMap<string, Link> | undefined> {
  const links = new Map<string, Link>()
  const table = await messages.one('symbolTable')
  if (table) {
    await readSymbols(source, table, links)
    return links
  }
  const info = await messages.one('linkInfo')
  if (!info) return undefined
  for (const message of await messages.all('link')) addLink(message, links)
  info.skip(1)
  const flags = info.u8()
  if ((flags & 1) !== 0) info.skip(8)
  const [heap, names] = [info.address(), info.address()]
  if (heap === undefined || names === undefined) return links
  const objectOf = await openHeap(source, heap)
  for await (const { kind, record } of recordsOf(source, names)) {
    if (kind !== linksByName) throw source.invalid('an index of names', `an index of kind ${kind}`)
    record.skip(4)
    addLink(await objectOf(record), links)
  }
  return links
}

function addLink(cursor: Cursor, links: Map<string, Link>): void {
  const [version, flags] = [cursor.u8(), cursor.u8()]
  if (version !== 1) throw cursor.source.invalid('links of version 1', `version ${version}`)
  const kind = (flags & 8) === 0 ? 0 : cursor.u8()
  if ((flags & 4) !== 0) cursor.skip(8)
  if ((flags & 16) !== 0) cursor.skip(1)
  const name = cursor.name(cursor.uint(1 << (flags & 3)))
  if (kind === 0) links.set(name, { kind: 'hard', address: cursor.place() })
  else if (kind === 1) links.set(name, { kind: 'soft', path: cursor.name(cursor.u16()) })
  else {
    const length = cursor.u16()
    if (length > 0) cursor.skip(1)
    links.set(name, { kind: 'external', file: cursor.name(Math.max(0, length - 1)) })
  }
}

/** Of a tree of groups: levels go down to tables of symbols. */
const groupTree = 0

async function readSymbols(source: Hdf5Source, table: Cursor, links: Map<string, Link>): Promise<void> {
  const [tree, heap] = [table.place(), table.place()]
  const head = await source.signed('HEAP', heap, 8 + 2 * source.lengthBytes + source.offsetBytes)
  head.skip(4)
  const bytes = head.length()
  head.length()
  const names = await source.structure(head.place(), bytes)
  const nameAt = (place: number) => {
    names.at = 0
    names.skip(place)
    return names.name(names.left)
  }
  for await (const address of tablesBelow(source, tree)) {
    const symbols = await source.signed('SNOD', address, 8)
    symbols.skip(2)
    const count = symbols.u16()
    const entryBytes = 2 * source.offsetBytes + 24
    const entries = await source.structure(address + 8, count * entryBytes)
    for (let i = 0; i < count; i++) {
      const entry = entries.part(entryBytes)
      const [name, header, cached] = [nameAt(entry.uint(source.offsetBytes)), entry.address(), entry.u32()]
      entry.skip(4)
      if (cached === 2) links.set(name, { kind: 'soft', path: nameAt(entry.u32()) })
      else if (header !== undefined) links.set(name, { kind: 'hard', address: header })
    }
  }
}

async function* tablesBelow(source: Hdf5Source, address: number, under = 256): AsyncGenerator<number> {
  const head = await source.signed('TREE', address, 8 + 2 * source.offsetBytes)
  const [kind, level, count] = [head.u8(), head.u8(), head.u16()]
  if (kind !== groupTree || level >= under) throw source.invalid('a tree of groups', `kind ${kind}, level ${level}`)
  const each = source.lengthBytes + source.offsetBytes
  const children = await source.structure(address + 8 + 2 * source.offsetBytes, count * each)
  for (let i = 0; i < count; i++) {
    children.skip(source.lengthBytes)
    const child = children.place()
    if (level === 0) yield child
    else yield* tablesBelow(source, child, level)
  }
}
