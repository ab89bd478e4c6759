/** The latest values of many, as far as they fit: what was not asked for the longest goes first. */
export class BoundedCache<Value> {
  readonly #values = new Map<string, { readonly value: Value; readonly bytes: number }>()
  readonly #most: number
  #bytes = 0

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most
  }

  get(key: string): Value | undefined {
    const found = this.#values.get(key)
    if (!found) return undefined
    this.#values.delete(key)
    this.#values.set(key, found)
    return found.value
  }

  put(key: string, value: Value, bytes: number): void {
    this.#bytes += bytes - (this.#values.get(key)?.bytes ?? 0)
    this.#values.delete(key)
    this.#values.set(key, { value, bytes })
    for (const [oldest, entry] of this.#values) {
      if (this.#bytes <= this.#most || oldest === key) break
      this.#values.delete(oldest)
      this.#bytes -= entry.bytes
    }
  }
}
