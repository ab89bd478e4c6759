/** What the rest of Heschl sees of a model that reads words. */
import type { Matrix32 } from '../../linalg/matrix.ts'

export interface TextDescription {
  /** In words: what it is and where its weights come from. */
  readonly description: string
  /** In the order of computation: `embedding`, `transf0`…, `transfN.norm`. */
  readonly layers: readonly { readonly name: string; readonly units: number }[]
  /** Number of weights on the way to the last layer, embeddings counted. */
  readonly parameters: number
  /** Told apart from a model that hears audio. */
  readonly reads: 'words'
  /** Tokens that it can read at once. */
  readonly longest: number
}

export interface TextModel {
  readonly description: TextDescription
  /** The provider that computes. */
  readonly provider: string
  /**
   * The tokens of each word of a story, the words joined by single spaces.
   * @throws HeschlError OPTION_INVALID for a word that is empty, or too long to be one
   */
  tokenize(words: readonly string[]): readonly (readonly number[])[]
  /**
   * Several stretches of tokens at once, none of which sees another: each token sees those before it in its stretch.
   * @returns [tokens, units] a layer, in the order of computation; the caller's own
   * @throws HeschlError NUMERICAL (the weights give values that are not finite)
   */
  run(stretches: readonly (readonly number[])[]): Promise<ReadonlyMap<string, Matrix32>>
  close(): Promise<void>
}
