/** A fit of several stripes of targets: what an interruption leaves, and what changes of the study leave alone. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Database from 'better-sqlite3'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let base: string
let path: string

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-resume-'))
  path = await makeStudy('study')
}, 60_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

/**
 * 20,484 vertices, which are two stripes, of enough samples for the second to take a while; a space of sound alone, so that
 * the fit is the last step.
 */
async function makeStudy(name: string): Promise<string> {
  const made = await makeSmallStudy(join(base, name), { level: 5, subjects: 1, runs: 8, seconds: 60 })
  const text = readFileSync(made.path, 'utf8')
  const alone = text.replace(/models:\n(.*architecture.*\n)+/, '')
  writeFileSync(made.path, alone.replace('preset: standard', 'preset: standard, chance: zero'))
  return made.path
}

/** Resolves once so much of the last step, the fit, is done. */
function untilFit(engine: EngineHandle, share: number): Promise<void> {
  return new Promise((done) => {
    let before: number | undefined
    const stop = engine.on('job', ({ step, fraction }) => {
      if (!step.startsWith('Fit')) return
      before ??= fraction
      if ((fraction - before) / (1 - before) < share) return
      stop()
      done()
    })
  })
}

/** A hash of the scores of both hemispheres. */
async function mapOf(engine: EngineHandle, study: string): Promise<string> {
  const request = { study, subject: 'sub-01', model: 'mel', layer: 'mel' }
  const { left, right } = await engine.call('scoreMap', request)
  const hash = createHash('sha256')
  // A message's arrays may share one buffer.
  for (const half of [left, right]) hash.update(new Uint8Array(half.buffer, half.byteOffset, half.byteLength))
  return hash.digest('hex')
}

/** Steps of the database, and parts of steps; no engine may have it open. */
function stored(): { readonly fits: readonly { readonly provenance: string }[]; readonly parts: number } {
  const db = new Database(join(dirname(path), '.heschl', 'study.db'), { readonly: true })
  const fits = db.prepare("SELECT provenance FROM steps WHERE kind = 'fit'").all() as { provenance: string }[]
  const { parts } = db.prepare('SELECT COUNT(DISTINCT place) AS parts FROM parts').get() as { parts: number }
  db.close()
  return { fits, parts }
}

test('kill -9 in the second stripe: the first is not computed again, and the bits are the same', async () => {
  const engine = await startEngine({ spawn: 'child_process' })
  const job = await engine.call('run', { study: path })
  // The second stripe begins at 0.56 of the targets.
  await untilFit(engine, 0.58)
  process.kill(engine.pid!, 'SIGKILL')
  expect(await finished(engine, job)).toMatchObject({ state: 'failed', error: { code: 'ENGINE_LOST' } })
  await engine.close()
  expect(stored()).toMatchObject({ fits: [], parts: 1 })

  const next = await startEngine({ spawn: 'child_process' })
  expect((await finished(next, await next.call('run', { study: path }))).state).toBe('done')
  const resumed = await mapOf(next, path)
  await next.close()
  const { fits, parts } = stored()
  expect(parts).toBe(0)
  expect(JSON.parse(fits[0].provenance)).toMatchObject({ stripes: { count: 2, resumed: 1 } })

  const again = await makeStudy('again')
  const last = await startEngine({ spawn: 'child_process' })
  expect((await finished(last, await last.call('run', { study: again }))).state).toBe('done')
  expect(await mapOf(last, again)).toBe(resumed)
  await last.close()
}, 240_000)

test('another parcellation, other names and another memory limit compute nothing; what was computed says what it took', async () => {
  const text = readFileSync(path, 'utf8')
  // The hemispheres' own labels, now as the study's parcellation, with regions that are renamed.
  for (const half of ['left', 'right']) {
    const labels = readFileSync(join(dirname(path), `surface/${half}.label.gii`), 'utf8')
    expect(labels).toContain('front')
    writeFileSync(join(dirname(path), `other.${half}.label.gii`), labels.replaceAll('front', 'anterior'))
  }
  const changed = `${text.replace('A small synthetic study', 'Another name')}
parcellation: {left: other.left.label.gii, right: other.right.label.gii}
compute: {memory: 2}
`
  writeFileSync(path, changed)
  const engine = await startEngine({ spawn: 'child_process' })
  const overview = await engine.call('openStudy', { path })
  expect(overview.problems).toEqual([])
  expect(overview.name).toBe('Another name')
  const plan = await engine.call('plan', { study: path })
  expect(plan.steps.length).toBeGreaterThan(1)
  expect(plan.steps.every(({ cached }) => cached)).toBe(true)
  expect(plan.totals).toEqual({ seconds: 0, memoryBytes: 0, diskBytes: 0 })
  const job = await finished(engine, await engine.call('run', { study: path }))
  expect(job).toMatchObject({ state: 'done', stepsTotal: plan.steps.length, stepsCached: plan.steps.length })
  expect((await engine.call('scoreTable', { study: path })).regions).toContain('anterior')
  for (const { computed } of plan.steps) {
    expect(computed).not.toBeNull()
    for (const costs of [computed!.estimate, computed!.actual])
      expect(Math.min(costs.seconds, costs.memoryBytes, costs.diskBytes)).toBeGreaterThan(0)
  }
  await engine.close()
  writeFileSync(path, text)
}, 60_000)
