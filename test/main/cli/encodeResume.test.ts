/** `heschl encode` that is killed or stopped, and goes on from what it had finished. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { heschl as run, start } from './heschl.ts'

/** Three stripes of targets and a part of a fourth. */
const [samples, features, targets] = [120, 6, 36_000]

let folder: string
const at = (name: string) => join(folder, name)
const heschl = (...args: readonly string[]) => run(folder, ...args)

const options = ['--folds', '5', '--alphas', 'logspace:0:4:9', '--select', 'loo', '--scores', 'r,r2']
const encode = (y: string, out: string) => {
  const args = ['--x', 'x.npy', '--y', y, ...options, '--keep', 'predictions', '--out', out, '--json']
  return ['encode', ...args]
}

interface Report {
  readonly stripes: { readonly count: number; readonly resumed: number }
}
const reportOf = async (out: string) => JSON.parse(await readFile(at(`${out}/report.json`), 'utf8')) as Report

/** The bytes of everything but the report; a killed process leaves its scratch folder. */
async function bytesOf(out: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(at(out))).filter((name) => name.endsWith('.npy'))
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(at(`${out}/${name}`))).toString('base64')] as const),
    ),
  )
}

async function writeY(name: string, seed: number): Promise<void> {
  const { normal } = seededRandom(seed)
  const data = Float32Array.from({ length: samples * targets }, () => normal())
  await writeNpy(at(name), { shape: [samples, targets], data })
}

/** Starts a command, waits for its first finished stripe, and ends it. */
async function interrupt(args: readonly string[], out: string, signal: 'SIGKILL' | 'SIGINT') {
  const { child, ended } = start(folder, ...args)
  while (!existsSync(at(`${out}/.heschl-partial/0.part`)) && child.exitCode === null) await wait(5)
  child.kill(signal)
  return ended
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-resume-'))
  const { normal } = seededRandom(1)
  await writeNpy(at('x.npy'), {
    shape: [samples, features],
    data: Float32Array.from({ length: samples * features }, () => normal()),
  })
  await writeY('y.npy', 2)
  expect((await heschl(...encode('y.npy', 'whole'))).code).toBe(0)
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

test('kill -9, then the same command under another memory limit: the very same bits', async () => {
  const { code } = await interrupt(encode('y.npy', 'killed'), 'killed', 'SIGKILL')
  expect(code).toBeNull()
  expect(await readdir(at('killed'))).toContain('.heschl-partial')
  expect((await heschl(...encode('y.npy', 'killed'), '--memory', '600MB')).code).toBe(0)
  const { stripes } = await reportOf('killed')
  expect(stripes.count).toBe(4)
  expect(stripes.resumed).toBeGreaterThan(0)
  expect((await reportOf('whole')).stripes).toEqual({ ...stripes, resumed: 0 })
  expect(await bytesOf('killed')).toEqual(await bytesOf('whole'))
  expect(existsSync(at('killed/.heschl-partial'))).toBe(false)
})

test('Ctrl-C keeps what is finished and says where; an input that has changed since begins anew', async () => {
  await writeY('changing.npy', 3)
  const { code, stdout } = await interrupt(encode('changing.npy', 'stopped'), 'stopped', 'SIGINT')
  expect(code).toBe(130)
  const { error } = JSON.parse(stdout) as { error: { message: string } }
  expect(error.message).toContain(at('stopped/.heschl-partial'))
  await writeY('changing.npy', 2)
  expect((await heschl(...encode('changing.npy', 'stopped'))).code).toBe(0)
  expect((await reportOf('stopped')).stripes).toMatchObject({ count: 4, resumed: 0 })
  expect(await bytesOf('stopped')).toEqual(await bytesOf('whole'))
  expect(existsSync(at('stopped/.heschl-partial'))).toBe(false)
})

test('a part that is damaged is computed again', async () => {
  await interrupt(encode('y.npy', 'damaged'), 'damaged', 'SIGKILL')
  const part = at('damaged/.heschl-partial/0.part')
  const bytes = await readFile(part)
  bytes[bytes.length >> 1] ^= 1
  await writeFile(part, bytes)
  expect((await heschl(...encode('y.npy', 'damaged'))).code).toBe(0)
  expect(await bytesOf('damaged')).toEqual(await bytesOf('whole'))
})

test('a memory limit that the regression cannot keep to is refused, with what it would need', async () => {
  await writeNpy(at('long.npy'), { shape: [9000, 1], data: new Float32Array(9000).map((_, i) => Math.sin(i)) })
  const args = ['--x', 'long.npy', '--y', 'long.npy', ...options, '--out', 'refused', '--memory', '1GB', '--json']
  const { code, stdout } = await heschl('encode', ...args)
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION_INVALID' } })
  expect(stdout).toMatch(/at most 1\.0 GB/)
  expect(existsSync(at('refused'))).toBe(false)
})
