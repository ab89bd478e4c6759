import type { ModelSource, WordContext, WordTokens } from '../activations/index.ts'

/** What is made from a stimulus's words, one vector a word. */
export type WordSpace =
  | {
      readonly kind: 'text'
      readonly source: ModelSource
      readonly layers: readonly string[]
      readonly context: WordContext
      readonly tokens: WordTokens
      /** The file of words. */
      readonly transcript: string
    }
  | {
      readonly kind: 'vectors'
      /** GloVe's or fastText's text file. */
      readonly file: string
      readonly units: number
      readonly transcript: string
      /** The words of all of the study's stimuli: the file is read once for all of them. */
      readonly transcripts: readonly string[]
      readonly layer: string
    }
