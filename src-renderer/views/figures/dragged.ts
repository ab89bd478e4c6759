/**
 * A panel on its way to a page. It is kept here, not in the drag itself: the view that it was dragged from is gone once
 * the page is shown, and with it the element that would be told of the end.
 */
import { shallowRef } from 'vue'
import type { NewPanel } from '../../composer/edit.ts'

const dragged = shallowRef<NewPanel | null>(null)
const kind = 'application/x-heschl-panel'

export function startDrag(event: DragEvent, panel: NewPanel) {
  if (!event.dataTransfer) return
  dragged.value = panel
  event.dataTransfer.effectAllowed = 'copy'
  event.dataTransfer.setData(kind, panel.show)
}

/** Whether what is dragged is one of our panels, and not a file from elsewhere. */
export const isPanelDrag = (event: DragEvent): boolean =>
  dragged.value !== null && event.dataTransfer?.types.includes(kind) === true

/** Once. */
export function takeDragged(event: DragEvent): NewPanel | null {
  if (!isPanelDrag(event)) return null
  const panel = dragged.value
  dragged.value = null
  return panel
}
