import type { StimulusView } from '../../contract/inspect.ts'
import type { Argument } from '../../contract/procedures.ts'
import { HeschlError } from '../../errors.ts'
import type { StepResult } from '../../pipeline/context.ts'
import { stretchOfPicture } from '../../pipeline/inspect/stretch.ts'
import type { Picture } from '../../pipeline/inspect/stretch.ts'
import type { HeardFacts } from '../../pipeline/inspect/heardAudio.ts'
import { codeVersions } from '../../pipeline/tasks.ts'
import type { PictureTask } from '../../pipeline/tasks.ts'
import { contentKey } from '../../store/keys.ts'
import type { StepIdentity } from '../../store/keys.ts'
import type { Stimulus } from '../../study/schema.ts'
import { versions } from '../provenance.ts'
import type { Snapshot, StudySession } from '../session.ts'

/** Words of a stretch at most: more cannot be told apart. */
const mostWords = 400
/** Pictures that are held, of an hour about 20 MB each. */
const mostHeld = 8

/** @throws HeschlError OPTION_INVALID */
export function stimulusOf({ study }: Snapshot, id: string): Stimulus {
  const stimulus = study.stimuli.find((one) => one.id === id)
  if (stimulus) return stimulus
  throw new HeschlError('OPTION_INVALID', 'The study has no such stimulus', {
    expected: `one of ${study.stimuli.map((one) => one.id).join(', ')}`.slice(0, 2000),
    found: id,
  })
}

/** What names a stimulus's picture in the store. */
export async function pictureIdentity(
  { facts, store }: StudySession,
  stimulus: Stimulus,
): Promise<{ readonly identity: StepIdentity; readonly audio: string }> {
  const audio = facts.path(stimulus.audio)
  const inputs = [await store.fileHash(audio)]
  return { identity: { kind: 'picture', version: codeVersions.picture, parameters: null, inputs }, audio }
}

/** Pictures of stimuli: computed once, stored with the study, the last ones held. */
export class Pictures {
  readonly #held = new Map<string, Promise<Picture & { readonly facts: HeardFacts }>>()

  /** @throws HeschlError as `decodeAudio` */
  async get(
    session: StudySession,
    stimulus: Stimulus,
    compute: (task: PictureTask) => Promise<StepResult>,
  ): Promise<Picture & { readonly facts: HeardFacts }> {
    const { identity, audio } = await pictureIdentity(session, stimulus)
    const key = contentKey(identity)
    const held = this.#held.get(key) ?? this.#load(session, stimulus, { key, identity, audio }, compute)
    this.#held.delete(key)
    this.#held.set(key, held)
    held.catch(() => this.#held.delete(key))
    for (const oldest of this.#held.keys()) if (this.#held.size > mostHeld) this.#held.delete(oldest)
    return held
  }

  async #load(
    { store }: StudySession,
    stimulus: Stimulus,
    { key, identity, audio }: { readonly key: string; readonly identity: unknown; readonly audio: string },
    compute: (task: PictureTask) => Promise<StepResult>,
  ): Promise<Picture & { readonly facts: HeardFacts }> {
    if (!store.has(key)) {
      const began = performance.now()
      const { arrays, provenance } = await compute({ kind: 'picture', audio })
      const seconds = (performance.now() - began) / 1000
      const label = `Picture of ${stimulus.id}`
      store.put(
        {
          key,
          kind: 'picture',
          label,
          inputs: identity,
          provenance: { ...versions(), ...provenance },
          seconds,
          work: 0,
        },
        arrays,
      )
    }
    return {
      peaks: store.array(key, 'peaks').data as Uint16Array,
      mel: store.array(key, 'mel').data as Uint8Array,
      facts: store.step(key)!.provenance as unknown as HeardFacts,
    }
  }
}

/** A stretch of a stimulus as it is drawn, with its words. */
export async function viewOf(
  session: StudySession,
  stimulus: Stimulus,
  picture: Picture & { readonly facts: HeardFacts },
  { from, to, columns }: Argument<'stimulusView'>,
): Promise<StimulusView> {
  const { seconds } = picture.facts
  const words =
    stimulus.words === undefined ? null : await session.facts.tokens(stimulus.words, 'words').catch(() => null)
  const said = words?.filter(({ start, end }) => end > from && start < to) ?? []
  return {
    ...{ stimulus: stimulus.id, from, to, seconds },
    ...stretchOfPicture(picture, { from, to, columns }),
    words: said.length > mostWords ? [] : said.map(({ text, start, end }) => ({ text, start, end })),
    wordCount: words === null ? null : said.length,
  }
}
