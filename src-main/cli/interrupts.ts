import process from 'node:process'
import type { Interrupts } from '../jobs/host/followJob.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The exit code of whatever the user stopped. */
export const cancelledExit = 130

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm or `timeout`. A person is slower than this. */
const echoSeconds = 0.5

/**
 * The first Ctrl-C (or kill, or closing the terminal) is passed on; the second ends the process at once. The engine
 * loses nothing by that: what was finished is stored.
 */
export const onInterrupt: Interrupts = (interrupted) => {
  let first: number | undefined
  const listener = () => {
    if (first === undefined) {
      first = performance.now()
      interrupted()
    } else if (performance.now() - first > echoSeconds * 1000) process.exit(cancelledExit)
  }
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}

/** Resolves with the first interrupt. */
export function interruption(): Promise<void> {
  return new Promise((resolve) => onInterrupt(resolve))
}
