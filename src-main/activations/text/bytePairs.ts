/**
 * GPT-2's tokenizer: byte-level byte-pair encoding. Text is split into pieces by a pattern; each piece's UTF-8 bytes
 * are written as one character each, and pairs of neighbours are joined in the order of the merges.
 * Source: OpenAI's `gpt-2/src/encoder.py`, and the `tokenizers` library (`models/bpe`, `pre_tokenizers/byte_level`),
 * which transformers uses. Letters and numbers are those of this Node's Unicode.
 */

/** `\s` of the source is Unicode's White_Space, which JavaScript's `\s` is not quite. */
const pieces =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** A character for each byte: itself where it can be seen, one from U+0100 on where not (`bytes_to_unicode`). */
export const byteCharacters: readonly string[] = (() => {
  const visible = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++))
})()

/** Pieces whose tokens are kept; a language's frequent words. */
const mostRemembered = 50_000

export interface BytePairs {
  /** Token to id; has every character of `byteCharacters`, and whatever a merge makes. */
  readonly vocabulary: ReadonlyMap<string, number>
  /** `left right` to its place in the order of merges. */
  readonly ranks: ReadonlyMap<string, number>
  /** Texts that are one token wherever they stand, such as `<|endoftext|>`. */
  readonly special: ReadonlyMap<string, number>
  /** Whether a text that does not begin with a space is given one. */
  readonly prefixSpace: boolean
}

export class Tokenizer {
  readonly #pairs: BytePairs
  readonly #special: RegExp | undefined
  readonly #known = new Map<string, readonly number[]>()

  /** One more than the largest id: the rows of an embedding. */
  readonly size: number

  constructor(pairs: BytePairs) {
    this.#pairs = pairs
    let largest = 0
    for (const id of [...pairs.vocabulary.values(), ...pairs.special.values()]) largest = Math.max(largest, id)
    this.size = largest + 1
    // The longest first, where one begins another.
    const names = [...pairs.special.keys()].sort((a, b) => b.length - a.length).map((text) => RegExp.escape(text))
    this.#special = names.length > 0 ? new RegExp(`(${names.join('|')})`, 'u') : undefined
  }

  /** The ids of a text's tokens; none is added at its ends. */
  encode(text: string): number[] {
    const parts = this.#special ? text.split(this.#special) : [text]
    return parts.flatMap((part) => {
      const special = this.#pairs.special.get(part)
      if (special !== undefined) return [special]
      const spaced = this.#pairs.prefixSpace && part !== '' && !part.startsWith(' ') ? ` ${part}` : part
      return (spaced.match(pieces) ?? []).flatMap((piece) => this.#encodePiece(piece))
    })
  }

  #encodePiece(piece: string): readonly number[] {
    const known = this.#known.get(piece)
    if (known) return known
    const symbols = Array.from(Buffer.from(piece, 'utf8'), (byte) => byteCharacters[byte])
    const ids = this.#join(symbols).map((symbol) => this.#pairs.vocabulary.get(symbol)!)
    if (this.#known.size < mostRemembered) this.#known.set(piece, ids)
    return ids
  }

  /** Joins the pair whose merge comes first, the leftmost of them, until there is none. */
  #join(symbols: string[]): string[] {
    const { ranks } = this.#pairs
    for (;;) {
      let best = Infinity
      let at = -1
      for (let i = 0; i + 1 < symbols.length; i++) {
        const rank = ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity
        if (rank < best) [best, at] = [rank, i]
      }
      if (at === -1) return symbols
      symbols.splice(at, 2, symbols[at] + symbols[at + 1])
    }
  }
}
