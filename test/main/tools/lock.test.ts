import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../../tools/lock.mjs'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-lock-'))
  file = join(folder, 'deep', 'a.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const never = () => {
  throw new Error('waited')
}

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'close')
  return child.pid!
}

test('holds while the work runs, gives its result, and is gone afterwards', async () => {
  const result = await withLock(file, never, async () => {
    expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`)
    return 7
  })
  expect(result).toBe(7)
  expect(existsSync(file)).toBe(false)
})

test('is released when the work fails', async () => {
  await expect(withLock(file, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withLock(file, never, async () => 'next')).toBe('next')
})

test('a second holder waits for the first, and says so once', async () => {
  const order: string[] = []
  let waits = 0
  const first = withLock(file, never, async () => {
    order.push('first begins')
    await new Promise((resolve) => setTimeout(resolve, 500))
    order.push('first ends')
  })
  const second = withLock(
    file,
    () => (waits += 1),
    async () => order.push('second'),
  )
  await Promise.all([first, second])
  expect(order).toEqual(['first begins', 'first ends', 'second'])
  expect(waits).toBe(1)
})

test('the lock of a dead process is taken over', async () => {
  const pid = await deadPid()
  await withLock(file, never, async () => {})
  writeFileSync(file, `${pid}\n`)
  expect(await withLock(file, never, async () => 'taken')).toBe('taken')
})

test('a dead process whose child still works keeps the lock', async () => {
  await withLock(file, never, async () => {})
  const child = spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 700)'])
  const ended = once(child, 'close')
  writeFileSync(file, `${await deadPid()}\n${child.pid}\n`)
  let childEnded = false
  void ended.then(() => (childEnded = true))
  let waited = false
  const sawEnd = await withLock(
    file,
    () => (waited = true),
    async () => childEnded,
  )
  expect({ waited, sawEnd }).toEqual({ waited: true, sawEnd: true })
})

test('what a process left that died between making the lock and filling it is taken over', async () => {
  await withLock(file, never, async () => {})
  const longAgo = new Date(Date.now() - 60_000)
  for (const path of [file, `${file}.break`]) {
    writeFileSync(path, '')
    utimesSync(path, longAgo, longAgo)
  }
  expect(await withLock(file, never, async () => 'taken')).toBe('taken')
})

test('of many processes after one stale lock, never two hold it at once', async () => {
  await withLock(file, never, async () => {})
  writeFileSync(file, `${await deadPid()}\n`)
  const log = join(folder, 'log')
  const script = `
    import { appendFileSync } from 'node:fs'
    import { withLock } from ${JSON.stringify(new URL('../../../tools/lock.mjs', import.meta.url).href)}
    await withLock(${JSON.stringify(file)}, () => {}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ')
      await new Promise((resolve) => setTimeout(resolve, 20))
      appendFileSync(${JSON.stringify(log)}, 'out ')
    })`
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['--input-type=module', '--eval', script]))
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number))
  expect(codes).toEqual([0, 0, 0, 0, 0, 0])
  expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(6))
  expect(existsSync(fileURLToPath(new URL(`file://${file}`)))).toBe(false)
})
