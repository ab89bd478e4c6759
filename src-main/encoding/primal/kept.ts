/** Results that are needed again, as far as they fit into a number of bytes; the others are computed again. */
export class Kept {
  readonly #most: number
  readonly #values = new Map<string, unknown>()
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @param key names what `make` gives, which must not be written to */
  async get<T>(key: string, bytes: number, make: () => Promise<T>): Promise<T> {
    if (this.#values.has(key)) return this.#values.get(key) as T
    const made = await make()
    if (this.#bytes + bytes <= this.#most) {
      this.#values.set(key, made)
      this.#bytes += bytes
    }
    return made
  }
}
