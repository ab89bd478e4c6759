import { statSync } from 'node:fs'

/** Size and time of a file: what tells that it has not changed. */
export function stampOf(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file)
    return `${size}:${mtimeMs}`
  } catch {
    return 'missing'
  }
}
