/**
 * safetensors: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
 * Source: https://huggingface.co/docs/safetensors (format) and the checks of `safetensors/src/tensor.rs`: the tensors'
 * bytes start at 0, follow each other without a hole or an overlap, end at the end of the file, and agree with their
 * shapes.
 *
 * A file is not trusted: its sizes are checked against the file's before anything is allocated for them.
 */
import { open, stat } from 'node:fs/promises'
import { HeschlError } from '../errors.ts'

const bytesPerElement = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const

export type Dtype = keyof typeof bytesPerElement

/** What a tensor is and where it lies in its file. */
export interface TensorEntry {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly bytes: number
}

/** Room for some 60,000 tensors; the largest speech models have about a thousand. */
const largestHeader = 8 * 1024 * 1024

/**
 * Reads where a file's tensors lie, not the tensors.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID (not safetensors, or cut short),
 *   CHECKPOINT_INVALID (a tensor's place or size is not what the file can hold)
 */
export async function readSafetensorsHeader(file: string): Promise<ReadonlyMap<string, TensorEntry>> {
  try {
    const { size } = await statFile(file)
    const handle = await open(file)
    try {
      const prefix = new Uint8Array(8)
      const { bytesRead } = await handle.read(prefix, 0, 8, 0)
      const header = new Uint8Array(headerLength(prefix.subarray(0, bytesRead), size, file))
      const read = await handle.read(header, 0, header.length, 8)
      return parseSafetensorsHeader(header.subarray(0, read.bytesRead), size, file)
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
}

/** Looks before opening: opening a named pipe would wait for a writer for ever. */
async function statFile(file: string) {
  const found = await stat(file)
  if (found.isFile()) return found
  throw new HeschlError('FILE_UNREADABLE', 'Not a file', {
    expected: 'a safetensors file',
    found: found.isDirectory() ? 'a folder' : 'a device or a pipe',
    where: { file },
    remedy: 'Give the path of the file that has the weights',
  })
}

/** The header's length from the file's first eight bytes, checked against the file's size. */
function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.length < 8) {
    throw invalid(file, 'a safetensors file, which starts with 8 bytes of header length', `${fileBytes} bytes in all`)
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true)
  if (length > BigInt(fileBytes - 8)) {
    throw invalid(file, `a header of at most ${fileBytes - 8} bytes, what the file has left`, `${length} bytes claimed`)
  }
  if (length > BigInt(largestHeader)) {
    throw invalid(file, `a header of at most ${largestHeader} bytes`, `${length} bytes claimed`)
  }
  return Number(length)
}

/**
 * @param header the JSON header's bytes, without the length before it
 * @param fileBytes the whole file's size
 * @param file for messages
 * @throws HeschlError as `readSafetensorsHeader`
 */
function parseSafetensorsHeader(header: Uint8Array, fileBytes: number, file: string): ReadonlyMap<string, TensorEntry> {
  const dataStart = 8 + header.length
  const tensors = new Map<string, TensorEntry>()
  for (const [name, value] of Object.entries(parseJson(header, file))) {
    if (name === '__metadata__') continue
    tensors.set(name, parseEntry(value, dataStart, fileBytes, name, file))
  }
  checkContiguous(tensors, dataStart, fileBytes, file)
  return tensors
}

function parseJson(header: Uint8Array, file: string): object {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))
  } catch (cause) {
    throw invalid(file, 'a JSON header', cause instanceof Error ? cause.message : String(cause), cause)
  }
  if (!isRecord(parsed)) throw invalid(file, 'a JSON object of tensors as header', 'another JSON value')
  return parsed
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function parseEntry(value: unknown, dataStart: number, fileBytes: number, name: string, file: string): TensorEntry {
  const where = { file, tensor: name }
  const bad = (expected: string, found: string) =>
    new HeschlError('CHECKPOINT_INVALID', "A tensor's entry in the header is not valid", {
      expected,
      found: found.slice(0, 200),
      where,
      remedy: 'Copy or download the file again',
    })
  if (!isRecord(value)) throw bad('an object with dtype, shape and data_offsets', typeof value)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    throw bad(`a dtype: ${Object.keys(bytesPerElement).join(', ')}`, String(JSON.stringify(dtype)))
  }
  if (!Array.isArray(shape) || shape.length > 16 || !shape.every(isSize)) {
    throw bad('a shape of at most 16 sizes', String(JSON.stringify(shape)))
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[0] > offsets[1]) {
    throw bad('data_offsets [begin, end]', String(JSON.stringify(offsets)))
  }
  const [begin, end] = offsets as [number, number]
  if (dataStart + end > fileBytes) {
    throw bad(`bytes within the ${fileBytes - dataStart} that follow the header`, `bytes ${begin} to ${end}`)
  }
  const bytes = shape.reduce((product, size) => product * size, bytesPerElement[dtype as Dtype])
  if (bytes !== end - begin) {
    throw bad(`${bytes} bytes for ${dtype} [${shape.join(', ')}]`, `${end - begin} bytes`)
  }
  return { dtype: dtype as Dtype, shape, offset: dataStart + begin, bytes }
}

function checkContiguous(
  tensors: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  fileBytes: number,
  file: string,
) {
  let end = dataStart
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes)
  for (const [tensor, entry] of inOrder) {
    if (entry.offset !== end) {
      throw new HeschlError('CHECKPOINT_INVALID', 'Tensors overlap or leave a hole', {
        expected: `a tensor that starts at byte ${end}`,
        found: `byte ${entry.offset}`,
        where: { file, tensor },
        remedy: 'Copy or download the file again',
      })
    }
    end += entry.bytes
  }
  if (end !== fileBytes) throw invalid(file, `a file of ${end} bytes, where its tensors end`, `${fileBytes} bytes`)
}

function invalid(file: string, expected: string, found: string, cause?: unknown): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not a whole safetensors file', {
    expected,
    found,
    where: { file },
    remedy: 'Copy or download the file again',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** A tensor to write; `read` is called once, when its turn comes, so that one tensor at a time is in memory. */
export interface TensorSource {
  readonly name: string
  readonly shape: readonly number[]
  read(): Float32Array
}

/**
 * Writes float32 tensors in the order given; the header is padded with spaces so that every tensor is aligned.
 * @throws HeschlError DISK_FULL, FILE_UNREADABLE
 */
export async function writeSafetensors(file: string, tensors: readonly TensorSource[]): Promise<void> {
  try {
    const handle = await open(file, 'w')
    try {
      await handle.writeFile(safetensorsHeader(tensors))
      for (const tensor of tensors) {
        const data = tensor.read()
        await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      }
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
}

/**
 * The first bytes of a file of tensors, which follow in the order given: the header's length and the header.
 * @param tensors float32 where they do not say otherwise
 */
export function safetensorsHeader(
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype?: Dtype }[],
): Buffer {
  let end = 0
  const entries = tensors.map(({ name, shape, dtype = 'F32' }) => {
    const begin = end
    end += shape.reduce((product, size) => product * size, bytesPerElement[dtype])
    return [name, { dtype, shape, data_offsets: [begin, end] }]
  })
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  json.copy(header, 8)
  return header
}
