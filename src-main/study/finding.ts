/** A problem found in a study, before it has a line. */
import type { KeyPath } from './words.ts'

export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: KeyPath
  readonly part: 'key' | 'value'
  readonly message: string
  readonly remedy: string | null
  /** For an unknown key: the key path that was probably meant. */
  readonly meant?: KeyPath
  /** Set for a key that is needed and not there. */
  readonly missing?: true
}

/** Of one kind; more of them tell nothing new. */
export const maxFindings = 200

/** An error in a value. */
export function error(path: KeyPath, message: string, remedy: string | null = null): Finding {
  return { severity: 'error', path, part: 'value', message, remedy }
}
