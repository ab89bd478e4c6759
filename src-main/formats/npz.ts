/** numpy's NPZ: NPY files in a ZIP archive, stored (`savez`) or deflated (`savez_compressed`). */
import { crc32, deflateRawSync } from 'node:zlib'
import { HeschlError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'
import { npyBytes, readNpyOf } from './npy.ts'
import type { NpyArray } from './npy.ts'
import { parseNpyHeader } from './npyHeader.ts'
import type { NpyHeader } from './npyHeader.ts'
import { openZipEntry, readZipDirectory } from './zip.ts'
import type { ZipEntry } from './zip.ts'

/**
 * Shapes and types of an archive's arrays, by name.
 * @throws HeschlError as `readNpz`
 */
export async function readNpzHeaders(path: string): Promise<ReadonlyMap<string, NpyHeader>> {
  return withFile(path, async (file) => {
    const headers = new Map<string, NpyHeader>()
    for (const [name, entry] of await arraysOf(file))
      headers.set(name, await parseNpyHeader(await openZipEntry(file, entry)))
    return headers
  })
}

/**
 * One array of an archive, which alone is read.
 * @param name as numpy knows it, without `.npy`; may be left out where there is one array
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, PICKLE_REFUSED, OPTION_INVALID for a name that is
 *   not there
 */
export async function readNpz(path: string, name?: string): Promise<NpyArray> {
  return withFile(path, async (file) => readNpyOf(await openNpzEntry(file, name)))
}

/** As `readNpz`: the array as an NPY file of its own. */
export async function openNpzEntry(file: FileBytes, name?: string): Promise<FileBytes> {
  const arrays = await arraysOf(file)
  const entry = name === undefined && arrays.size === 1 ? [...arrays.values()][0] : arrays.get(name ?? '')
  if (entry) return openZipEntry(file, entry)
  const several = name === undefined && arrays.size > 1
  throw new HeschlError('OPTION_INVALID', several ? 'This NPZ file has several arrays' : 'No such array', {
    where: { file: file.path },
    expected: `one of ${[...arrays.keys()].join(', ').slice(0, 300) || 'none: the file is empty'}`,
    found: name ?? 'no name',
  })
}

async function arraysOf(file: FileBytes): Promise<Map<string, ZipEntry>> {
  const arrays = new Map<string, ZipEntry>()
  for (const entry of await readZipDirectory(file)) {
    const name = entry.name.replace(/\.npy$/, '')
    if (arrays.has(name) || name === entry.name)
      throw new HeschlError('FORMAT_INVALID', 'This is not a sound NPZ file', {
        where: { file: file.path },
        expected: 'NPY files with names that differ',
        found: JSON.stringify(entry.name.slice(0, 200)),
        remedy: 'Save the arrays again with numpy.savez',
      })
    arrays.set(name, entry)
  }
  return arrays
}

/**
 * Writes an archive, whole or not at all; every array is deflated. An array of 4 GB or more has to be an NPY file.
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID, DISK_FULL, FILE_UNREADABLE
 */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<void> {
  try {
    await writeFileAtomic(path, archive(path, arrays))
  } catch (error) {
    throw HeschlError.from(error, { file: path })
  }
}

function* archive(path: string, arrays: Readonly<Record<string, NpyArray>>): Generator<Uint8Array> {
  const directory: Buffer[] = []
  let at = 0
  for (const [name, array] of Object.entries(arrays)) {
    const bytes = Buffer.concat([...npyBytes(array, path)])
    const packed = deflateRawSync(bytes, { level: 1 })
    if (at + packed.length >= 0xffffffff || bytes.length >= 0xffffffff)
      throw new HeschlError('OPTION_INVALID', 'Arrays are too large for one NPZ file', {
        where: { file: path },
        expected: 'less than 4 GB',
        found: name,
        remedy: 'Write NPY files',
      })
    const entryName = Buffer.from(`${name}.npy`, 'utf8')
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    // Names are UTF-8
    common.writeUInt16LE(1 << 11, 2)
    common.writeUInt16LE(8, 4)
    // 1 January 1980: the same arrays give the same file
    common.writeUInt16LE((1 << 5) | 1, 8)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(entryName.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, entryName])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, rest, entryName]))
    yield local
    yield packed
    at += local.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  yield central
  yield end
}
