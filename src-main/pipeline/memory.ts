import { totalmem } from 'node:os'
import { HeschlError } from '../errors.ts'

const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/** Of the processes before a computation reads anything: Node.js, ONNX Runtime and their threads. */
export const bytesAtRest = 300e6

/** Of a computation that is given no limit: half of the machine's memory, in bytes. */
export const defaultMemory = (): number => totalmem() / 2

/**
 * Refuses what would not fit before anything is allocated.
 * @param what of the message: "One pass over 3600 s of audio"
 * @param limit bytes; half of the machine's memory where none was asked for
 * @throws HeschlError OPTION_INVALID
 */
export function checkMemory(what: string, bytes: number, remedy: string, limit?: number): void {
  const most = limit ?? defaultMemory()
  if (bytes <= most) return
  const whose = limit === undefined ? "half of this machine's memory" : 'the memory it may take'
  throw new HeschlError('OPTION_INVALID', `${what} needs more than ${whose}`, {
    expected: `at most ${inGigabytes(most)}`,
    found: inGigabytes(bytes),
    remedy,
  })
}
