/** Where a model's weights come from: a port with two sides, a checkpoint's file and a seeded generator. */

/** Float32 bytes of a tensor in a file. */
interface FilePlace {
  readonly file: string
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly bytes: number
}

export interface Weights {
  /** Where the tensor lies, ready to be used; null when it has to be computed or converted by `read`. */
  place(name: string): FilePlace | null
  /** The tensor, row-major, of the shape that `tensorsOf` gives. */
  read(name: string): Float32Array
}
