/** The keys of the window as a whole; the cortex and the tabs have theirs. */

export type Shortcut = 'commands' | 'undo' | 'redo' | 'jobs' | 'newStudy'

const mac = /Mac/.test(navigator.platform)
const keys: Readonly<Record<Shortcut, { readonly key: string; readonly shift?: true }>> = {
  commands: { key: 'k' },
  undo: { key: 'z' },
  redo: { key: 'z', shift: true },
  jobs: { key: 'j' },
  newStudy: { key: 'e' },
}

/** As written on the key caps: "Ctrl+Shift+Z". */
export function keyName(shortcut: Shortcut): string {
  const { key, shift } = keys[shortcut]
  return `${mac ? '⌘' : 'Ctrl+'}${shift ? (mac ? '⇧' : 'Shift+') : ''}${key.toUpperCase()}`
}

/** @returns null for a key that is left to whoever has the focus, or to the browser */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.defaultPrevented || event.altKey || !(mac ? event.metaKey : event.ctrlKey)) return null
  const pressed = event.key.toLowerCase()
  // A text that is being written has its own undo.
  const writing =
    event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]')
  if (pressed === 'y' && !writing) return 'redo'
  const names = Object.keys(keys) as Shortcut[]
  const found = names.find((name) => keys[name].key === pressed && (keys[name].shift ?? false) === event.shiftKey)
  return found === undefined || (writing && (found === 'undo' || found === 'redo')) ? null : found
}
