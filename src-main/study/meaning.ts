/**
 * What a schema cannot say: ids that repeat or lead nowhere, options that contradict each other. Works on the raw
 * value, so that these are told together with wrong types elsewhere in the file.
 */
import { checkElectrodes } from './electrodes.ts'
import { checkEncoding } from './encodingRules.ts'
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import { checkRuns } from './recordings.ts'
import { checkSets } from './sets.ts'
import { similar } from './similar.ts'
import { checkVolumes } from './volumes.ts'
import { checkWeights } from './weights.ts'
import { listed, pathText } from './words.ts'
import type { KeyPath } from './words.ts'

type Entry = { readonly path: KeyPath; readonly value: Readonly<Record<string, unknown>> }

export function checkMeaning(root: unknown): readonly Finding[] {
  const study: Entry = { path: [], value: isMap(root) ? root : {} }
  const stimuli = entries(study, 'stimuli')
  const subjects = entries(study, 'subjects')
  const models = entries(study, 'models')
  const beside = entries(study, 'spaces')
  const spaces = [...models, ...beside]
  return [
    ...repeatedIds(stimuli),
    ...repeatedIds(subjects),
    ...repeatedIds(spaces),
    ...repeatedIds(entries(study, 'sets')),
    ...subjects.flatMap(reservedId),
    ...checkRecordings(stimuli, subjects),
    ...models.flatMap(({ path, value }) => checkWeights(path, value)),
    ...beside.flatMap(checkFamily),
    ...checkTranscripts(beside, stimuli, subjects),
    ...(spaces.length === 0 && isMap(root) ? [nothingToFit()] : []),
    ...entries(study, 'compare')
      .slice(0, maxFindings)
      .flatMap((comparison) => checkContrast(comparison, ids(spaces))),
    ...checkEncoding(encodingOf(study)),
    ...checkSets(entries(study, 'sets'), models, beside, encodingOf(study)),
    ...checkRuns(encodingOf(study), subjects.map(withRecordings)),
    ...checkElectrodes(
      encodingOf(study),
      subjects.flatMap((subject) => entries(subject, 'recordings')),
    ),
    ...checkVolumes(
      study.value,
      subjects.flatMap((subject) => entries(subject, 'recordings')),
    ),
  ]
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The maps of a list, whatever else is in it: that is the schema's to tell. */
function entries(parent: Entry, key: string): readonly Entry[] {
  const list: unknown = parent.value[key]
  if (!Array.isArray(list)) return []
  return list.flatMap((value: unknown, index) => (isMap(value) ? [{ path: [...parent.path, key, index], value }] : []))
}

const encodingOf = ({ value }: Entry) => (isMap(value['encoding']) ? value['encoding'] : {})

const withRecordings = (subject: Entry) => ({ path: subject.path, recordings: entries(subject, 'recordings') })

function ids(list: readonly Entry[]): string[] {
  return list.flatMap(({ value }) => (typeof value['id'] === 'string' ? [value['id']] : []))
}

function repeatedIds(list: readonly Entry[]): readonly Finding[] {
  const first = new Map<string, KeyPath>()
  const findings: Finding[] = []
  for (const { path, value } of list) {
    const { id } = value
    if (typeof id !== 'string') continue
    const earlier = first.get(id)
    if (earlier === undefined) first.set(id, path)
    else if (findings.length < maxFindings) findings.push(takenId([...path, 'id'], id, earlier))
  }
  return findings
}

function takenId(path: KeyPath, id: string, earlier: KeyPath): Finding {
  const message = `\`${pathText(path)}\`: the id "${id}" is taken by \`${pathText(earlier)}\``
  return error(path, message, 'Give it another')
}

function reservedId({ path, value }: Entry): readonly Finding[] {
  if (value['id'] !== 'mean') return []
  return [error([...path, 'id'], 'No subject can have the id "mean": it stands for the mean over subjects')]
}

function checkRecordings(stimuli: readonly Entry[], subjects: readonly Entry[]): readonly Finding[] {
  const known = new Set(ids(stimuli))
  const heard = new Set<string>()
  const findings: Finding[] = []
  for (const subject of subjects) {
    const own = new Set<string>()
    for (const { path, value } of entries(subject, 'recordings')) {
      const { stimulus } = value
      if (typeof stimulus !== 'string') continue
      const at = [...path, 'stimulus']
      if (findings.length >= maxFindings) return findings
      if (!known.has(stimulus)) findings.push(unknownId(at, stimulus, 'stimulus', [...known]))
      else if (own.has(stimulus)) findings.push(heardTwice(at, stimulus))
      own.add(stimulus)
      heard.add(stimulus)
    }
  }
  const unused = stimuli.filter(({ value }) => typeof value['id'] === 'string' && !heard.has(value['id']))
  return [...findings, ...unused.slice(0, maxFindings).map(unusedStimulus)]
}

function unknownId(path: KeyPath, id: string, what: string, known: readonly string[]): Finding {
  const meant = similar(id, known)
  const question = meant === undefined ? '' : `; did you mean "${meant}"?`
  const remedy = meant === undefined && known.length > 0 && known.length <= 20 ? `There are ${known.join(', ')}` : null
  return error(path, `\`${pathText(path)}\`: no ${what} has the id "${id}"${question}`, remedy)
}

function heardTwice(path: KeyPath, stimulus: string): Finding {
  return {
    severity: 'warning',
    path,
    part: 'value',
    message: `\`${pathText(path)}\`: this subject heard "${stimulus}" already, so the same audio can be in training and test folds`,
    remedy: 'Average the repetitions, or read the scores with that in mind',
  }
}

function unusedStimulus({ path, value }: Entry): Finding {
  const message = `No recording uses the stimulus "${String(value['id'])}"`
  return { severity: 'warning', path, part: 'value', message, remedy: null }
}

/** What a space can be made from, and the key of a stimulus that gives it. */
const families = [
  { family: 'acoustic', transcript: undefined },
  { family: 'lexical', transcript: 'words' },
  { family: 'phonetic', transcript: 'phones' },
  { family: 'vectors', transcript: 'words' },
] as const

function checkFamily({ path, value }: Entry): readonly Finding[] {
  const name = `\`${pathText(path)}\``
  const known: readonly string[] = families.map(({ family }) => family)
  const [first, second] = known.filter((key) => value[key] !== undefined)
  if (second !== undefined)
    return [error([...path, second], `${name} has both \`${first}\` and \`${second}\``, 'Make them two spaces')]
  // A misspelt key is told by the schema.
  if (first !== undefined || Object.keys(value).some((key) => key !== 'id' && !known.includes(key))) return []
  const message = `${name} has none of ${listed(known.map((key) => `\`${key}\``))}`
  return [error(path, message, 'Add one of them, for example `acoustic: mel`')]
}

/** Spaces of words or phones need them of every stimulus that is heard. */
function checkTranscripts(
  spaces: readonly Entry[],
  stimuli: readonly Entry[],
  subjects: readonly Entry[],
): readonly Finding[] {
  const recordings = subjects.flatMap((subject) => entries(subject, 'recordings'))
  const heard = new Set(recordings.map(({ value }) => value['stimulus']))
  return families.flatMap(({ family, transcript }) => {
    const space = spaces.find(({ value }) => value[family] !== undefined)
    if (space === undefined || transcript === undefined) return []
    const without = stimuli.filter(({ value }) => heard.has(value['id']) && value[transcript] === undefined)
    return without.slice(0, maxFindings).map(({ path }) => {
      const needs = `which \`${pathText(space.path)}\` (${family}) is made from`
      const remedy = `Add \`${transcript}:\` with a table or a TextGrid of its ${transcript}, or remove the space`
      return error(path, `\`${pathText(path)}\` has no \`${transcript}\`, ${needs}`, remedy)
    })
  })
}

function nothingToFit(): Finding {
  const message = 'The study has no models and no spaces, so there is nothing to fit'
  return { severity: 'warning', path: [], part: 'value', message, remedy: 'Add `models:` or `spaces:`' }
}

function checkContrast({ path, value }: Entry, known: readonly string[]): readonly Finding[] {
  const { contrast } = value
  if (!Array.isArray(contrast)) return []
  const at = [...path, 'contrast']
  const unknown = contrast.flatMap((id: unknown, index) =>
    typeof id === 'string' && !known.includes(id) ? [unknownId([...at, index], id, 'model or space', known)] : [],
  )
  const same = contrast.length === 2 && typeof contrast[0] === 'string' && contrast[0] === contrast[1]
  return same ? [...unknown, error(at, `\`${pathText(at)}\` compares "${contrast[0]}" with itself`)] : unknown
}
