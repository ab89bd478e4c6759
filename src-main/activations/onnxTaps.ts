/**
 * Which values of an ONNX model are layers. A pattern is a value's name in which `*` stands for any characters; it is
 * compared in time linear in the name for each `*`, which no regular expression from a file can promise.
 */
import { HeschlError } from '../errors.ts'

/**
 * Patterns, whose layers bear the values' own names; or names of layers for patterns, where a `*` in the name stands for
 * what the pattern's first `*` found: `{'transf*': '/blocks.*\/Add_output_0'}`.
 */
export type TapPatterns = readonly string[] | Readonly<Record<string, string>>

export interface Tap {
  readonly layer: string
  readonly tensor: string
}

/** Names that are compared with one that was not found, and those that are told. */
const mostCompared = 5000
const shown = 4

/**
 * The layers that the patterns choose, in the order of computation, each value once.
 * @param tensors names of the values there are, in the order of computation
 * @throws HeschlError OPTION_INVALID (a pattern that finds nothing, two values for one name)
 */
export function chooseTaps(tensors: readonly string[], patterns: TapPatterns, file: string): readonly Tap[] {
  const entries: readonly (readonly [string | undefined, string])[] = isList(patterns)
    ? patterns.map((pattern) => [undefined, pattern])
    : Object.entries(patterns)
  const chosen = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const [name, pattern] of entries) {
    const found = tensors.flatMap((tensor) => {
      const star = matchGlob(pattern, tensor)
      return star === undefined ? [] : [{ tensor, layer: name === undefined ? tensor : name.replace('*', star) }]
    })
    if (found.length === 0) throw noneFound(pattern, tensors, file)
    for (const { tensor, layer } of found) {
      const other = taken.get(layer)
      if (other !== undefined && other !== tensor) throw sameName(layer, other, tensor, file)
      if (chosen.has(tensor)) continue
      chosen.set(tensor, layer)
      taken.set(layer, tensor)
    }
  }
  return tensors.flatMap((tensor) => (chosen.has(tensor) ? [{ tensor, layer: chosen.get(tensor)! }] : []))
}

const isList = (patterns: TapPatterns): patterns is readonly string[] => Array.isArray(patterns)

/** What the first `*` stands for in a name that the pattern fits, as short as it can be; undefined where it does not fit. */
function matchGlob(pattern: string, name: string): string | undefined {
  const [first, ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return pattern === name ? '' : undefined
  if (!name.startsWith(first)) return undefined
  const end = name.length - last.length
  let at = first.length
  let star: string | undefined
  for (const part of others) {
    const found = name.indexOf(part, at)
    if (found < 0) return undefined
    star ??= name.slice(at, found)
    at = found + part.length
  }
  return at <= end && name.endsWith(last) ? (star ?? name.slice(at, end)) : undefined
}

function noneFound(pattern: string, tensors: readonly string[], file: string): HeschlError {
  const near = alike(pattern.replaceAll('*', ''), tensors.slice(-mostCompared))
  return new HeschlError('OPTION_INVALID', `No value of the model fits the tap "${pattern.slice(0, 200)}"`, {
    expected: `a name, or a pattern with *, among ${tensors.length} values such as ${near.join(', ')}`,
    found: pattern.slice(0, 200),
    where: { file },
    remedy: 'List them: heschl extract --model FILE.onnx --list-taps',
  })
}

/** The names that share most runs of three characters with what was written, nearest first. */
function alike(written: string, names: readonly string[]): readonly string[] {
  const threes = Array.from({ length: Math.max(0, Math.min(200, written.length) - 2) }, (_, i) =>
    written.slice(i, i + 3),
  )
  return names
    .map((name) => ({ name: name.slice(0, 200), shared: threes.filter((three) => name.includes(three)).length }))
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, shown)
    .map(({ name }) => name)
}

function sameName(layer: string, first: string, second: string, file: string): HeschlError {
  return new HeschlError('OPTION_INVALID', `Two values of the model would be the layer "${layer.slice(0, 200)}"`, {
    expected: 'a name for each: with * where the pattern has one',
    found: `${first} and ${second}`,
    where: { file },
    remedy: 'Make the pattern find one value alone, or put * in the name',
  })
}
