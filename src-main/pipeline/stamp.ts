import { statSync } from 'node:fs'

/** Milliseconds: a file written within the clock's grain of now could change again without a new time. */
const grain = 2000

/** Size and time of a file: what tells that it has not changed. */
export function stampOf(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file)
    return `${size}:${mtimeMs}`
  } catch {
    return 'missing'
  }
}

/** Whether a file of this stamp cannot have changed again within the clock's grain of it. */
export const isSettled = (stamp: string): boolean => Date.now() - Number(stamp.split(':')[1]) > grain
