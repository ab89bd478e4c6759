/** An ABX experiment as its tables and recordings have it. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkItems, parseItems, parseTriplets, withPhones, type Item, type Triplet } from '../behaviour/triplets.ts'
import { HeschlError } from '../errors.ts'
import { readTable } from '../formats/tableFile.ts'
import { audioInfo } from '../stimuli/index.ts'

/** Where an experiment is; absolute paths. */
export interface ExperimentFiles {
  readonly triplets: string
  /** Tables of stimuli; with languages where each has its own. */
  readonly items: readonly { readonly language: string; readonly file: string }[]
  /** The folder of the recordings; one a language may be in it. */
  readonly audio: string
}

/** A stretch of a recording, in seconds. */
export interface Stretch {
  readonly id: string
  readonly onset: number
  readonly offset: number
  readonly line: number
}

export interface Experiment {
  readonly triplets: readonly Triplet[]
  /** The recordings that the triplets need, with what is cut from each. */
  readonly recordings: readonly { readonly file: string; readonly own: readonly Stretch[] }[]
  /** Different items, and their seconds together. */
  readonly items: number
  readonly seconds: number
}

/**
 * @throws HeschlError as `parseItems`, `parseTriplets`, `checkItems` and `audioInfo`; FILE_MISSING for a recording
 */
export async function readExperiment(files: ExperimentFiles): Promise<Experiment> {
  const byLanguage = files.items.some(({ language }) => language !== '')
  const items = new Map<string, Item>()
  for (const { file, language } of files.items)
    for (const [id, item] of parseItems(await readTable(file), file, language)) items.set(id, item)
  const triplets = parseTriplets(await readTable(files.triplets), files.triplets, byLanguage)
  if (triplets.length === 0)
    throw new HeschlError('FORMAT_INVALID', 'The table has no triplets', { where: { file: files.triplets, line: 1 } })
  checkItems(triplets, items, files.triplets)
  const used = new Set(triplets.flatMap(({ target, other, x }) => [target, other, x]))
  const recordings = await recordingsOf(
    [...items.values()].filter(({ id }) => used.has(id)),
    files,
  )
  const stretches = recordings.flatMap(({ own }) => own)
  const seconds = stretches.reduce((sum, { onset, offset }) => sum + offset - onset, 0)
  return { triplets: withPhones(triplets, items), recordings, items: used.size, seconds }
}

/** The items of each recording, and where it is. */
async function recordingsOf(
  items: readonly Item[],
  { audio, items: tables }: ExperimentFiles,
): Promise<Experiment['recordings']> {
  const languages = tables.map(({ language }) => language)
  const groups = Map.groupBy(
    items,
    ({ id, file }) => `${languages.find((name) => id.startsWith(`${name}:`)) ?? ''}\n${file}`,
  )
  const out: { file: string; own: readonly Stretch[] }[] = []
  for (const [key, own] of groups) {
    const [language, name] = key.split('\n') as [string, string]
    const places = [join(language, name), name].flatMap((place) => [place, `${place}.wav`, `${place}.flac`])
    const tried = [...new Set(places)].map((place) => join(audio, place))
    const file = (await Promise.all(tried.map(async (place) => ((await isFile(place)) ? place : '')))).find(Boolean)
    if (file === undefined)
      throw new HeschlError('FILE_MISSING', 'The recording of an item is missing', {
        where: { file: tried[0] },
        expected: `one of ${tried.join(', ')}`,
        found: 'none of them',
        remedy: 'Give the folder of the recordings: --audio, or `behaviour.audio` in a study',
      })
    const whole = own.some(({ span }) => span === null) ? (await audioInfo(file)).seconds : 0
    out.push({
      file,
      own: own.map(({ id, span, line }) => ({ id, line, ...(span ?? { onset: 0, offset: whole }) })),
    })
  }
  return out
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
