import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** JSON with sorted keys: equal values have equal text. Refuses what JSON would drop or distort. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`a content key cannot hold ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`
  }
  throw new TypeError(`a content key cannot hold a ${typeof value}`)
}

/** What a step is: everything that its numbers depend on, and nothing else. */
export interface StepIdentity {
  readonly kind: string
  /** Raised whenever the code of this kind of step would give other numbers. */
  readonly version: number
  readonly parameters: unknown
  /** Hashes of input files and keys of input steps. */
  readonly inputs: readonly string[]
}

/** The name of a step's result: sha256 of its identity, hex. */
export const contentKey = (identity: StepIdentity): string =>
  createHash('sha256').update(canonicalJson(identity)).digest('hex')

/** sha256 of a file's bytes, hex, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
