import { stampOf } from './stamp.ts'

/** Remembers what files said for as long as their sizes and times stay the same. */
export class Remembered<T> {
  readonly #known = new Map<string, { readonly stamp: string; readonly value: Promise<T> }>()
  readonly #most: number

  /** @param most that are kept; the least recently used goes first */
  constructor(most = Infinity) {
    this.#most = most
  }

  get(key: string, files: readonly string[], read: (stamp: string) => Promise<T>): Promise<T> {
    const stamp = files.map(stampOf).join('|')
    const known = this.#known.get(key)
    const value = known?.stamp === stamp ? known.value : read(stamp)
    this.#known.delete(key)
    this.#known.set(key, { stamp, value })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#most) break
      this.#known.delete(oldest)
    }
    return value
  }
}
