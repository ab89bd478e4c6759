/** Pointer and keyboard on the cortex: hover reads, drag turns, the wheel zooms, keys do all of it. */
import type { Ref } from 'vue'
import { cortexAction, turned, zoomed } from '../cortex/keyboard.ts'
import type { CortexScene } from '../cortex/panels.ts'
import { pick } from '../cortex/picking.ts'
import { placeAfter } from '../cortex/regions.ts'
import { usePins } from '../stores/pins.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'

/** A drag as wide as this turns the brain half round. */
const halfTurn = 500
/** Pixels that a click may move. */
const still = 4

export function usePointer(
  scene: Readonly<Ref<CortexScene | null>>,
  size: { readonly width: number; readonly height: number },
) {
  const { surface } = useStudy()
  const { selection, map, showForm } = useSelection()
  const { togglePin } = usePins()
  let dragging = false
  let moved = 0

  function onMove(event: PointerEvent) {
    if (dragging) {
      moved += Math.abs(event.movementX) + Math.abs(event.movementY)
      if (moved <= still) return
      const scale = Math.PI / halfTurn
      selection.orbit = turned(selection.orbit, event.movementX * scale, event.movementY * scale)
      return
    }
    if (scene.value === null) return
    selection.place = pick(event.offsetX, event.offsetY, size.width, size.height, scene.value)
  }

  function onDown(event: PointerEvent) {
    if (event.button !== 0) return
    dragging = true
    moved = 0
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  function onUp(event: PointerEvent) {
    const clicked = dragging && moved <= still && event.type === 'pointerup'
    dragging = false
    if (!clicked || scene.value === null) return
    selection.place = pick(event.offsetX, event.offsetY, size.width, size.height, scene.value)
    if (selection.place) togglePin(selection.place, event.shiftKey)
  }

  /** The keyboard's marker stays when the pointer goes. */
  function onLeave(event: PointerEvent) {
    if (!(event.currentTarget as HTMLElement).matches(':focus-visible')) selection.place = null
  }

  function onWheel(event: WheelEvent) {
    selection.orbit = zoomed(selection.orbit, Math.exp(-event.deltaY / 600))
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || surface.value === null) return
    const action = cortexAction(event.key, event.shiftKey, selection.orbit)
    if (action === null) return
    event.preventDefault()
    switch (action.kind) {
      case 'region':
      case 'hemisphere':
      case 'clear':
        selection.place = placeAfter(action, selection.place, surface.value, map.value)
        break
      case 'orbit':
        selection.orbit = action.orbit
        break
      case 'view':
        selection.view = action.view
        break
      case 'form':
        showForm(action.form)
        break
      case 'pin':
        if (selection.place) togglePin(selection.place, action.wholeRegion)
    }
  }
  return { onKey, onMove, onDown, onUp, onLeave, onWheel }
}
