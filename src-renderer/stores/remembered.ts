/**
 * Small things kept between sessions in the browser's own storage, a study each its own. Where there is no storage, or
 * it is full, nothing is remembered and nothing fails.
 */
const keyOf = (what: string, study: string) => `heschl-${what}:${study}`

/** @returns what was kept, unchecked; undefined where nothing was */
export function remembered(what: string, study: string): unknown {
  try {
    return JSON.parse(window.localStorage.getItem(keyOf(what, study)) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

export function remember(what: string, study: string, value: unknown): void {
  try {
    window.localStorage.setItem(keyOf(what, study), JSON.stringify(value))
  } catch {
    // A full or forbidden storage: the view works all the same.
  }
}
