/** A large study's YAML takes longer to parse than all else that is done with it: its values are remembered by its text. */
import { hash } from 'node:crypto'
import { parseYaml } from './yaml.ts'
import type { ParsedYaml } from './yaml.ts'

/** Outlives this process. */
export interface YamlMemory {
  known(name: string, stamp: string): unknown
  keepKnown(name: string, stamp: string, value: unknown): void
}

const name = 'values of the study file'
/** Raised whenever a text would be read as other values. */
const version = 1

/** As `parseYaml`; where the text is the one of the last time, its lines are looked for when they are asked for. */
export function yamlOf(text: string, memory: YamlMemory | undefined): ParsedYaml {
  if (!memory) return parseYaml(text)
  const stamp = `${hash('sha256', text)}:${version}`
  const value = memory.known(name, stamp)
  if (value !== undefined) {
    let parsed: ParsedYaml | undefined
    return { value, locate: (path, part) => (parsed ??= parseYaml(text)).locate(path, part), problems: [] }
  }
  const parsed = parseYaml(text)
  if (parsed.value !== undefined && parsed.problems.length === 0 && isPlain(parsed.value, 2 * text.length))
    memory.keepKnown(name, stamp, parsed.value)
  return parsed
}

/**
 * Whether JSON holds it as it is, and not far larger than its text, as aliases could make it.
 * @param most characters
 */
function isPlain(value: unknown, most: number): boolean {
  let room = most
  const plain = (part: unknown): boolean => {
    room -= 1
    if (room < 0) return false
    if (part === null || typeof part === 'boolean') return true
    if (typeof part === 'number') return Number.isFinite(part) && !Object.is(part, -0)
    if (typeof part === 'string') return (room -= part.length) >= 0
    if (Array.isArray(part)) return part.every(plain)
    return (
      typeof part === 'object' &&
      Object.entries(part).every(([key, own]) => key !== '__proto__' && plain(key) && plain(own))
    )
  }
  return plain(value)
}
