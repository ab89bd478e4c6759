import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Job } from '../../../../src-main/contract/study.ts'
import { openJobHistory } from '../../../../src-main/jobs/host/jobHistory.ts'
import { job as running } from '../../cli/job.ts'
import { scriptedEngine } from '../../server/scriptedEngine.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'heschl-history-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const done: Job = { ...running, id: 'job-0', state: 'done', asked: 1000, began: 1000, ended: 2000 }

function opened() {
  const engine = scriptedEngine()
  return { engine, history: openJobHistory(folder, engine) }
}

test('jobs and their logs outlive the process: one that was cut off says so, in the file too', async () => {
  const { engine, history } = opened()
  engine.emit('job', done)
  engine.emit('job', running)
  engine.emit('log', { job: 'job-1', at: 1_800_000_000_000, text: 'Fit: 3.2 s' })
  engine.emit('log', { job: 'job-1', at: 1_800_000_001_000, text: 'Failed: no\n  what to do: rest' })
  engine.emit('log', { job: 'unheard of', at: 0, text: 'belongs to nobody' })
  await history.settled()
  expect(readFileSync(join(folder, 'jobs', 'job-1.log'), 'utf8')).toBe(
    '2027-01-15T08:00:00.000Z\tFit: 3.2 s\n2027-01-15T08:00:01.000Z\tFailed: no\n\t  what to do: rest\n',
  )

  for (let again = 0; again < 2; again++) {
    const next = opened()
    expect(await next.history.list()).toMatchObject([
      done,
      { id: 'job-1', state: 'failed', error: { code: 'ENGINE_LOST', summary: 'Heschl ended before this job did' } },
    ])
    expect(await next.history.lines('job-1')).toEqual([
      { at: 1_800_000_000_000, text: 'Fit: 3.2 s' },
      { at: 1_800_000_001_000, text: 'Failed: no\n  what to do: rest' },
    ])
    await next.history.settled()
  }
  await expect(opened().history.lines('../../etc/passwd')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('what waits is listed in the order of the queue; what is over is cleared with its files, the rest stays', async () => {
  const { engine, history } = opened()
  const wait = (id: string, place: number): Job => ({ ...running, id, state: 'queued', place })
  for (const job of [done, running, wait('b', 2), wait('a', 1)]) engine.emit('job', job)
  engine.emit('log', { job: 'job-0', at: 5, text: 'Done' })
  expect((await history.list()).map(({ id }) => id)).toEqual(['job-0', 'job-1', 'a', 'b'])
  expect(await history.clear('job-1')).toEqual([])
  expect(await history.clear(null)).toEqual(['job-0'])
  expect((await history.list()).map(({ id }) => id)).toEqual(['job-1', 'a', 'b'])
  await history.settled()
  expect(readdirSync(join(folder, 'jobs')).toSorted()).toEqual(['a.json', 'b.json', 'job-1.json'])
})

test('a job that another Heschl runs is left to it; files that are not jobs are left alone', async () => {
  mkdirSync(join(folder, 'jobs'))
  const put = (name: string, value: unknown) =>
    writeFileSync(join(folder, 'jobs', name), typeof value === 'string' ? value : JSON.stringify(value))
  // The test's parent is there as long as the test is.
  put('job-1.json', { version: 1, process: process.ppid, job: running })
  put('other.json', { version: 1, process: 1, job: { ...done, id: '../elsewhere' } })
  put('newer.json', { version: 2, job: {} })
  put('broken.json', '{')
  expect(await opened().history.list()).toEqual([])
  expect(readdirSync(join(folder, 'jobs'))).toHaveLength(4)
})

test('where nothing can be written the list and the lines are whole in memory, and the log says so', async () => {
  writeFileSync(join(folder, 'jobs'), 'a file where the folder should be')
  const { engine, history } = opened()
  engine.emit('job', running)
  engine.emit('log', { job: 'job-1', at: 5, text: 'Fit: 3.2 s' })
  await history.settled()
  engine.emit('log', { job: 'job-1', at: 6, text: 'Fit: 3.1 s' })
  expect(await history.list()).toEqual([running])
  expect((await history.lines('job-1')).map(({ text }) => text)).toEqual([
    'Fit: 3.2 s',
    expect.stringMatching(/^From here on this log is not kept: /),
    'Fit: 3.1 s',
  ])
})

test('a long log keeps its newest lines in memory and all of them in the file', async () => {
  const { engine, history } = opened()
  engine.emit('job', running)
  for (let at = 0; at < 5003; at++) engine.emit('log', { job: 'job-1', at, text: `line ${at}` })
  await history.settled()
  const lines = await history.lines('job-1')
  expect(lines).toHaveLength(5001)
  expect(lines[0].text).toMatch(/^3 earlier lines are in .*job-1\.log$/)
  expect(lines.at(-1)).toEqual({ at: 5002, text: 'line 5002' })
  expect(readFileSync(join(folder, 'jobs', 'job-1.log'), 'utf8').split('\n')).toHaveLength(5004)
})
