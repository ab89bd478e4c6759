/** What the encoding model asks of every subject's recordings. Works on the raw value. */
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

interface RawSubject {
  readonly path: KeyPath
  readonly recordings: readonly { readonly path: KeyPath; readonly value: Readonly<Record<string, unknown>> }[]
}

/** Confounds that are to be regressed out need a table of every run; runs that are held out in turn are two or more. */
export function checkRuns(
  encoding: Readonly<Record<string, unknown>>,
  subjects: readonly RawSubject[],
): readonly Finding[] {
  const { confounds, folds, standardizeY } = encoding
  const wanted = Array.isArray(confounds) && confounds.length > 0
  const without = subjects
    .flatMap(({ recordings }) => recordings)
    .filter(({ value }) => wanted && value['confounds'] === undefined)
    .map(({ path }) => {
      const message = `\`${pathText(path)}\` has no \`confounds\`, which \`encoding.confounds\` names columns of`
      return error(path, message, 'Add `confounds:` with its table, or remove `encoding.confounds`')
    })
  const alone = subjects
    .filter(({ recordings }) => folds === 'runs' && recordings.length === 1)
    .map(({ path }) => {
      const message = `\`${pathText(path)}\` has one recording, and \`encoding.folds: runs\` holds out a whole run`
      return error(path, message, 'Give a number of folds')
    })
  return [...without.slice(0, maxFindings), ...alone.slice(0, maxFindings), ...checkRange(standardizeY)]
}

function checkRange(standardizeY: unknown): readonly Finding[] {
  if (typeof standardizeY !== 'object' || standardizeY === null || !('robust' in standardizeY)) return []
  const { robust } = standardizeY
  if (!Array.isArray(robust)) return []
  const [from, to] = robust as unknown[]
  if (typeof from !== 'number' || typeof to !== 'number' || from < to) return []
  const message = `\`encoding.standardizeY.robust\`: ${from} is not below ${to}`
  return [error(['encoding', 'standardizeY', 'robust'], message, 'Give two percentiles, the lower first')]
}
