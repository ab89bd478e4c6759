/**
 * Small things kept between sessions, a study each its own: by the host, since a browser's own storage goes with the
 * port that it was served at. Read when a study opens, before it is shown; where nothing can be kept, nothing fails.
 */
import { useHost } from '../bridge/index.ts'

const host = useHost()
/** JSON texts by what they are, of the studies that were opened. */
const known = new Map<string, Map<string, string>>()
const waiting = new Map<string, number>()
/** Milliseconds for which a change waits for the next. */
const pause = 300

/** Has what was kept at hand: called before a study is shown. */
export async function recall(study: string): Promise<void> {
  const kept = await host.call('remembered', { study }).catch(() => ({}))
  known.set(study, new Map(Object.entries(kept)))
}

/** @returns what was kept, unchecked; undefined where nothing was */
export function remembered(what: string, study: string): unknown {
  try {
    return JSON.parse(known.get(study)?.get(what) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

export function remember(what: string, study: string, value: unknown): void {
  const text = JSON.stringify(value)
  const own = known.get(study) ?? new Map<string, string>()
  known.set(study, own.set(what, text))
  const key = JSON.stringify([what, study])
  window.clearTimeout(waiting.get(key))
  const send = () => void host.call('remember', { study, what, text }).catch(() => undefined)
  waiting.set(key, window.setTimeout(send, pause))
}
