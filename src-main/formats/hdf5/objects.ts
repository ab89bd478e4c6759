/** Superblocks and object headers: what a file begins with, and the messages that make up every object. */
import type { FileBytes } from '../fileBytes.ts'
import { Cursor, Hdf5Source } from './source.ts'

const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')
/** A user's own block, as MATLAB's of 512 bytes, may lie before. */
const furthestSuperblock = 1 << 20

/** Where the superblock begins; undefined where the file is not HDF5. */
export async function findSuperblock(file: FileBytes): Promise<number | undefined> {
  const start = Buffer.alloc(8)
  for (let at = 0; at + 8 <= file.size && at <= furthestSuperblock; at = at === 0 ? 512 : at * 2) {
    await file.read(at, start)
    if (start.equals(signature)) return at
  }
  return undefined
}

/** @returns the source, and the address of the root group's header. @throws HeschlError FORMAT_INVALID */
export async function readSuperblock(file: FileBytes): Promise<{ source: Hdf5Source; root: number }> {
  const at = await findSuperblock(file)
  const plain = new Hdf5Source(file, at ?? 0, 8, 8)
  if (at === undefined) throw plain.invalid('an HDF5 file', 'no signature of HDF5')
  const bytes = Buffer.alloc(Math.min(128, file.size - at))
  await file.read(at, bytes)
  const cursor = new Cursor(bytes, plain)
  cursor.skip(8)
  const version = cursor.u8()
  if (version > 3) throw plain.unsupported(`a superblock of version ${version}`, 'Write the file with an older library')
  if (version <= 1) cursor.skip(4)
  const [offsetBytes, lengthBytes] = [cursor.u8(), cursor.u8()]
  if (![2, 4, 8].includes(offsetBytes) || ![2, 4, 8].includes(lengthBytes))
    throw plain.invalid('addresses of 2, 4 or 8 bytes', `${offsetBytes} and ${lengthBytes}`)
  // What is stored is relative to a base, which is where the superblock is found, whatever was true when it was written
  const source = new Hdf5Source(file, at, offsetBytes, lengthBytes)
  const sized = new Cursor(bytes, source)
  sized.at = cursor.at
  if (version <= 1) {
    sized.skip(1 + 4 + 4 + (version === 1 ? 4 : 0))
    sized.skip(4 * offsetBytes)
    sized.skip(offsetBytes)
  } else {
    const end = sized.at + 1 + 4 * offsetBytes + 4
    new Cursor(bytes.subarray(0, end), source).check('the superblock')
    sized.skip(1 + 3 * offsetBytes)
  }
  return { source, root: sized.place() }
}

/** Types of messages that are looked at. */
const messageTypes = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  external: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const

type MessageType = keyof typeof messageTypes

export class Messages {
  readonly #found: readonly Message[]

  constructor(found: readonly Message[]) {
    this.#found = found
  }

  has(type: MessageType): boolean {
    return this.#found.some((message) => message.type === messageTypes[type])
  }

  /** Messages of a type, each from its beginning; what is shared is read where it is. */
  async all(type: MessageType): Promise<readonly Cursor[]> {
    const found: Cursor[] = []
    for (const message of this.#found)
      if (message.type === messageTypes[type]) found.push(await bodyOf(message, message.body.source))
    return found
  }

  async one(type: MessageType): Promise<Cursor | undefined> {
    return (await this.all(type)).at(0)
  }
}

interface Message {
  readonly type: number
  readonly shared: boolean
  readonly body: Cursor
}

/** @throws HeschlError FORMAT_INVALID */
export async function readMessages(source: Hdf5Source, address: number): Promise<Messages> {
  return new Messages(await messagesAt(source, address))
}

async function messagesAt(source: Hdf5Source, address: number): Promise<readonly Message[]> {
  const start = await source.structure(address, Math.min(16, source.size - address))
  const found: Message[] = []
  const blocks: Block[] = []
  if (start.text(4) === 'OHDR') {
    const [version, flags] = [start.u8(), start.u8()]
    if (version !== 2) throw source.unsupported(`an object header of version ${version}`, older)
    const before = 6 + ((flags & 0x20) === 0 ? 0 : 16) + ((flags & 0x10) === 0 ? 0 : 4)
    const width = 1 << (flags & 3)
    const size = (await source.structure(address + before, width)).uint(width)
    const whole = await source.checked('OHDR', address, before + width + size + 4)
    whole.skip(before + width - 4)
    const ordered = (flags & 4) !== 0
    takeMessages(whole, ordered, found, blocks)
    for (let block = blocks.shift(); block; block = blocks.shift())
      takeMessages(await source.checked('OCHK', block.address, block.length), ordered, found, blocks)
    return found
  }
  start.at = 0
  const version = start.u8()
  if (version !== 1) throw source.invalid(`an object header at ${address}`, 'something else')
  start.skip(7)
  const size = start.u32()
  takeOldMessages(await source.structure(address + 16, size), found, blocks)
  for (let block = blocks.shift(); block; block = blocks.shift())
    takeOldMessages(await source.structure(block.address, block.length), found, blocks)
  return found
}

interface Block {
  readonly address: number
  readonly length: number
}

const older = 'Write the file with an older library, or with libver="v110"'

function takeMessages(cursor: Cursor, ordered: boolean, found: Message[], blocks: Block[]): void {
  const head = ordered ? 6 : 4
  while (cursor.left >= head) {
    const [type, size, flags] = [cursor.u8(), cursor.u16(), cursor.u8()]
    if (ordered) cursor.skip(2)
    take(type, flags, cursor.part(size), found, blocks)
  }
}

function takeOldMessages(cursor: Cursor, found: Message[], blocks: Block[]): void {
  while (cursor.left >= 8) {
    const [type, size, flags] = [cursor.u16(), cursor.u16(), cursor.u8()]
    cursor.skip(3)
    take(type, flags, cursor.part(size), found, blocks)
  }
}

function take(type: number, flags: number, body: Cursor, found: Message[], blocks: Block[]): void {
  if (type === messageTypes.continuation) blocks.push({ address: body.place(), length: body.length() })
  else if (type !== 0) found.push({ type, shared: (flags & 2) !== 0, body })
}

/** A shared message is kept in another object: a data type that has a name of its own. */
async function bodyOf(message: Message, source: Hdf5Source): Promise<Cursor> {
  const { body, shared, type } = message
  body.at = 0
  if (!shared) return body
  const [version, kind] = [body.u8(), body.u8()]
  if (version === 3 && kind === 1) throw source.unsupported('messages in a heap that objects share', older)
  if (version === 1) body.skip(6)
  const there = await messagesAt(source, body.place())
  const own = there.find((other) => other.type === type && !other.shared)
  if (!own) throw source.invalid('the message that an object shares', 'none')
  own.body.at = 0
  return own.body
}
