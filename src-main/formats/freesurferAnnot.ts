/** FreeSurfer's parcellations (.annot), with the colour tables of either version. */
import { BigEndianReader } from './bigEndian.ts'

export interface AnnotEntry {
  readonly name: string
  /** 0–255. */
  readonly rgb: readonly [number, number, number]
  /** 0: opaque. */
  readonly transparency: number
}

export interface Annot {
  /** A vertex's entry in the table; -1: none. */
  readonly labels: Int32Array<ArrayBuffer>
  /** By the table's own indices; without those that it leaves out. */
  readonly entries: ReadonlyMap<number, AnnotEntry>
}

/** FreeSurfer's own table of the whole brain has some 1,300; names have at most a few hundred characters. */
const mostEntries = 100_000
const longestText = 65_536

/**
 * Reads a parcellation. A vertex names its region by that region's colour; 0 is no region, unless a region is black.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID; also where a colour is not in the table
 */
export async function readAnnot(path: string): Promise<Annot> {
  const reader = await BigEndianReader.open(path, 'a FreeSurfer annotation file')
  const count = reader.count(reader.int32(), 8, 'vertices')
  const pairs = reader.int32s(2 * count)
  const entries = readTable(reader)
  const byColour = new Map<number, number>()
  for (const [index, { rgb }] of entries) {
    const colour = rgb[0] | (rgb[1] << 8) | (rgb[2] << 16)
    if (!byColour.has(colour)) byColour.set(colour, index)
  }
  const labels = new Int32Array(count).fill(-1)
  for (let i = 0; i < count; i++) {
    const [vertex, colour] = [pairs[2 * i], pairs[2 * i + 1]]
    if (vertex < 0 || vertex >= count) throw reader.invalid(`vertices from 0 to ${count - 1}`, `vertex ${vertex}`)
    const index = byColour.get(colour) ?? (colour === 0 ? -1 : undefined)
    if (index === undefined) throw reader.invalid('colours of its table', `${colour}, which the table lacks`)
    labels[vertex] = index
  }
  return { labels, entries }
}

function readTable(reader: BigEndianReader): Map<number, AnnotEntry> {
  if (reader.left < 8 || reader.int32() !== 1) throw reader.invalid('a colour table', 'none')
  const first = reader.int32()
  if (first > 0) return readOldTable(reader, first)
  if (first !== -2) throw reader.invalid('a colour table of version 2, or of the old form', `version ${-first}`)
  // The highest index, whether or not it is there
  reader.int32()
  readText(reader)
  const count = reader.int32()
  return readEntries(reader, count, () => reader.int32())
}

function readOldTable(reader: BigEndianReader, count: number): Map<number, AnnotEntry> {
  readText(reader)
  let index = 0
  return readEntries(reader, count, () => index++)
}

function readEntries(reader: BigEndianReader, said: number, indexOf: () => number): Map<number, AnnotEntry> {
  const count = reader.count(said, 20, 'regions')
  if (count > mostEntries) throw reader.invalid(`at most ${mostEntries} regions`, `${count}`)
  const entries = new Map<number, AnnotEntry>()
  for (let i = 0; i < count; i++) {
    const index = indexOf()
    const name = readText(reader)
    const [red, green, blue, transparency] = [reader.int32(), reader.int32(), reader.int32(), reader.int32()]
    const bad = [red, green, blue].find((part) => part < 0 || part > 255)
    if (bad !== undefined) throw reader.invalid('colours of 0 to 255', `${bad} in region ${JSON.stringify(name)}`)
    if (index < 0 || entries.has(index)) throw reader.invalid('an index once a region', `${index}`)
    entries.set(index, { name, rgb: [red, green, blue], transparency })
  }
  return entries
}

function readText(reader: BigEndianReader): string {
  const length = reader.int32()
  if (length < 0 || length > longestText) throw reader.invalid(`names of at most ${longestText} bytes`, `${length}`)
  return reader.text(length)
}
