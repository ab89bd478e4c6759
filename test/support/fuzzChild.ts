/**
 * One reader over mutated files, in a process of its own: `node fuzzChild.ts READER RUNS SEED FOLDER`. Tells its parent
 * after every hundred files how far it is, so that a file on which the reader hangs ends this process and not the tests.
 * Every size that an array is asked for is noted before it is allocated, whether or not its memory is ever touched.
 */
import { ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { mutate, randomFrom } from './fuzz.ts'
import { fuzzReaders, scratchFor } from './fuzzReaders.ts'
import type { FuzzReader, FuzzReaderName } from './fuzzReaders.ts'

export interface FuzzReport {
  readonly done: number
  /** Files that were read as data, and those that were refused, by code. */
  readonly read: number
  readonly refused: Readonly<Record<string, number>>
  /** What was neither, with the number of the mutation. */
  readonly faults: readonly string[]
  /** The most that one array asked for beyond what its file allows, in bytes; below zero where none did. */
  readonly overAllowed: number
  /** Growth of the process's resident memory at its highest, in bytes. */
  readonly grown: number
  /** CPU seconds of the file that took most, by all threads of the process, and its number. */
  readonly slowest: { readonly seconds: number; readonly mutation: number }
}

const [name, runs, seed, root] = process.argv.slice(2) as [FuzzReaderName, string, string, string]
const reader: FuzzReader = fuzzReaders[name]

let asked = 0
const note = (bytes: number) => {
  if (bytes > asked) asked = bytes
}
watchAllocations()

const folder = scratchFor(root, name)
const seeds = reader.seeds()
const read = await reader.read()
const path = join(folder, reader.name)
// Left open: opening it for every mutation would take as long as most readers do.
const handle = openSync(path, 'w')
function place(bytes: Buffer): void {
  writeSync(handle, bytes, 0, bytes.length, 0)
  ftruncateSync(handle, bytes.length)
}
// What reading a sound file takes is not the mutations'.
for (const bytes of seeds) {
  place(bytes)
  await Promise.resolve(read(path, folder)).catch(() => undefined)
}

const before = process.resourceUsage().maxRSS
const random = randomFrom(Number(seed))
const refused: Record<string, number> = {}
const faults: string[] = []
let sound = 0
let over = -Infinity
let slowest: FuzzReport['slowest'] = { seconds: 0, mutation: 0 }
for (let run = 0; run < Number(runs); run++) {
  const bytes = mutate(seeds, random)
  place(bytes)
  asked = 0
  const began = process.cpuUsage()
  try {
    await read(path, folder)
    sound++
  } catch (error) {
    const code = error instanceof Error && 'code' in error && error.name === 'HeschlError' ? String(error.code) : ''
    if (code === '' || code === 'INTERNAL') {
      faults.push(`mutation ${run}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      writeFileSync(join(root, `${name}-${run}`), bytes)
    } else refused[code] = (refused[code] ?? 0) + 1
  }
  const { user, system } = process.cpuUsage(began)
  if ((user + system) / 1e6 > slowest.seconds) slowest = { seconds: (user + system) / 1e6, mutation: run }
  if (asked - reader.perByte * bytes.length - reader.beyond > over)
    over = asked - reader.perByte * bytes.length - reader.beyond
  if (run % 100 === 99 || run === Number(runs) - 1 || faults.length >= 3) tell(run + 1)
  if (faults.length >= 3) break
}

function tell(done: number): void {
  const grown = (process.resourceUsage().maxRSS - before) * 1024
  process.send!({ done, read: sound, refused, faults, overAllowed: over, grown, slowest } satisfies FuzzReport)
}

function watchAllocations(): void {
  for (const kind of ['Uint8Array', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array'] as const)
    watch(kind)
  for (const kind of ['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'ArrayBuffer'] as const)
    watch(kind)
  const { alloc, allocUnsafe } = Buffer
  Buffer.alloc = (size: number, ...rest: []) => {
    note(size)
    return alloc.call(Buffer, size, ...rest)
  }
  Buffer.allocUnsafe = (size) => {
    note(size)
    return allocUnsafe.call(Buffer, size)
  }
}

function watch(
  kind:
    | 'ArrayBuffer'
    | 'Uint8Array'
    | 'Int8Array'
    | 'Uint16Array'
    | 'Int16Array'
    | 'Uint32Array'
    | 'Int32Array'
    | 'Float32Array'
    | 'Float64Array'
    | 'BigInt64Array'
    | 'BigUint64Array',
): void {
  const original = globalThis[kind]
  const width = 'BYTES_PER_ELEMENT' in original ? original.BYTES_PER_ELEMENT : 1
  Object.assign(globalThis, {
    [kind]: new Proxy(original, {
      construct(target, args: unknown[], self) {
        if (typeof args[0] === 'number') note(args[0] * width)
        return Reflect.construct(target, args, self) as object
      },
    }),
  })
}
