/** Jobs of every window and study of this Heschl, and of those before it. */
import { computed, shallowRef, triggerRef } from 'vue'
import type { Job } from '../../src-main/contract/study.ts'
import type { JobLine } from '../../src-main/contract/work.ts'
import { useHost } from '../bridge/index.ts'

const host = useHost()
const known = shallowRef(new Map<string, Job>())
/** Logs that are looked at. */
const logs = shallowRef(new Map<string, readonly JobLine[]>())

/** A run of hundreds of subjects has tens of thousands; the host's file has them all. */
const mostLines = 5000

/** Still to be done, or at it. */
const isActive = ({ state }: Job) => state === 'queued' || state === 'running' || state === 'cancelling'

/** What runs, then what waits in its order, then what is over, the latest first. */
const jobs = computed(() => [...known.value.values()].toSorted(inOrder))
const active = computed(() => jobs.value.filter(isActive))

const rank = (job: Job) => (job.state === 'queued' ? 1 : isActive(job) ? 0 : 2)
function inOrder(a: Job, b: Job): number {
  return rank(a) - rank(b) || (a.place ?? 0) - (b.place ?? 0) || (b.ended ?? 0) - (a.ended ?? 0) || b.asked - a.asked
}

host.on('job', put)
host.on('log', ({ job, at, text }) => {
  const lines = logs.value.get(job)
  if (!lines) return
  logs.value.set(job, [...lines, { at, text }].slice(-mostLines))
  triggerRef(logs)
})
host.on('cleared', ({ jobs: gone }) => {
  for (const id of gone) {
    known.value.delete(id)
    logs.value.delete(id)
  }
  triggerRef(known)
})

function put(job: Job) {
  known.value.set(job.id, job)
  triggerRef(known)
}

async function loadJobs() {
  const listed = await host.call('jobs', {})
  known.value = new Map(listed.map((job) => [job.id, job]))
  // Lines that came while the connection was lost.
  for (const id of logs.value.keys()) if (known.value.has(id)) await readLog(id)
}

/** Reads a job's log, which is followed from then on. */
async function readLog(id: string) {
  if (!logs.value.has(id)) logs.value.set(id, [])
  const lines = await host.call('jobLog', { job: id })
  logs.value.set(id, lines)
  triggerRef(logs)
}

/** Computes what a study lacks: also how one that was stopped goes on. */
async function runStudy(study: string) {
  put(await host.call('run', { study }))
}

const cancel = (id: string) => host.call('cancel', { job: id })
const move = (id: string, before: string | null) => host.call('moveJob', { job: id, before })
const clear = (id: string | null) => host.call('clearJobs', { job: id })

export const useJobs = () => ({ jobs, active, logs, loadJobs, readLog, runStudy, cancel, move, clear })
