/**
 * GIFTI's bytes, cut where data begin and end. Base64 of a run is some tens of megabytes, which a parser of XML would look
 * at character by character: it is taken out as bytes and never goes through one.
 */

/** What takes the pieces. */
interface GiftiSink {
  /** Markup, in order. */
  readonly markup: (bytes: Uint8Array) => void
  /** Whether what follows is the text of an array's `<Data>`, after `markup` ended with that tag. */
  readonly inData: () => boolean
  /** That text, in pieces: everything up to the next `<`. */
  readonly data: (bytes: Uint8Array) => void
}

const opening = Buffer.from('<Data>')
const lessThan = 0x3c
const ampersand = 0x26

export class GiftiSplitter {
  readonly #sink: GiftiSink
  #carried = Buffer.alloc(0)
  #inData = false

  constructor(sink: GiftiSink) {
    this.#sink = sink
  }

  write(piece: Uint8Array): void {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    if (this.#carried.length > 0) rest = Buffer.concat([this.#carried, rest])
    this.#carried = Buffer.alloc(0)
    while (rest.length > 0) rest = this.#inData ? this.#takeData(rest) : this.#takeMarkup(rest)
  }

  /** What is left at the end of the file. */
  end(): void {
    if (this.#carried.length > 0) this.#sink.markup(this.#carried)
    this.#carried = Buffer.alloc(0)
  }

  #takeMarkup(bytes: Buffer): Buffer {
    const at = bytes.indexOf(opening)
    if (at < 0) {
      // The tag may begin in this piece and end in the next
      const last = bytes.lastIndexOf(lessThan)
      const kept = last >= 0 && bytes.length - last < opening.length ? bytes.length - last : 0
      if (bytes.length > kept) this.#sink.markup(bytes.subarray(0, bytes.length - kept))
      this.#carried = Buffer.from(bytes.subarray(bytes.length - kept))
      return Buffer.alloc(0)
    }
    this.#sink.markup(bytes.subarray(0, at + opening.length))
    this.#inData = this.#sink.inData()
    return bytes.subarray(at + opening.length)
  }

  #takeData(bytes: Buffer): Buffer {
    const at = bytes.indexOf(lessThan)
    const text = at < 0 ? bytes : bytes.subarray(0, at)
    // Entities are the parser's
    if (text.includes(ampersand)) this.#sink.markup(text)
    else this.#sink.data(text)
    this.#inData = at < 0
    return at < 0 ? Buffer.alloc(0) : bytes.subarray(at)
  }
}
