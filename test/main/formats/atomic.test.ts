import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomic } from '../../../src-main/formats/atomic.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-atomic-'))
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

test('text, bytes and pieces arrive whole, over an older file too', async () => {
  const path = join(folder, 'a')
  await writeFileAtomic(path, 'hé')
  expect(await readFile(path, 'utf8')).toBe('hé')
  await writeFileAtomic(path, Uint8Array.of(0, 255, 7))
  expect([...(await readFile(path))]).toEqual([0, 255, 7])
  await writeFileAtomic(path, [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])
  expect([...(await readFile(path))]).toEqual([1, 2, 3])
  expect(await readdir(folder)).toEqual(['a'])
})

test('a failure half way leaves the older file and no temporary file', async () => {
  const path = join(folder, 'a')
  await writeFile(path, 'old')
  const pieces = (function* () {
    yield new Uint8Array(100_000)
    throw new Error('the source failed')
  })()
  await expect(writeFileAtomic(path, pieces)).rejects.toThrow('the source failed')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['a'])
})

test('a missing folder gives the system error, of the file that was asked for', async () => {
  const path = join(folder, 'none', 'a')
  await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ code: 'ENOENT', path })
})

test('many writers at once: the file is always one of what they wrote', async () => {
  const path = join(folder, 'a')
  const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(50_000))
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)))
  expect(contents).toContain(await readFile(path, 'utf8'))
  expect(await readdir(folder)).toEqual(['a'])
})
