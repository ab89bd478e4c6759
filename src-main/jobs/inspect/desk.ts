import type {
  Inspection,
  InspectionProgress,
  PointScores,
  StimulusAudio,
  StimulusView,
} from '../../contract/inspect.ts'
import type { RulerPath } from '../../contract/ruler.ts'
import type { HemisphereSurface } from '../../contract/study.ts'
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
  /** Numbers of hemispheres, by their folded form: the compute thread keeps what it made of one. */
  readonly #meshes = new WeakMap<Float32Array, number>()
  #lastMesh = 0

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
    const tell = this.#teller(study, lane)
    const found: Inspection[] = []
    for (const point of points) {
      const compute = (task: Parameters<Inspector['run']>[0], step: string) => {
        current()
        return this.#inspector.run(task, lane, ({ fraction: within }) =>
          tell(step, (found.length + within) / points.length),
        )
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

  /** @throws HeschlError as `Ruler.measure`; CANCELLED where something else was asked for in the lane */
  async ruler(
    { folded, triangles }: HemisphereSurface,
    { study, lane, from, to }: Argument<'ruler'>,
  ): Promise<RulerPath> {
    const mesh = this.#meshes.get(folded) ?? ++this.#lastMesh
    this.#meshes.set(folded, mesh)
    const tell = this.#teller(study, lane)
    const task = { kind: 'ruler', mesh, folded, triangles, from, to } as const
    const { arrays, provenance } = await this.#inspector.run(task, lane, ({ fraction }) => tell('Measuring', fraction))
    const [starts, ends, shares] = arrays.map(({ data }) => data) as [Int32Array, Int32Array, Float32Array]
    const length = provenance['length'] as number | null
    return { length, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends), shares }
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

  /** Tells how far it is, once a person has waited. */
  #teller(study: string, lane: string): (step: string, fraction: number) => void {
    const began = performance.now()
    return (step, fraction) => {
      const elapsed = performance.now() - began
      if (elapsed < patience) return
      const secondsLeft = fraction > leastShare ? (elapsed * (1 - fraction)) / fraction / 1000 : null
      this.#tell({ study, lane, step, fraction, secondsLeft })
    }
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
