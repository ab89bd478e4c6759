import { createHash, hash } from 'node:crypto'
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

/** Of parameters that many steps share: their JSON is made once. */
const texts = new WeakMap<object, string>()

function parametersText(parameters: unknown): string {
  if (typeof parameters !== 'object' || parameters === null) return canonicalJson(parameters)
  const known = texts.get(parameters)
  if (known !== undefined) return known
  const text = canonicalJson(parameters)
  texts.set(parameters, text)
  return text
}

/**
 * The name of a step's result: sha256 of its identity's canonical JSON, hex. Tens of thousands are made when a large study
 * is opened, most of them with the parameters of the one before.
 * @param identity its parameters do not change after this
 */
export function contentKey({ kind, version, parameters, inputs }: StepIdentity): string {
  const [list, name] = [JSON.stringify(inputs), JSON.stringify(kind)]
  const text = `{"inputs":${list},"kind":${name},"parameters":${parametersText(parameters)},"version":${version}}`
  return hash('sha256', text)
}

/**
 * Content keys of steps that differ in their first input alone: the rest of their text is made once.
 * @param identity of any of them without its first input
 */
export function contentKeys(identity: StepIdentity): (first: string) => string {
  const rest = identity.inputs.map((input) => `,${JSON.stringify(input)}`).join('')
  const [kind, parameters] = [JSON.stringify(identity.kind), parametersText(identity.parameters)]
  const end = `${rest}],"kind":${kind},"parameters":${parameters},"version":${identity.version}}`
  return (first) => hash('sha256', `{"inputs":[${JSON.stringify(first)}${end}`)
}

/** sha256 of a file's bytes, hex, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const bytes = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) bytes.update(chunk as Uint8Array)
  return bytes.digest('hex')
}
