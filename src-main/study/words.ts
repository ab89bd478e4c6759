/** Key paths and values as people read them. */

export type KeyPath = readonly (string | number)[]

/** `subjects[0].recordings[1].tr`; empty for the whole file. */
export function pathText(path: KeyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** A value as an error message shows it: short, on one line, control characters escaped. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  const keys = Object.keys(value)
  if (keys.length === 0) return 'an empty map'
  return `a map with ${listed(keys.slice(0, 3).map((key) => `\`${key.slice(0, 40)}\``))}${keys.length > 3 ? ', …' : ''}`
}

/** `a, b and c` */
export function listed(words: readonly string[], joint = 'and'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1) ?? ''}`
}
