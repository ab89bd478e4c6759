import { statSync } from 'node:fs'
import { readWordVectors } from '../formats/wordVectors.ts'
import type { WordVectors } from '../formats/wordVectors.ts'
import { HeschlError } from '../errors.ts'
import { readWords } from '../stimuli/index.ts'
import type { StepContext } from './context.ts'

/** A file's vectors of the words of some transcripts. */
interface KnownVectors {
  /** Words that the file has. */
  readonly words: number
  /** As the word is written, or in lower case where it is not in the file so; undefined where it is not at all. */
  readonly vectorOf: (word: string) => Float32Array | undefined
}

/** The vectors read last: the runs of a study ask for the same file and the same words, one after the other. */
export class VectorTable {
  #key = ''
  #known: KnownVectors | undefined

  /**
   * One pass over the file, unless the last call was for the same.
   * @param transcripts files of words
   * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CANCELLED
   */
  async get(file: string, transcripts: readonly string[], context: StepContext): Promise<KnownVectors> {
    const key = JSON.stringify([file, ...transcripts].map(stampOf))
    if (this.#known && key === this.#key) return this.#known
    this.#known = undefined
    const wanted = new Set<string>()
    for (const transcript of transcripts)
      for (const { text } of await readWords(transcript)) wanted.add(text).add(text.toLowerCase())
    const found = await readWordVectors(file, wanted, {
      onProgress: (fraction) => context.progress({ fraction, rate: 'reading word vectors' }),
      cancelled: context.cancelled,
    })
    this.#key = key
    this.#known = known(found)
    return this.#known
  }
}

function known({ words, vectors }: WordVectors): KnownVectors {
  return { words, vectorOf: (word) => vectors.get(word) ?? vectors.get(word.toLowerCase()) }
}

function stampOf(file: string): readonly unknown[] {
  try {
    const { size, mtimeMs } = statSync(file)
    return [file, size, mtimeMs]
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
}
