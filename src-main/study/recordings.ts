/** What the encoding model asks of every subject's recordings. Works on the raw value. */
import { resolveEncoding } from './encoding.ts'
import { encodingSchema } from './encodingSchema.ts'
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

interface RawRecording {
  readonly path: KeyPath
  readonly value: Readonly<Record<string, unknown>>
}

interface RawSubject {
  readonly path: KeyPath
  readonly recordings: readonly RawRecording[]
}

/**
 * Confounds that are to be regressed out need a table of every run; runs that are held out in turn are two or more, three
 * where alphas are chosen by runs too; splits name stimuli that each subject heard; a ceiling of repetitions needs one.
 */
export function checkRuns(
  encoding: Readonly<Record<string, unknown>>,
  subjects: readonly RawSubject[],
): readonly Finding[] {
  const { confounds } = encoding
  const wanted = Array.isArray(confounds) && confounds.length > 0
  const without = subjects
    .flatMap(({ recordings }) => recordings)
    .filter(({ value }) => wanted && value['confounds'] === undefined)
    .map(({ path }) => {
      const message = `\`${pathText(path)}\` has no \`confounds\`, which \`encoding.confounds\` names columns of`
      return error(path, message, 'Add `confounds:` with its table, or remove `encoding.confounds`')
    })
  const checked = encodingSchema.safeParse(encoding)
  if (!checked.success) return without.slice(0, maxFindings)
  const { folds, selection, ceiling } = resolveEncoding(checked.data)
  const asked =
    typeof folds === 'object'
      ? checkSplits(folds.splits, selection === 'runs', subjects)
      : subjects.flatMap((subject) => checkCount(subject, folds === 'runs', selection === 'runs'))
  return [
    ...without.slice(0, maxFindings),
    ...asked.slice(0, maxFindings),
    ...(ceiling === 'repeats' ? checkRepeats(subjects) : []),
  ]
}

/** What the ceiling of repetitions is made of: a stimulus that a subject heard twice. */
function checkRepeats(subjects: readonly RawSubject[]): readonly Finding[] {
  const repeated = subjects.some(({ recordings }) => {
    const heard = recordings.map(({ value }) => value['stimulus'])
    return new Set(heard).size < heard.length
  })
  if (repeated || subjects.length === 0) return []
  const message = '`encoding.ceiling: repeats` needs a stimulus that a subject heard twice, and there is none'
  const remedy = 'List each presentation as a recording of its own, or choose another `ceiling`'
  return [error(['encoding', 'ceiling'], message, remedy)]
}

/** Runs that are held out, and those that are held out inside a training fold. */
function checkCount({ path, recordings }: RawSubject, outer: boolean, inner: boolean): readonly Finding[] {
  const count = recordings.length
  const fewest = 1 + Number(outer) + Number(inner)
  if (count === 0 || count >= fewest) return []
  const has = `\`${pathText(path)}\` has ${count === 1 ? 'one recording' : `${count} recordings`}`
  if (!inner)
    return [error(path, `${has}, and \`encoding.folds: runs\` holds out a whole run`, 'Give a number of folds')]
  if (!outer)
    return [
      error(path, `${has}, and \`encoding.selection: runs\` holds out a whole run`, 'Choose alphas by `{kfold: 5}`'),
    ]
  const asks = '`folds: runs` and `selection: runs` of `encoding` hold out two of them at a time'
  return [error(path, `${has}, and ${asks}`, 'Choose alphas by `leave-one-out` or `{kfold: 5}`, or bring more runs')]
}

/** Every fold holds out some of a subject's runs, none twice, and leaves enough to train on. */
function checkSplits(
  splits: readonly (readonly string[])[],
  byRuns: boolean,
  subjects: readonly RawSubject[],
): readonly Finding[] {
  const at = (index: number): KeyPath => ['encoding', 'folds', 'splits', index]
  const heard = subjects.map(({ path, recordings }) => ({
    path,
    stimuli: recordings.flatMap(({ value }) => (typeof value['stimulus'] === 'string' ? [value['stimulus']] : [])),
  }))
  const all = new Set(heard.flatMap(({ stimuli }) => stimuli))
  const first = new Map<string, number>()
  const findings: Finding[] = []
  for (const [index, split] of splits.entries()) {
    for (const id of split) {
      const earlier = first.get(id)
      if (!all.has(id)) findings.push(error(at(index), `\`${pathText(at(index))}\`: nobody heard "${id}"`))
      else if (earlier !== undefined)
        findings.push(
          error(at(index), `"${id}" is held out twice: by splits ${earlier} and ${index}`, 'Name it in one split'),
        )
      first.set(id, index)
    }
    for (const { path, stimuli } of heard) {
      const held = stimuli.filter((id) => split.includes(id)).length
      const left = stimuli.length - held
      if (stimuli.length === 0 || (held > 0 && left >= (byRuns ? 2 : 1))) continue
      const what = held === 0 ? 'holds out no recording' : left === 0 ? 'leaves no recording' : 'leaves one recording'
      const why = held > 0 && left > 0 ? ' to choose alphas by runs' : ''
      findings.push(
        error(at(index), `\`${pathText(at(index))}\` ${what} of \`${pathText(path)}\`${why}`, 'Change the split'),
      )
    }
    if (findings.length >= maxFindings) break
  }
  return findings
}
