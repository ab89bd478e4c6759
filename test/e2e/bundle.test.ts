/**
 * The engine as it is bundled for Electron, run under Node: its entry points find each other, its packages and its
 * data files, whether or not Electron's binary is here.
 */
import { fork } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEngine } from '../../src-main/jobs/index.ts'
import type { EngineHandle, UtilityFork } from '../../src-main/jobs/engineHandle.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'
import type { SmallStudy } from '../support/smallStudy.ts'
import { root } from './paths.ts'

const bundled = join(root, 'out', 'main', 'engine.js')
let folder: string
let study: SmallStudy

/** Node's child process in the shape of Electron's utility process. */
const forkBundle: UtilityFork = () => {
  const child = fork(bundled, [], { serialization: 'advanced', execArgv: [] })
  return {
    pid: child.pid,
    postMessage: (message) => void (child.connected && child.send(message as object)),
    on: (event: 'message' | 'exit', listener: (value: never) => void) => child.on(event, listener as () => void),
    kill: () => child.kill('SIGKILL'),
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-bundle-'))
  // Enough vertices that the bundled scoring threads are started.
  study = await makeSmallStudy(join(folder, 'bundled'), { level: 4, layers: ['transf1'] })
  cpSync(study.folder, join(folder, 'unbuilt'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function scored(engine: EngineHandle, path: string): Promise<Float32Array> {
  const job = await engine.call('run', { study: path })
  const state = async () => (await engine.call('jobs', {})).find(({ id }) => id === job.id)
  await expect.poll(state, { timeout: 120_000 }).toMatchObject({ state: 'done', error: null })
  await engine.call('openStudy', { path })
  return (await engine.call('scoreMap', { study: path, subject: 'mean', model: 'w2v-1', layer: 'transf1' })).left
}

test('the bundled engine runs a study and gives the very scores of the unbuilt one', async () => {
  expect(existsSync(bundled)).toBe(true)
  const engine = await startEngine({ spawn: forkBundle })
  const unbuilt = await startEngine({ spawn: 'child_process' })
  try {
    expect((await engine.facts()).providers.length).toBeGreaterThan(0)
    const scores = await scored(engine, study.path)
    expect(scores.some((r) => r !== 0 && !Number.isNaN(r))).toBe(true)
    expect(scores).toEqual(await scored(unbuilt, join(folder, 'unbuilt', 'study.yaml')))
  } finally {
    await engine.close()
    await unbuilt.close()
  }
})
