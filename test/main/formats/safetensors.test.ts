import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { readSafetensorsHeader, writeSafetensors } from '../../../src-main/formats/safetensors.ts'

const reference = fileURLToPath(new URL('../../reference/activations/bfloat16/model.safetensors', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-safetensors-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A file with this header and so many bytes after it. */
async function write(header: unknown, dataBytes: number, claimed?: bigint): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(claimed ?? BigInt(json.length))
  const file = join(folder, 'test.safetensors')
  await writeFile(file, Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]))
  return file
}

test('reads what the reference library wrote', async () => {
  // safetensors 0.8.0 for Python; see test/reference/activations.
  const header = await readSafetensorsHeader(reference)
  expect(header.get('encoder.pos_conv_embed.conv.parametrizations.weight.original1')).toMatchObject({
    dtype: 'BF16',
    shape: [12, 6, 5],
    bytes: 720,
  })
  const bytes = (await readFile(reference)).length
  expect([...header.values()].reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThan(bytes)
  expect(Math.max(...[...header.values()].map(({ offset, bytes: length }) => offset + length))).toBe(bytes)
})

test('metadata, scalars, empty tensors and an empty file are fine', async () => {
  const header = {
    __metadata__: { format: 'pt' },
    empty: { dtype: 'F32', shape: [0, 3], data_offsets: [4, 4] },
    scalar: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
    __proto__x: { dtype: 'I64', shape: [1], data_offsets: [4, 12] },
  }
  const tensors = await readSafetensorsHeader(await write(header, 12))
  const start = 8 + JSON.stringify(header).length
  expect(Object.fromEntries(tensors)).toEqual({
    scalar: { dtype: 'F32', shape: [], offset: start, bytes: 4 },
    empty: { dtype: 'F32', shape: [0, 3], offset: start + 4, bytes: 0 },
    __proto__x: { dtype: 'I64', shape: [1], offset: start + 4, bytes: 8 },
  })
  expect((await readSafetensorsHeader(await write({}, 0))).size).toBe(0)
})

test('a tensor may be called __proto__', async () => {
  const file = await write('{"__proto__":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}', 2)
  expect([...(await readSafetensorsHeader(file)).keys()]).toEqual(['__proto__'])
})

test('what is written is read again, aligned', async () => {
  const arrays = fc.array(
    fc.record({
      shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
      name: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
    }),
    { maxLength: 6 },
  )
  const file = join(folder, 'written.safetensors')
  await fc.assert(
    fc.asyncProperty(arrays, async (list) => {
      const unique = [...new Map(list.filter(({ name }) => name !== '__metadata__').map((t) => [t.name, t])).values()]
      let value = 0
      const tensors = unique.map(({ name, shape }) => ({
        name,
        shape,
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (value += 0.37)),
      }))
      await writeSafetensors(
        file,
        tensors.map(({ name, shape, data }) => ({ name, shape, read: () => data })),
      )
      const header = await readSafetensorsHeader(file)
      const bytes = await readFile(file)
      expect(header.size).toBe(tensors.length)
      for (const { name, shape, data } of tensors) {
        const entry = header.get(name)!
        expect(entry).toMatchObject({ dtype: 'F32', shape, bytes: data.byteLength })
        expect(entry.offset % 4).toBe(0)
        const read = bytes.buffer.slice(bytes.byteOffset + entry.offset, bytes.byteOffset + entry.offset + entry.bytes)
        expect(new Float32Array(read)).toEqual(data)
      }
    }),
    { numRuns: 100 },
  )
})

describe('refuses', () => {
  const one = (entry: object) => ({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...entry } })
  const cases: readonly [string, unknown, number, bigint | undefined, string][] = [
    ['a header that is longer than the file', '{}', 0, 100n, 'FORMAT_INVALID'],
    ['a header of 2⁶⁴ − 1 bytes', '{}', 0, 0xffffffffffffffffn, 'FORMAT_INVALID'],
    ['a header of 2⁵³ bytes', '{}', 0, 2n ** 53n, 'FORMAT_INVALID'],
    ['a header of half of it', '{"x": {}}', 0, 4n, 'FORMAT_INVALID'],
    ['a header of no bytes', '', 0, 0n, 'FORMAT_INVALID'],
    ['a list as header', [], 0, undefined, 'FORMAT_INVALID'],
    ['null as header', null, 0, undefined, 'FORMAT_INVALID'],
    ['an entry that is a number', { x: 1 }, 0, undefined, 'CHECKPOINT_INVALID'],
    ['an unknown dtype', one({ dtype: 'F33' }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['a dtype from a prototype', one({ dtype: 'toString' }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['a negative size', one({ shape: [-2] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['a fractional size', one({ shape: [1.5] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['sizes whose product is not a number', one({ shape: [2 ** 52, 2 ** 52, 0] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['seventeen dimensions', one({ shape: Array(17).fill(1) }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['a shape of text', one({ shape: ['2'] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['no shape', { x: { dtype: 'F32', data_offsets: [0, 8] } }, 8, undefined, 'CHECKPOINT_INVALID'],
    ['offsets that run backwards', one({ data_offsets: [8, 0] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['three offsets', one({ data_offsets: [0, 4, 8] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['offsets beyond the file', one({ data_offsets: [8, 16] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['offsets that do not fit the shape', one({ data_offsets: [0, 4] }), 8, undefined, 'CHECKPOINT_INVALID'],
    ['a hole before the first tensor', one({ data_offsets: [4, 12] }), 12, undefined, 'CHECKPOINT_INVALID'],
    ['bytes after the last tensor', one({}), 9, undefined, 'FORMAT_INVALID'],
    [
      'tensors that overlap',
      { ...one({}), y: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } },
      12,
      undefined,
      'CHECKPOINT_INVALID',
    ],
  ]
  test.each(cases)('%s', async (_, header, dataBytes, claimed, code) => {
    const file = await write(header, dataBytes, claimed)
    const error = await readSafetensorsHeader(file).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HeschlError)
    expect(error).toMatchObject({ code, parts: { where: { file } } })
    const { expected, found, remedy } = (error as HeschlError).parts
    expect([expected, found, remedy].every((text) => text !== undefined && text.length > 0)).toBe(true)
  })

  test.each([0, 1, 7, 8, 9, 300])('a file cut off after %i bytes', async (length) => {
    const file = join(folder, 'cut.safetensors')
    await writeFile(file, (await readFile(reference)).subarray(0, length))
    await expect(readSafetensorsHeader(file)).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      parts: { where: { file } },
    })
  })

  test('text that is not UTF-8', async () => {
    const file = join(folder, 'latin.safetensors')
    const json = Buffer.from('{"\xe9":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 'latin1')
    await writeFile(file, Buffer.concat([Buffer.from([json.length, 0, 0, 0, 0, 0, 0, 0]), json]))
    await expect(readSafetensorsHeader(file)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  test('eight megabytes of brackets', async () => {
    const file = await write('['.repeat(8 * 1024 * 1024), 0)
    await expect(readSafetensorsHeader(file)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  test('a larger header, without reading it', async () => {
    const file = await write(' '.repeat(8 * 1024 * 1024) + '{}', 0)
    await expect(readSafetensorsHeader(file)).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      parts: { expected: 'a header of at most 8388608 bytes' },
    })
  })

  test('a missing file and a folder', async () => {
    const missing = join(folder, 'missing.safetensors')
    await expect(readSafetensorsHeader(missing)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      parts: { where: { file: missing } },
    })
    await expect(readSafetensorsHeader(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})

test('bytes changed anywhere give a header or a HeschlError, and places inside the file', async () => {
  const original = await readFile(reference)
  const headerBytes = 8 + Number(original.readBigUInt64LE(0))
  const file = join(folder, 'fuzzed.safetensors')
  const interesting = fc.constantFrom(0, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff)
  const change = fc.record({
    at: fc.oneof(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: headerBytes - 1 })),
    byte: fc.oneof(interesting, fc.integer({ min: 0, max: 255 })),
  })
  const mutation = fc.record({
    changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    keep: fc.oneof(fc.constant(original.length), fc.integer({ min: 0, max: original.length })),
  })
  let refused = 0
  await fc.assert(
    fc.asyncProperty(mutation, async ({ changes, keep }) => {
      const bytes = Buffer.from(original)
      for (const { at, byte } of changes) bytes[at] = byte
      await writeFile(file, bytes.subarray(0, keep))
      try {
        for (const { offset, bytes: length } of (await readSafetensorsHeader(file)).values()) {
          expect(offset).toBeGreaterThanOrEqual(8)
          expect(offset + length).toBeLessThanOrEqual(keep)
        }
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(HeschlError)
        expect(['FORMAT_INVALID', 'CHECKPOINT_INVALID']).toContain((thrown as HeschlError).code)
        refused += 1
      }
    }),
    { numRuns: 3000 },
  )
  expect(refused).toBeGreaterThan(750)
})
