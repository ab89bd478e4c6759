import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { cleaningOf } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext } from './context.ts'
import { stackColumns } from './responseCache.ts'
import type { ResponseCache } from './responseCache.ts'
import { filePaths } from './responses.ts'
import { isDecodedWhole } from './recordingFile.ts'
import type { VertexRange } from './recordingFile.ts'
import { stripeWidth } from './stripes.ts'
import type { FitTask, RecordingFiles } from './tasks.ts'

type Read = Pick<FitTask, 'encoding' | 'vertices' | 'recordings' | 'subject'> & {
  /** Of each run, untrimmed. */
  readonly designs: readonly { readonly rows: number }[]
}

/** Whether reading some targets takes room for all of what a file holds. */
const needsRoom = ({ files, rule }: RecordingFiles) =>
  rule?.kind === 'resampled' || filePaths(files).some(isDecodedWhole)

/** A subject's recordings, all at once where there is room, and otherwise as many vertices as there is room for. */
export class Recordings {
  readonly #task: Read
  readonly #responses: ResponseCache
  readonly #room: number
  readonly #whole: boolean
  readonly #perTarget: number
  readonly #targets: number
  /** Targets that may be read at a time. */
  readonly most: number

  /** @param room bytes that responses may take, in all their forms */
  constructor(task: Read, responses: ResponseCache, room: number) {
    const { trim } = task.encoding
    this.#task = task
    this.#responses = responses
    this.#room = room
    this.#targets = task.vertices.left + task.vertices.right
    const volumes = task.designs.map(({ rows }) => rows - trim.start - trim.end)
    this.#perTarget = 4 * volumes.reduce((sum, rows) => sum + rows, 0)
    // A GIFTI file is decoded whole, and so is what is resampled; a stripe is there in shared memory, too, and as rows.
    const held = Math.max(...task.recordings.map(({ rule }) => (rule?.kind === 'resampled' ? rule.sources! : 0)))
    const reading = task.recordings.some(needsRoom) ? 2 * 4 * Math.max(...volumes) * Math.max(held, this.#targets) : 0
    const scoring = 2 * this.#perTarget * Math.min(this.#targets, stripeWidth(this.#perTarget / 4))
    const most = Math.floor((room - reading - scoring) / this.#perTarget)
    this.#whole = most >= this.#targets
    this.most = this.#whole ? this.#targets : most
  }

  /**
   * Some vertices of all runs.
   * @returns gives [volumes, to - from] of vertices in the range, in memory that threads share
   * @throws HeschlError as `loadResponses` and `cleanRun`; SHAPE_MISMATCH where a run is not as it was planned
   */
  async read(range: VertexRange, context: StepContext): Promise<(from: number, to: number) => Matrix32> {
    const { subject, recordings, vertices, encoding, designs } = this.#task
    const request = { subject, recordings, vertices, cleaning: cleaningOf(encoding) }
    const wanted = this.#whole ? { from: 0, to: this.#targets } : range
    const expected = this.#perTarget * (wanted.to - wanted.from)
    const runs = await this.#responses.runs(request, wanted, { room: this.#room, expected }, () =>
      throwIfCancelled(context),
    )
    const { trim } = encoding
    for (const [i, run] of runs.entries())
      if (run.rows !== designs[i].rows - trim.start - trim.end)
        throw new HeschlError('SHAPE_MISMATCH', 'A recording changed length since it was planned', {
          where: { subject, stimulus: recordings[i].stimulus },
          expected: `${designs[i].rows - trim.start - trim.end} volumes`,
          found: `${run.rows}`,
          remedy: 'Run again: the plan is made anew',
        })
    return (from, to) => stackColumns(runs, from - wanted.from, to - wanted.from)
  }
}
