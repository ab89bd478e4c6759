import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readNpz, readNpzHeaders, writeNpz } from '../../../src-main/formats/npz.ts'
import { sniffFormat } from '../../../src-main/formats/sniff.ts'

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const { archives: oracle } = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
  archives: Record<string, { shape: number[]; values: number }>
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-npz-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each(['stored.npz', 'deflated.npz'])('%s is as numpy wrote it', async (name) => {
  const path = join(reference, name)
  expect(await sniffFormat(path)).toBe('npz')
  expect([...(await readNpzHeaders(path)).keys()]).toEqual(Object.keys(oracle))
  for (const [key, { shape, values }] of Object.entries(oracle)) {
    const array = await readNpz(path, key)
    expect(array.shape).toEqual(shape)
    expect(crc32(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength))).toBe(values)
  }
})

test('arrays are written as they are', async () => {
  const arrays = {
    scores: { shape: [2, 3], data: Float32Array.from([1, NaN, 3, -4, 5, 1e-40]) },
    'ünï/key': { shape: [0], data: new Float64Array(0) },
    keys: { shape: [], data: Int32Array.of(7) },
  }
  const path = join(folder, 'a.npz')
  await writeNpz(path, arrays)
  for (const [name, array] of Object.entries(arrays)) expect(await readNpz(path, name)).toEqual(array)
  const one = { only: { shape: [1], data: Uint8Array.of(9) } }
  await writeNpz(path, one)
  expect(await readNpz(path)).toEqual(one.only)
})

describe('what is refused', () => {
  const invalid = { code: 'FORMAT_INVALID' }
  const changed = (name: string, change: (bytes: Buffer) => Buffer | void) => {
    const bytes = readFileSync(join(reference, name))
    const path = join(folder, 'x.npz')
    writeFileSync(path, change(bytes) ?? bytes)
    return readNpz(path, 'x')
  }
  const directory = (bytes: Buffer) => bytes.indexOf('PK\x01\x02')
  test('no name of several, and a name that is not there', async () => {
    const path = join(reference, 'stored.npz')
    await expect(readNpz(path)).rejects.toThrow(/one of x, keys, f/)
    await expect(readNpz(path, 'y')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
  test('data that are changed, sizes that lie, an archive without its end', async () => {
    await expect(
      changed('deflated.npz', (bytes) => void (bytes[bytes.indexOf('x.npy') + 40] ^= 4)),
    ).rejects.toMatchObject(invalid)
    await expect(
      changed('deflated.npz', (bytes) => void bytes.writeUInt32LE(0xfffffff0, directory(bytes) + 24)),
    ).rejects.toMatchObject(invalid)
    await expect(
      changed('stored.npz', (bytes) => void bytes.writeUInt32LE(0x7fffffff, directory(bytes) + 42)),
    ).rejects.toMatchObject(invalid)
    await expect(changed('stored.npz', (bytes) => bytes.subarray(0, -10))).rejects.toMatchObject(invalid)
  })
  test('what is encrypted, or packed in another way', async () => {
    await expect(changed('stored.npz', (bytes) => void bytes.writeUInt16LE(1, directory(bytes) + 8))).rejects.toThrow(
      /encrypted/,
    )
    await expect(changed('stored.npz', (bytes) => void bytes.writeUInt16LE(14, directory(bytes) + 10))).rejects.toThrow(
      /method 14/,
    )
  })
})
