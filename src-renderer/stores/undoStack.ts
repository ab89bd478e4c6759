/** What can be undone and done again. Pure: states are texts by name, and time is given. */

/** Each part of the state by its name, as text that can be compared. */
export type ViewState = Readonly<Record<string, string>>

interface Change {
  readonly before: ViewState
  readonly after: ViewState
  /** Milliseconds, when it was last added to. */
  readonly at: number
}

export interface UndoOptions {
  /** Steps that are remembered. */
  readonly most: number
  /** Milliseconds within which changes of a coalesced part are one step: a drag, not its pixels. */
  readonly within: number
  /** Parts whose changes follow one another quickly. */
  readonly coalesced: ReadonlySet<string>
}

export class UndoStack {
  readonly #options: UndoOptions
  #state: ViewState = {}
  #done: Change[] = []
  #undone: Change[] = []

  constructor(options: UndoOptions) {
    this.#options = options
  }

  /** Starts anew from a state: nothing can be undone. */
  reset(state: ViewState): void {
    this.#state = state
    this.#done = []
    this.#undone = []
  }

  /** Takes a state as the present one without a step: it followed from the last one by itself. */
  settle(state: ViewState): void {
    this.#state = state
  }

  /** @param now milliseconds */
  record(state: ViewState, now: number): void {
    const names = Object.keys(state).filter((name) => state[name] !== this.#state[name])
    if (names.length === 0) return
    const pick = (from: ViewState): ViewState => Object.fromEntries(names.map((name) => [name, from[name] ?? '']))
    const change: Change = { before: pick(this.#state), after: pick(state), at: now }
    this.#state = state
    this.#undone = []
    const last = this.#done.at(-1)
    if (!last || !this.#oneStep(last, change)) {
      this.#done = [...this.#done, change].slice(-this.#options.most)
      return
    }
    const joined: Change = { before: last.before, after: change.after, at: now }
    const back = names.every((name) => joined.before[name] === joined.after[name])
    this.#done = [...this.#done.slice(0, -1), ...(back ? [] : [joined])]
  }

  /** @returns the parts to set, or null where there is nothing to undo */
  undo(): ViewState | null {
    const change = this.#done.pop()
    if (!change) return null
    this.#undone.push(change)
    this.#state = { ...this.#state, ...change.before }
    return change.before
  }

  /** @returns the parts to set, or null where nothing was undone */
  redo(): ViewState | null {
    const change = this.#undone.pop()
    if (!change) return null
    // What is done again is a step of its own, whatever comes after it.
    this.#done.push({ ...change, at: -Infinity })
    this.#state = { ...this.#state, ...change.after }
    return change.after
  }

  get depth(): { readonly done: number; readonly undone: number } {
    return { done: this.#done.length, undone: this.#undone.length }
  }

  #oneStep(last: Change, next: Change): boolean {
    const names = Object.keys(next.after)
    const { coalesced, within } = this.#options
    return (
      names.length === Object.keys(last.after).length &&
      names.every((name) => name in last.after && coalesced.has(name)) &&
      next.at - last.at <= within
    )
  }
}
