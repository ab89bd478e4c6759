import type { Matrix32 } from '../linalg/matrix.ts'
import { sharedMatrix32 } from '../linalg/matrix.ts'
import { cleanRun } from './cleanRun.ts'
import type { Cleaning } from './cleanRun.ts'
import { loadResponses } from './responses.ts'
import type { VertexRange } from './recordingFile.ts'
import type { VertexCounts } from './responses.ts'
import type { RecordingFiles } from './tasks.ts'

/** What names a subject's cleaned recordings. */
export interface ResponseRequest {
  readonly subject: string
  readonly recordings: readonly RecordingFiles[]
  readonly vertices: VertexCounts
  readonly cleaning: Cleaning
}

/**
 * Subjects' responses, read and cleaned; within its limit, kept, so that a subject's files are read once for all layers
 * of a model. The least recently used subject goes first.
 */
export class ResponseCache {
  readonly #limit: number
  readonly #kept = new Map<string, { readonly runs: readonly Matrix32[]; readonly bytes: number }>()
  #bytes = 0

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Some vertices, [volumes, vertices] a run, as `cleanRun` gives them.
   * @param room bytes that responses may take
   * @param expected bytes that these will take
   * @param between called before a recording is read; may throw
   */
  async runs(
    request: ResponseRequest,
    range: VertexRange,
    { room, expected }: { readonly room: number; readonly expected: number },
    between: () => void,
  ): Promise<readonly Matrix32[]> {
    const key = JSON.stringify([request, range])
    const known = this.#kept.get(key)
    if (known) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.runs
    }
    const { subject, recordings, vertices, cleaning } = request
    const limit = Math.min(room, this.#limit)
    this.#makeRoom(Math.max(0, limit - expected))
    const runs: Matrix32[] = []
    for (const recording of recordings) {
      between()
      const { stimulus, files, rule } = recording
      const run = await cleanRun(
        await loadResponses(files, vertices, { subject, stimulus }, range, rule),
        recording,
        cleaning,
      )
      runs.push(run)
    }
    const bytes = runs.reduce((sum, run) => sum + run.data.byteLength, 0)
    if (this.#bytes + bytes <= limit) {
      this.#kept.set(key, { runs, bytes })
      this.#bytes += bytes
    }
    return runs
  }

  /** Forgets the least recently used until all that is kept takes no more than so many bytes. */
  #makeRoom(bytes: number): void {
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= bytes) return
      this.#kept.delete(oldest)
      this.#bytes -= freed
    }
  }
}

/** Matrices with equal columns, one under the other. */
export function stackRows(parts: readonly Matrix32[]): Matrix32 {
  const cols = parts[0]?.cols ?? 0
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const data = new Float32Array(rows * cols)
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { data, rows, cols }
}

/** Columns `from` to `to` of matrices one under the other, in memory that threads share. */
export function stackColumns(parts: readonly Matrix32[], from: number, to: number): Matrix32 {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const out = sharedMatrix32(rows, to - from)
  let at = 0
  for (const { data, rows: count, cols } of parts) {
    for (let row = 0; row < count; row++) {
      out.data.set(data.subarray(row * cols + from, row * cols + to), at)
      at += to - from
    }
  }
  return out
}
