import { acousticSpaces } from '../features/acoustic.ts'
import { phonesIn } from '../features/phones.ts'
import { transcribedSpaces } from '../features/transcribed.ts'
import { vectorUnits } from '../formats/wordVectors.ts'
import type { TranscribedName } from '../features/transcribed.ts'
import type { Space, Stimulus, Study } from '../study/schema.ts'
import type { Facts } from './facts.ts'
import type { DesignTask } from './tasks.ts'

/** What is known of a feature space once the files that it is made from have been read. */
export interface SpaceDescription {
  readonly units: number
  /** The phones of all stimuli, for a space that has a unit for each. */
  readonly inventory: readonly string[]
}

/** What a space's units are, in words. */
export function sourceOf(space: Space): string {
  if (space.vectors !== undefined) return `word vectors of ${space.vectors}, from onset to offset, 10 ms hop`
  return space.acoustic === undefined
    ? transcribedSpaces[transcribedName(space)].source
    : acousticSpaces[space.acoustic].source
}

/** A space that is not acoustic; the study's check has seen to it that one of the names is given. */
function transcribedName({ lexical, phonetic }: Space): TranscribedName {
  return lexical ?? phonetic!
}

/** @throws HeschlError of a transcript that cannot be read */
export async function describeSpace(space: Space, study: Study, facts: Facts): Promise<SpaceDescription> {
  if (space.acoustic !== undefined) return { units: acousticSpaces[space.acoustic].units, inventory: [] }
  if (space.vectors !== undefined) {
    await readTranscripts('words', study, facts)
    return { units: await vectorUnits(facts.path(space.vectors)), inventory: [] }
  }
  const name = transcribedName(space)
  const { transcript, units } = transcribedSpaces[name]
  const tokens = await readTranscripts(transcript, study, facts)
  const inventory = name === 'phones' ? phonesIn(tokens.flat()) : []
  return { units: units(inventory), inventory }
}

/**
 * The words or the phones of every stimulus that has them.
 * @throws HeschlError of a transcript that cannot be read
 */
export function readTranscripts(kind: 'words' | 'phones', { stimuli }: Study, facts: Facts) {
  const files = stimuli.flatMap((stimulus) => stimulus[kind] ?? [])
  return Promise.all(files.map((file) => facts.tokens(file, kind)))
}

/** What the compute thread needs to know of a space and one stimulus. */
export function spaceTask(
  space: Space,
  { inventory, units }: SpaceDescription,
  stimulus: Stimulus,
  { stimuli }: Study,
  facts: Facts,
): Exclude<DesignTask['space'], { readonly kind: 'model' | 'text' }> {
  if (space.acoustic !== undefined) return { kind: 'acoustic', acoustic: space.acoustic, layer: space.id }
  if (space.vectors !== undefined) {
    const transcripts = stimuli.flatMap(({ words }) => (words === undefined ? [] : [facts.path(words)]))
    const transcript = facts.path(stimulus.words!)
    return { kind: 'vectors', file: facts.path(space.vectors), units, transcript, transcripts, layer: space.id }
  }
  const name = transcribedName(space)
  const transcript = facts.path(stimulus[transcribedSpaces[name].transcript]!)
  return { kind: 'transcribed', name, transcript, inventory, layer: space.id }
}
