/** Telling how far the export of a page is, and stopping it. */
import { HeschlError } from '../../../errors.ts'

export interface Follow {
  /** @param fraction 0–1 */
  readonly told: (step: string, fraction: number) => void
  readonly signal: AbortSignal
}

export const cancelled = () => new HeschlError('CANCELLED', 'Cancelled; nothing was written')

/** What is waited for, or the wish to stop, whichever comes first. @throws HeschlError CANCELLED */
export async function unlessStopped<Value>(waited: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return waited
  if (signal.aborted) throw cancelled()
  const stopped = Promise.withResolvers<never>()
  const stop = () => stopped.reject(cancelled())
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([waited, stopped.promise])
  } finally {
    signal.removeEventListener('abort', stop)
    // What comes of it later, or fails, nobody asks for any more.
    waited.catch(() => undefined)
  }
}
