/** What was before and what was taken back, of any immutable value. */

export interface History<Value> {
  readonly past: readonly Value[]
  readonly present: Value
  readonly future: readonly Value[]
  /** Changes of one kind in a row, as steps with an arrow key, are taken back together; empty for those that are not. */
  readonly kind: string
}

const mostSteps = 200

export const began = <Value>(present: Value): History<Value> => ({ past: [], present, future: [], kind: '' })

export function changed<Value>(history: History<Value>, next: Value, kind = ''): History<Value> {
  if (next === history.present) return history
  const together = kind !== '' && kind === history.kind
  const past = together ? history.past : [...history.past, history.present].slice(-mostSteps)
  return { past, present: next, future: [], kind }
}

export function undone<Value>(history: History<Value>): History<Value> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], kind: '' }
}

export function redone<Value>(history: History<Value>): History<Value> {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.present], present: next, future, kind: '' }
}
