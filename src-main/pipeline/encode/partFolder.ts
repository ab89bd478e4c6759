/** What an interrupted `heschl encode` leaves: a file a stripe of targets, in a folder within --out. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { HeschlError } from '../../errors.ts'

/** Scores of a stripe, [folds or 1, its targets] each; what is stored of a target is the same in any stripe. */
export interface StripeScores {
  readonly r: Float32Array
  /** [folds, its targets]: index into the alphas; 255 where there was nothing to fit. */
  readonly alpha: Uint8Array
  readonly r2?: Float32Array
}

/** Finished stripes of one computation, named by what its numbers depend on. */
export class PartFolder {
  readonly folder: string
  readonly #key: string

  private constructor(folder: string, key: string) {
    this.folder = folder
    this.#key = key
  }

  /**
   * Opens what is there; parts of another computation, or of inputs that have changed since, are removed.
   * @param key all that the scores depend on, hashes of the inputs among it
   */
  static async open(folder: string, key: string): Promise<PartFolder> {
    const parts = new PartFolder(folder, key)
    const known = await readFile(join(folder, 'key'), 'utf8').catch(() => undefined)
    if (known !== key) await parts.clear()
    return parts
  }

  /**
   * @param expected how many scores and alphas it has
   * @returns undefined where it is not there, or not as it was written
   */
  async read(
    place: number,
    expected: { readonly scores: number; readonly alphas: number },
    r2: boolean,
  ): Promise<StripeScores | undefined> {
    const bytes = await readFile(this.#file(place)).catch(() => undefined)
    const { scores, alphas } = expected
    if (!bytes || bytes.length !== 32 + scores * (r2 ? 8 : 4) + alphas) return undefined
    const data = bytes.subarray(32)
    if (!createHash('sha256').update(data).digest().equals(bytes.subarray(0, 32))) return undefined
    const floats = (from: number) => new Float32Array(Uint8Array.from(data.subarray(from, from + 4 * scores)).buffer)
    const alpha = Uint8Array.from(data.subarray(4 * scores, 4 * scores + alphas))
    return { r: floats(0), alpha, ...(r2 && { r2: floats(4 * scores + alphas) }) }
  }

  /** Stored whole or not at all, flushed to the disk. @throws HeschlError DISK_FULL, FILE_UNREADABLE */
  async write(place: number, { r, alpha, r2 }: StripeScores): Promise<void> {
    await this.make()
    const parts = [r, alpha, ...(r2 ? [r2] : [])]
    const data = Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)))
    const file = this.#file(place)
    try {
      await writeFileAtomic(file, [createHash('sha256').update(data).digest(), data])
    } catch (error) {
      throw HeschlError.from(error, { file })
    }
  }

  /** The folder, with the name of the computation in it. */
  async make(): Promise<void> {
    const file = join(this.folder, 'key')
    if (existsSync(file)) return
    try {
      await mkdir(this.folder, { recursive: true })
      await writeFileAtomic(file, this.#key)
    } catch (error) {
      throw HeschlError.from(error, { file })
    }
  }

  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  #file(place: number): string {
    return join(this.folder, `${place}.part`)
  }
}
