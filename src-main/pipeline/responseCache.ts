import type { Matrix32 } from '../linalg/matrix.ts'
import { cleanRun } from './cleanRun.ts'
import type { Cleaning } from './cleanRun.ts'
import { loadResponses } from './responses.ts'
import type { VertexCounts } from './responses.ts'
import type { RecordingFiles } from './tasks.ts'

/**
 * A subject's recordings, cleaned and scaled, kept while memory allows: every layer of every model is fitted
 * to them. The least recently used subject goes first.
 */
export class ResponseCache {
  readonly #limit: number
  readonly #kept = new Map<string, { readonly runs: readonly Matrix32[]; readonly bytes: number }>()
  #bytes = 0

  /** @param limit bytes; one subject is kept even when it alone is larger */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** [volumes, vertices] a run, as `cleanRun` gives it. */
  async runs(
    subject: string,
    recordings: readonly RecordingFiles[],
    vertices: VertexCounts,
    cleaning: Cleaning,
  ): Promise<readonly Matrix32[]> {
    const key = JSON.stringify([subject, recordings, vertices, cleaning])
    const known = this.#kept.get(key)
    if (known) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.runs
    }
    const runs: Matrix32[] = []
    for (const recording of recordings) {
      const { stimulus, files } = recording
      runs.push(await cleanRun(await loadResponses(files, vertices, { subject, stimulus }), recording, cleaning))
    }
    const bytes = runs.reduce((sum, run) => sum + run.data.byteLength, 0)
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes + bytes <= this.#limit) break
      this.#kept.delete(oldest)
      this.#bytes -= freed
    }
    this.#kept.set(key, { runs, bytes })
    this.#bytes += bytes
    return runs
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
