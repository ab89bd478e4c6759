import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { chunkBytes } from '../../../src-main/store/arrays.ts'
import type { StoredArray } from '../../../src-main/store/arrays.ts'
import { canonicalJson, contentKey, contentKeys } from '../../../src-main/store/keys.ts'
import { Store } from '../../../src-main/store/store.ts'
import type { StepRecord } from '../../../src-main/store/store.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-store-'))
  path = join(folder, '.heschl', 'study.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const record = (key: string): StepRecord => ({
  key,
  kind: 'fit',
  label: 'Fit of w2v transf0, sub-01',
  inputs: { kind: 'fit' },
  provenance: { node: '24' },
  seconds: 2,
  work: 4,
})

const codeOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof HeschlError) return error.code
    throw error
  }
  return 'none'
}

test('what is put is what is read, after closing and opening again', () => {
  const arrays: StoredArray[] = [
    { name: 'r', shape: [3], data: new Float32Array([0.5, NaN, -0]) },
    { name: 'alpha', shape: [2, 2], data: new Uint8Array([0, 19, 255, 3]) },
    { name: 'empty', shape: [0, 7], data: new Float64Array(0) },
  ]
  const first = new Store(path)
  first.put(record('a'), arrays)
  first.close()
  const second = new Store(path)
  for (const array of arrays) expect(second.array('a', array.name)).toEqual(array)
  expect(second.step('a')).toMatchObject(record('a'))
  expect(second.has('a')).toBe(true)
  expect(second.has('b')).toBe(false)
  second.close()
})

test('an array of several chunks comes back whole', () => {
  const data = Float32Array.from({ length: chunkBytes / 2 + 13 }, (_, i) => Math.fround(Math.sin(i)))
  const store = new Store(path)
  store.put(record('a'), [{ name: 'x', shape: [data.length], data }])
  expect(store.array('a', 'x').data).toEqual(data)
  store.close()
})

test('any float32 bits survive', () => {
  const store = new Store(path)
  fc.assert(
    fc.property(fc.float32Array({ minLength: 0, maxLength: 50 }), (data) => {
      store.put(record('a'), [{ name: 'x', shape: [data.length], data }])
      const read = store.array('a', 'x').data as Float32Array
      expect(new Uint8Array(read.buffer)).toEqual(new Uint8Array(data.slice().buffer))
    }),
    { numRuns: 50 },
  )
  store.close()
})

test('a step whose arrays cannot be stored is not stored at all', () => {
  const store = new Store(path)
  const bad: StoredArray = { name: 'x', shape: [2, 2], data: new Float32Array(3) }
  expect(() => store.put(record('a'), [{ name: 'r', shape: [1], data: new Float32Array(1) }, bad])).toThrow()
  expect(store.has('a')).toBe(false)
  store.close()
})

test('a second Heschl is refused with who holds the study, and the first loses nothing', () => {
  const store = new Store(path)
  store.put(record('a'), [])
  expect(codeOf(() => new Store(path, { waitMilliseconds: 20 }))).toBe('STUDY_LOCKED')
  try {
    new Store(path, { waitMilliseconds: 20 })
  } catch (error) {
    expect((error as Error).message).toContain(`process ${process.pid}`)
  }
  expect(store.has('a')).toBe(true)
  store.close()
  const next = new Store(path)
  expect(next.has('a')).toBe(true)
  next.close()
})

test('the lock goes with a killed process, and what it stored stays', () => {
  const module = resolve('src-main/store/store.ts')
  const script = `
    import { Store } from ${JSON.stringify(module)}
    const store = new Store(${JSON.stringify(path)})
    store.put(${JSON.stringify(record('a'))}, [{ name: 'r', shape: [2], data: new Float32Array([1, 2]) }])
    process.kill(process.pid, 'SIGKILL')
  `
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  if (process.platform !== 'win32') expect(signal).toBe('SIGKILL')
  const store = new Store(path)
  expect(store.array('a', 'r').data).toEqual(new Float32Array([1, 2]))
  store.close()
})

test('a file that is no database, a newer store and a damaged array each have their error', () => {
  new Store(path).close()
  writeFileSync(path, 'this is not a database, but it is long enough to look at'.repeat(40))
  expect(codeOf(() => new Store(path))).toBe('STORE_CORRUPT')
  rmSync(path)

  const db = new Database(path)
  db.pragma('user_version = 999')
  db.close()
  expect(codeOf(() => new Store(path))).toBe('STORE_NEWER')
  rmSync(path)

  const store = new Store(path)
  store.put(record('a'), [{ name: 'r', shape: [4], data: new Float32Array([1, 2, 3, 4]) }])
  store.close()
  const damage = new Database(path)
  damage.exec('UPDATE chunks SET data = zeroblob(16)')
  damage.close()
  const again = new Store(path)
  expect(codeOf(() => again.array('a', 'r'))).toBe('STORE_CORRUPT')
  again.remove('a')
  expect(again.has('a')).toBe(false)
  again.close()
})

test('a store cut short is told as damaged, not as empty', () => {
  const store = new Store(path)
  store.put(record('a'), [{ name: 'r', shape: [300_000], data: new Float32Array(300_000).fill(1) }])
  store.close()
  truncateSync(path, 60_000)
  const open = () => {
    const again = new Store(path)
    try {
      again.array('a', 'r')
    } finally {
      again.close()
    }
  }
  expect(codeOf(open)).toBe('STORE_CORRUPT')
})

test('a full disk is told as such and what was stored before is still there', () => {
  const store = new Store(path)
  store.put(record('a'), [{ name: 'r', shape: [1], data: new Float32Array([7]) }])
  store.close()
  // SQLite gives the very error of a full disk when a database may not grow.
  const full = new Store(path, { maxBytes: 200_000 })
  const data = new Float32Array(500_000).fill(1)
  expect(codeOf(() => full.put(record('b'), [{ name: 'x', shape: [data.length], data }]))).toBe('DISK_FULL')
  expect(full.has('b')).toBe(false)
  expect(full.array('a', 'r').data).toEqual(new Float32Array([7]))
  full.close()
})

describe('file hashes', () => {
  test('an old file is hashed once; a changed one again', async () => {
    const file = join(folder, 'audio.wav')
    writeFileSync(file, 'one')
    const past = new Date(Date.now() - 60_000)
    utimesSync(file, past, past)
    const store = new Store(path)
    const first = await store.fileHash(file)
    // Same size and time, other bytes: only the remembered hash can explain the answer.
    writeFileSync(file, 'two')
    utimesSync(file, past, past)
    expect(await store.fileHash(file)).toBe(first)
    utimesSync(file, new Date(Date.now() - 30_000), new Date(Date.now() - 30_000))
    expect(await store.fileHash(file)).not.toBe(first)
    store.close()
  })

  test('a missing file is told as such', async () => {
    const store = new Store(path)
    await expect(store.fileHash(join(folder, 'none'))).rejects.toThrow()
    store.close()
  })
})

test('content keys do not depend on the order of keys, and on everything else', () => {
  const identity = { kind: 'fit', version: 1, parameters: { a: 1, b: [1, 2] }, inputs: ['x'] }
  expect(contentKey({ ...identity, parameters: { b: [1, 2], a: 1 } })).toBe(contentKey(identity))
  expect(contentKey({ ...identity, version: 2 })).not.toBe(contentKey(identity))
  expect(contentKey({ ...identity, inputs: ['y'] })).not.toBe(contentKey(identity))
  expect(contentKey({ ...identity, parameters: { a: 1, b: [2, 1] } })).not.toBe(contentKey(identity))
})

test('a content key is the sha256 of the canonical JSON of the whole identity, however often its parameters are used', () => {
  const identity = fc.record({
    kind: fc.string(),
    version: fc.nat(),
    parameters: fc.jsonValue(),
    inputs: fc.array(fc.string(), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(identity, fc.string(), (one, other) => {
      for (const own of [one, { ...one, inputs: [other] }, one]) {
        expect(contentKey(own)).toBe(createHash('sha256').update(canonicalJson(own)).digest('hex'))
        const [first = '', ...rest] = own.inputs
        const whole = contentKey({ ...own, inputs: [first, ...rest] })
        expect(contentKeys({ ...own, inputs: rest })(first)).toBe(whole)
      }
    }),
  )
})

test('what is stored and removed while a store is open is known at once', () => {
  const store = new Store(path)
  const record = { kind: 'fit', label: '', inputs: null, provenance: {}, seconds: 0, work: 0 }
  expect(store.has('a')).toBe(false)
  store.put({ ...record, key: 'a' }, [])
  expect(() => store.put({ ...record, key: 'b' }, [{ name: 'r', shape: [2], data: new Float32Array(1) }])).toThrow()
  expect([store.has('a'), store.has('b')]).toEqual([true, false])
  store.remove('a')
  expect(store.has('a')).toBe(false)
  store.close()
})

test('canonical JSON reads back as the value, and refuses what JSON would distort', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(() => canonicalJson({ a: NaN })).toThrow()
  expect(() => canonicalJson([() => 1])).toThrow()
})

test('closing takes the owner note away', () => {
  const store = new Store(path)
  expect(JSON.parse(readFileSync(`${path}.owner`, 'utf8'))).toMatchObject({ pid: process.pid })
  store.close()
  expect(existsSync(`${path}.owner`)).toBe(false)
})

describe('parts of a step that is not finished', () => {
  const data = (first: number) => Float32Array.from({ length: 6 }, (_, i) => first + i)
  const part = (place: number) => ({
    place,
    seconds: 2,
    arrays: [
      { name: 'r', shape: [3], data: data(place).slice(0, 3) },
      { name: 'alpha', shape: [2, 3], data: Uint8Array.from(data(place)) },
    ],
  })

  test('come back in order as they were, until the step is stored whole', () => {
    const store = new Store(path)
    store.putPart('a', part(1))
    store.putPart('a', { ...part(0), seconds: 9 })
    store.putPart('a', part(0))
    store.putPart('b', part(0))
    expect(store.parts('a')).toEqual([part(0), part(1)])
    store.close()
    const next = new Store(path)
    expect(next.parts('a')).toEqual([part(0), part(1)])
    next.put(record('a'), [])
    expect(next.parts('a')).toEqual([])
    expect(next.parts('b')).toEqual([part(0)])
    next.keepParts(['c'])
    expect(next.parts('b')).toEqual([])
    next.close()
  })

  test('a damaged part is forgotten, the others stay', () => {
    const store = new Store(path)
    store.putPart('a', part(0))
    store.putPart('a', part(1))
    store.close()
    const db = new Database(path)
    db.prepare("UPDATE parts SET data = zeroblob(12) WHERE place = 1 AND name = 'r'").run()
    db.close()
    const next = new Store(path)
    expect(next.parts('a')).toEqual([part(0)])
    next.close()
  })
})

test('what is known of a file is known as of its stamp alone, and in the next process once it is written', () => {
  const first = new Store(path)
  first.keepKnown('shape of a.npy', '8:1', { volumes: 3, vertices: 2 })
  expect(first.known('shape of a.npy', '8:1')).toEqual({ volumes: 3, vertices: 2 })
  expect(first.known('shape of a.npy', '8:2')).toBeUndefined()
  first.writeKnown()
  first.keepKnown('shape of b.npy', '8:1', 1)
  first.close()
  const second = new Store(path)
  expect(second.known('shape of a.npy', '8:1')).toEqual({ volumes: 3, vertices: 2 })
  expect(second.known('shape of b.npy', '8:1')).toBeUndefined()
  second.close()
})
