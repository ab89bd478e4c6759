import type {
  Inspection,
  InspectionProgress,
  PointScores,
  StimulusAudio,
  StimulusView,
} from '../../contract/inspect.ts'
import type { Argument } from '../../contract/procedures.ts'
import { HeschlError } from '../../errors.ts'
import { partSeconds } from '../../pipeline/inspect/heardAudio.ts'
import type { HeardFacts } from '../../pipeline/inspect/heardAudio.ts'
import type { Snapshot, StudySession } from '../session.ts'
import { elsewhere, Inspector } from './inspector.ts'
import { inspectPoint } from './points.ts'
import { scoresAt } from './scores.ts'
import { Pictures, stimulusOf, viewOf } from './stimuli.ts'

/** Milliseconds after which a person is told how far it is. */
const patience = 600
/** Share that has to be done before the time left can be told. */
const leastShare = 0.05

interface OpenStudy {
  readonly session: StudySession
  readonly snapshot: Snapshot
}

/** Answers what a person asks of places and stimuli, beside whatever job is running. */
export class InspectionDesk {
  readonly #inspector = new Inspector()
  readonly #pictures = new Pictures()
  readonly #tell: (progress: InspectionProgress) => void
  /** What each lane was last asked. */
  readonly #asked = new Map<string, symbol>()

  constructor(tell: (progress: InspectionProgress) => void) {
    this.#tell = tell
  }

  /** @throws HeschlError CANCELLED where scores of another place were asked for meanwhile */
  async scores(
    { session, snapshot }: OpenStudy,
    { study, place, lane = study }: Argument<'pointScores'>,
  ): Promise<PointScores> {
    const [current, done] = this.#turn(`scores ${lane}`)
    try {
      return await scoresAt(session, snapshot, place, current)
    } finally {
      done()
    }
  }

  /** @throws HeschlError as `inspectPoint`; CANCELLED where something else was asked for in the lane */
  async inspect(
    { session, snapshot }: OpenStudy,
    { study, lane, points, window, weights }: Argument<'inspect'>,
  ): Promise<readonly Inspection[]> {
    const [current, done] = this.#turn(lane)
    this.#inspector.stop(lane)
    const began = performance.now()
    const found: Inspection[] = []
    for (const point of points) {
      const compute = (task: Parameters<Inspector['run']>[0], step: string) => {
        current()
        return this.#inspector.run(task, lane, ({ fraction: within }) => {
          const elapsed = performance.now() - began
          if (elapsed < patience) return
          const fraction = (found.length + within) / points.length
          const secondsLeft = fraction > leastShare ? (elapsed * (1 - fraction)) / fraction / 1000 : null
          this.#tell({ study, lane, step, fraction, secondsLeft })
        })
      }
      try {
        found.push(await inspectPoint(session, snapshot, { point, window, weights, compute }))
        current()
      } catch (error) {
        done()
        throw error
      }
    }
    done()
    return found
  }

  stop({ lane }: Argument<'stopInspecting'>): void {
    this.#asked.delete(lane)
    this.#inspector.stop(lane)
  }

  async view({ session, snapshot }: OpenStudy, asked: Argument<'stimulusView'>): Promise<StimulusView> {
    const stimulus = stimulusOf(snapshot, asked.stimulus)
    const picture = await this.#pictures.get(session, stimulus, (task) => this.#inspector.run(task))
    return viewOf(session, stimulus, picture, asked)
  }

  async audio(
    { session, snapshot }: OpenStudy,
    { stimulus: id, part }: Argument<'stimulusAudio'>,
  ): Promise<StimulusAudio> {
    const { audio } = stimulusOf(snapshot, id)
    const { arrays, provenance } = await this.#inspector.run({ kind: 'listen', audio: session.facts.path(audio), part })
    const { seconds } = provenance as unknown as HeardFacts
    const parts = Math.max(1, Math.ceil(seconds / partSeconds))
    if (part >= parts)
      throw new HeschlError('OPTION_INVALID', 'The stimulus has no such part', {
        expected: `0 to ${parts - 1}`,
        found: String(part),
      })
    return { stimulus: id, part, parts, start: part * partSeconds, wav: arrays[0].data as Uint8Array }
  }

  /** @returns what throws CANCELLED once the lane is asked again, and what forgets the lane when all is done */
  #turn(lane: string): [current: () => void, done: () => void] {
    const turn = Symbol(lane)
    this.#asked.set(lane, turn)
    return [
      () => {
        if (this.#asked.get(lane) !== turn) throw elsewhere()
      },
      () => {
        if (this.#asked.get(lane) === turn) this.#asked.delete(lane)
      },
    ]
  }
}
