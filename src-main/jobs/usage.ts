import type { PlanStep, StepCosts } from '../contract/study.ts'
import type { StepRecord } from '../store/store.ts'

/** Milliseconds between looks. */
const often = 25

/** Watches the process's resident memory. @returns stops, and tells the most that was seen, in bytes */
export function watchMemory(): () => number {
  let most = process.memoryUsage.rss()
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  const timer = setInterval(look, often)
  timer.unref()
  return () => {
    clearInterval(timer)
    look()
    return most
  }
}

/** How a stored step was computed; null for one that was stored before this was recorded. */
export function computedOf(record: StepRecord | undefined): PlanStep['computed'] {
  const recorded = (record?.provenance ?? {}) as Partial<{
    estimate: StepCosts
    peakMemoryBytes: number
    storedBytes: number
    provider: string
    differenceFromCpu: number
  }>
  const { estimate, peakMemoryBytes, storedBytes, provider = null, differenceFromCpu = null } = recorded
  if (!record || !estimate || peakMemoryBytes === undefined || storedBytes === undefined) return null
  const actual = { seconds: record.seconds, memoryBytes: peakMemoryBytes, diskBytes: storedBytes }
  return { estimate, actual, provider, differenceFromCpu }
}
