/** The encoding model as it is written in a study file. */
import type { PresetName, Variant } from './encodingSchema.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'

/** A value in YAML's flow style, on one line; texts in quotes unless they are a plain word. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, part]) => `${name}: ${flow(part)}`)
      .join(', ')} }`
  if (typeof value !== 'string') return String(value)
  return /^[a-z]+[a-z0-9-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/.test(value)
    ? value
    : JSON.stringify(value)
}

/** The value of an option as a study file has it; undefined where it is left out. */
function written(option: string, value: unknown): string | undefined {
  if (value === null) return option === 'highPass' ? 'none' : undefined
  return flow(value)
}

/** Options with their values, in order. */
export function optionsOf(
  encoding: ResolvedEncoding,
): readonly (readonly [option: keyof ResolvedEncoding, text: string])[] {
  return (Object.keys(encoding) as (keyof ResolvedEncoding)[]).map((option) => [
    option,
    written(option, encoding[option]) ?? 'none',
  ])
}

/** To be pasted into a study: every option, so that the preset fills nothing. */
export function encodingYaml(
  encoding: ResolvedEncoding,
  { preset, variant }: { readonly preset: PresetName; readonly variant: Variant },
): string {
  const lines = Object.entries(encoding).flatMap(([option, value]) => {
    const text = written(option, value)
    return text === undefined ? [] : [`  ${option}: ${text}`]
  })
  return ['encoding:', `  preset: ${preset}`, `  variant: ${variant}`, ...lines, ''].join('\n')
}
