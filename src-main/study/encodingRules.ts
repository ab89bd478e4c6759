/** What a schema cannot say of `encoding:`: options that contradict each other. Works on the raw value. */
import { resolveEncoding } from './encoding.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'
import { encodingSchema } from './encodingSchema.ts'
import { error } from './finding.ts'
import type { Finding } from './finding.ts'
import type { KeyPath } from './words.ts'

type Raw = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param encoding what stands under `encoding` */
export function checkEncoding(encoding: Raw): readonly Finding[] {
  const checked = encodingSchema.safeParse(encoding)
  return [
    ...checkWindows(encoding),
    ...checkAlphas(encoding['alphas']),
    ...checkRange(encoding['standardizeY']),
    ...(checked.success ? checkCombinations(resolveEncoding(checked.data), encoding) : []),
  ]
}

/** Where an option's value is from: its own line, or that of the preset. */
const placeOf = (encoding: Raw, option: string): KeyPath =>
  option in encoding ? ['encoding', option] : 'preset' in encoding ? ['encoding', 'preset'] : ['encoding']

function checkCombinations(resolved: ResolvedEncoding, encoding: Raw): readonly Finding[] {
  const findings: Finding[] = []
  const refuse = (option: string, message: string, remedy: string) =>
    findings.push(error(placeOf(encoding, option), message, remedy))
  const { hrf, gap, folds } = resolved
  if (gap !== 0 && typeof folds !== 'number')
    refuse(
      'gap',
      '`encoding.gap` lies between contiguous folds, and `encoding.folds` holds out whole runs',
      'Remove one of them',
    )
  if (typeof hrf === 'object' && 'lags' in hrf && hrf.lags.from > hrf.lags.to)
    refuse('hrf', `\`encoding.hrf.lags\`: ${hrf.lags.from} is above ${hrf.lags.to}`, 'Give `from` below `to`')
  return findings
}

function checkWindows(encoding: Raw): readonly Finding[] {
  const preset = resolveEncoding({ preset: 'standard' })
  const { window = preset.window, stride = preset.stride } = encoding
  const findings: Finding[] = []
  if ((window === 'none' || isMap(window)) && 'stride' in encoding) {
    const message = '`encoding.stride` is of windows of a length, and `encoding.window` has none'
    findings.push(error(['encoding', 'stride'], message, 'Remove `stride`; a causal window has `step`'))
  }
  if (typeof window === 'number' && typeof stride === 'number' && stride > window) {
    const message = `\`encoding.stride\` (${stride} s) is longer than \`encoding.window\` (${window} s): audio would be left out`
    findings.push(
      error(['encoding', 'stride' in encoding ? 'stride' : 'window'], message, 'Make the stride at most the window'),
    )
  }
  return findings
}

function checkAlphas(alphas: unknown): readonly Finding[] {
  if (!isMap(alphas)) return []
  const { from, to, count } = alphas
  if (typeof from !== 'number' || typeof to !== 'number' || !(from > to || (from === to) !== (count === 1))) return []
  const message = `\`encoding.alphas\`: ${String(count)} penalties from 10^${from} to 10^${to} cannot be evenly spaced`
  return [error(['encoding', 'alphas'], message, 'Give `from` below `to`, or one penalty with both the same')]
}

function checkRange(standardizeY: unknown): readonly Finding[] {
  if (!isMap(standardizeY)) return []
  const { robust } = standardizeY
  if (!Array.isArray(robust)) return []
  const [from, to] = robust as unknown[]
  if (typeof from !== 'number' || typeof to !== 'number' || from < to) return []
  const message = `\`encoding.standardizeY.robust\`: ${from} is not below ${to}`
  return [error(['encoding', 'standardizeY', 'robust'], message, 'Give two percentiles, the lower first')]
}
