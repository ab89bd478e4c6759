import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Job } from '../../../src-main/contract/study.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import { JobQueue } from '../../../src-main/jobs/queue.ts'
import type { JobWatch } from '../../../src-main/jobs/queue.ts'

/** A queue whose jobs end when they are told to, with everything that a window would hear. */
function watched() {
  const jobs = new Map<string, Job>()
  const lines: string[] = []
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const queue = new JobQueue({
    changed: (job) => void jobs.set(job.id, job),
    said: ({ text }) => void lines.push(text),
  })
  const add = (study: string) =>
    queue.add({
      study,
      label: 'Run',
      run: ({ log }: JobWatch) => {
        begun.push(study)
        log(`computes ${study}`)
        return new Promise((resolve, reject) => ends.set(study, (error) => (error ? reject(error) : resolve())))
      },
    })
  const end = async (study: string, error?: Error) => {
    ends.get(study)!(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  /** Those that wait, by the places that they were told. */
  const waiting = () =>
    [...jobs.values()]
      .filter(({ place }) => place !== null)
      .toSorted((a, b) => a.place! - b.place!)
      .map(({ study }) => study)
  return { queue, jobs, lines, begun, add, end, waiting }
}

test('waiting jobs are moved, run in the new order, and keep what happened in words', async () => {
  const { queue, jobs, lines, begun, add, end, waiting } = watched()
  const [, b, c, d] = ['a', 'b', 'c', 'd'].map(add)
  expect(waiting()).toEqual(['b', 'c', 'd'])
  queue.move(d.id, b.id)
  expect(waiting()).toEqual(['d', 'b', 'c'])
  queue.move(d.id, null)
  expect(waiting()).toEqual(['b', 'c', 'd'])
  queue.move(d.id, c.id)
  expect(queue.cancel(b.id)).toBe(true)
  expect(waiting()).toEqual(['d', 'c'])
  expect(jobs.get(b.id)).toMatchObject({ state: 'cancelled', place: null })
  await end('a')
  await end('d', new HeschlError('DISK_FULL', 'The disk is full', { remedy: 'Free some space' }))
  expect(begun).toEqual(['a', 'd', 'c'])
  expect(jobs.get(d.id)).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } })
  expect(jobs.get(d.id)!.ended).toBeGreaterThanOrEqual(jobs.get(d.id)!.began!)
  expect(lines).toEqual([
    'Run of a began',
    'computes a',
    'Taken off the queue',
    expect.stringMatching(/^Done in /),
    'Run of d began',
    'computes d',
    'Failed: The disk is full\n  what to do: Free some space (DISK_FULL)',
    'Run of c began',
    'computes c',
  ])
})

test('any moves leave every waiting job in the queue once, and what runs untouched', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(6), fc.option(fc.nat(6)))), (moves) => {
      const { queue, add, waiting } = watched()
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((study) => add(study).id)
      const order = ['b', 'c', 'd', 'e', 'f', 'g']
      for (const [job, before] of moves) {
        queue.move(ids[job], before === null ? null : ids[before])
        // The model: a list without the job that runs.
        const [one, other] = ['abcdefg'[job], before === null ? null : 'abcdefg'[before]]
        if (one === 'a' || other === 'a' || one === other) continue
        order.splice(order.indexOf(one), 1)
        order.splice(other === null ? order.length : order.indexOf(other), 0, one)
      }
      expect(waiting()).toEqual(order)
      expect(queue.running?.study).toBe('a')
    }),
    { numRuns: 50 },
  )
})

test('a job that an engine lost goes on under its own id', async () => {
  const first = watched()
  first.add('a')
  const lost = first.add('b')
  const next = watched()
  const again = next.queue.add({ study: 'b', label: 'Run', run: () => Promise.resolve() }, lost)
  expect([again.id, again.asked]).toEqual([lost.id, lost.asked])
  await new Promise((resolve) => setImmediate(resolve))
  expect(next.jobs.get(lost.id)).toMatchObject({ state: 'done', place: null })
})
