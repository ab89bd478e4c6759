import { totalmem } from 'node:os'
import { HeschlError } from '../errors.ts'

const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/**
 * Refuses what would not fit before anything is allocated: a computation may take half of the machine's memory.
 * @param what of the message: "One pass over 3600 s of audio"
 * @throws HeschlError OPTION_INVALID
 */
export function checkMemory(what: string, bytes: number, remedy: string): void {
  const most = totalmem() / 2
  if (bytes <= most) return
  throw new HeschlError('OPTION_INVALID', `${what} needs more than half of this machine's memory`, {
    expected: `at most ${inGigabytes(most)}`,
    found: inGigabytes(bytes),
    remedy,
  })
}
