/** A GIFTI run of one array a volume, whose texts are decoded by threads, each straight into its volume's row. */
import type { ErrorPlace } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { isGzipped } from './gzipped.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'
import { decodedBytes } from './giftiData.ts'
import type { GiftiLayout, GiftiValues } from './giftiData.ts'
import { parseGifti, TextInPieces } from './giftiParse.ts'
import type { GiftiVisitor, TextPlace } from './giftiParse.ts'
import type { GiftiText } from './giftiTexts.ts'
import { readInThread } from './readThreads.ts'

/** A smaller file is read before a thread has been started. */
const fewBytes = 1 << 20
/** Of a file's numbers at most. */
const mostBytes = 2 ** 30
/** What an array takes of a file beside its text, at least. */
const leastMarkup = 32

/**
 * [volumes, vertices], or undefined for a file that is not of the usual kind: one Base64 array a volume, each in one
 * stretch, in a file that is not gzipped. The reader of every other kind reads that one, or says what is wrong with it.
 * @param visitor what is to be checked of each array
 * @throws HeschlError as `parseGifti`, and what `visitor` throws
 */
export async function readGiftiRun(path: string, visitor: GiftiVisitor): Promise<Matrix32 | undefined> {
  return withFile(path, async (file) => {
    if (file.file === undefined || file.size < fewBytes || (await isGzipped(file))) return undefined
    const run = new RunInThreads(file, file.file)
    try {
      await parseGifti(path, {
        ...visitor,
        onDeclaredArrays: (count) => {
          run.volumes = count
        },
        decode: (text, layout, where) => run.decode(text, layout, where),
      })
      return run.result
    } catch (error) {
      if (error instanceof TextInPieces) return undefined
      throw error
    } finally {
      await run.settled()
    }
  })
}

class RunInThreads {
  volumes = 0
  readonly #file: FileBytes
  readonly #number: number
  #data: Float32Array | undefined
  #vertices = 0
  #rows = 0
  #texts: GiftiText[] = []
  #asked: Promise<void> | undefined
  readonly #all: Promise<void>[] = []

  constructor(file: FileBytes, number: number) {
    this.#file = file
    this.#number = number
  }

  /** Undefined where nothing came through here. */
  get result(): Matrix32 | undefined {
    return this.#data && { data: this.#data, rows: this.#rows, cols: this.#vertices }
  }

  decode({ at, length }: TextPlace, layout: GiftiLayout, { line }: ErrorPlace): Promise<GiftiValues> {
    this.#data ??= this.#room(layout)
    const row = this.#rows++
    if (layout.dims.length > 1 || layout.count !== this.#vertices || row >= this.volumes) throw new TextInPieces()
    const into = this.#data.subarray(row * this.#vertices, (row + 1) * this.#vertices)
    this.#texts.push({ at, length, layout, into, ...(line !== undefined && { line }) })
    // What was found in one piece of the file is asked for together
    this.#asked ??= Promise.resolve().then(() => this.#ask())
    return this.#asked.then(() => into)
  }

  /** @throws TextInPieces where the file cannot hold as many arrays of this size as it says */
  #room(layout: GiftiLayout): Float32Array {
    const { volumes } = this
    const { size } = this.#file
    const bytes = volumes * layout.count * 4
    if (volumes * leastMarkup > size || volumes * decodedBytes(layout) > mostBytes || bytes > mostBytes)
      throw new TextInPieces()
    this.#vertices = layout.count
    return new Float32Array(new SharedArrayBuffer(bytes))
  }

  #ask(): Promise<void> {
    const texts = this.#texts
    this.#texts = []
    this.#asked = undefined
    const asked = readInThread({ path: this.#file.path, file: this.#number, texts })
    this.#all.push(asked)
    return asked
  }

  /** Until then the file has to stay open. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#asked ? [...this.#all, this.#asked] : this.#all)
    await Promise.allSettled(this.#all)
  }
}
