/** What each key does while a panel of a page has the focus. */

export type PanelAction =
  | { readonly kind: 'nudge'; readonly dx: number; readonly dy: number; readonly resize: boolean }
  | { readonly kind: 'remove' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'leave' }
  /** With those that are chosen already, or no longer. */
  | { readonly kind: 'choose' }

export type PageAction =
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  | { readonly kind: 'save' }
  | { readonly kind: 'all' }
  | { readonly kind: 'zoom'; readonly by: 1 | -1 }

type Keys = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>

/** Millimetres. */
const step = 1
const largeStep = 5

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** @returns null for a key that a panel leaves alone */
export function panelAction({ key, shiftKey, altKey, ctrlKey, metaKey }: Keys): PanelAction | null {
  const arrow = Object.hasOwn(arrows, key) ? arrows[key] : undefined
  if (ctrlKey || metaKey) return key.toLowerCase() === 'd' ? { kind: 'duplicate' } : null
  if (arrow) {
    const by = shiftKey ? largeStep : step
    return { kind: 'nudge', dx: by * arrow[0], dy: by * arrow[1], resize: altKey }
  }
  if (key === 'Delete' || key === 'Backspace') return { kind: 'remove' }
  if (key === ' ') return { kind: 'choose' }
  return key === 'Escape' ? { kind: 'leave' } : null
}

/** @returns null for a key that the page leaves alone */
export function pageAction({ key, shiftKey, ctrlKey, metaKey }: Keys): PageAction | null {
  if (!ctrlKey && !metaKey) return null
  switch (key.toLowerCase()) {
    case 'z':
      return { kind: shiftKey ? 'redo' : 'undo' }
    case 'y':
      return { kind: 'redo' }
    case 's':
      return { kind: 'save' }
    case 'a':
      return { kind: 'all' }
    case '+':
    case '=':
      return { kind: 'zoom', by: 1 }
    case '-':
      return { kind: 'zoom', by: -1 }
    default:
      return null
  }
}
