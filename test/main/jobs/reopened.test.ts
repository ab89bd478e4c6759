/** A study that is opened again: what is remembered of its files is true of them as they are. */
import { mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { overviewOf } from '../../../src-main/jobs/overview.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { storedSteps } from '../../../src-main/jobs/storedSteps.ts'
import { contentKey } from '../../../src-main/store/keys.ts'
import { makeScoredStudy } from '../../support/scoredStudy.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-reopened-'))
  path = await makeScoredStudy(folder, { subjects: 2, models: 1, layers: ['conv6', 'transf0'] })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function opened<T>(look: (session: StudySession) => Promise<T>): Promise<T> {
  const session = new StudySession(path, new Providers())
  try {
    return await look(session)
  } finally {
    session.close()
  }
}

const keysNow = () => opened(async (session) => (await session.refresh()).steps.map(({ key }) => key))

test('keys are those of the identities, and the same when its files are not opened again', async () => {
  const first = await opened(async (session) => {
    const { steps } = await session.refresh()
    for (const { key, identity } of steps) expect(key).toBe(contentKey(identity))
    return steps.map(({ key }) => key)
  })
  expect(first).toHaveLength(9)
  expect(await keysNow()).toEqual(first)
})

test('a recording that is replaced is looked at anew, whatever was remembered', async () => {
  const file = join(folder, 'func', 'sub-001.npy')
  const long = new Date(Date.now() - 60_000)
  utimesSync(file, long, long)
  const before = await keysNow()
  expect(await keysNow()).toEqual(before)
  const size = statSync(file).size
  await writeNpy(file, { shape: [13, 20_484], data: new Float32Array(13 * 20_484).fill(1) })
  expect(statSync(file).size).not.toBe(size)
  const volumes = await opened(async (session) => {
    const overview = overviewOf(session, await session.refresh())
    return overview.subjects.map(({ recordings }) => recordings[0].volumes)
  })
  expect(volumes).toEqual([13, 12])
})

test('which steps are stored is looked up again once one is stored or removed', async () => {
  await opened(async (session) => {
    const { steps } = await session.refresh()
    const stored = storedSteps(session.store, steps)
    expect(storedSteps(session.store, steps)).toBe(stored)
    const at = stored.indexOf(1)
    session.store.remove(steps[at].key)
    expect(storedSteps(session.store, steps)[at]).toBe(0)
  })
})

test('the cortex is there before the plan is', async () => {
  await opened(async (session) => {
    expect(await session.surface()).toBeNull()
    const plan = session.refresh()
    const surface = await session.surface()
    expect(surface).toBe((await plan).surface)
  })
})
