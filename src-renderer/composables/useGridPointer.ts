/** Pointer and keyboard on a grid of cortices. */
import { cortexAction, turned, zoomed } from '../cortex/keyboard.ts'
import { placeAfter } from '../cortex/regions.ts'
import { useCompare, type GridCell } from '../stores/compare.ts'
import { usePins } from '../stores/pins.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'
import type { useGridView } from './useGridView.ts'

/** A drag as wide as this turns the brain half round. */
const halfTurn = 400
/** Pixels that a click may move. */
const still = 4

export function useGridPointer(view: ReturnType<typeof useGridView>, offset: number) {
  const { surface } = useStudy()
  const { compare } = useCompare()
  const { selection, layers, showForm } = useSelection()
  const { togglePin } = usePins()
  let dragged: GridCell | null = null
  let moved = 0

  function inContent(event: PointerEvent | WheelEvent): [number, number] {
    const element = event.currentTarget as HTMLElement
    const { left, top } = element.getBoundingClientRect()
    return [event.clientX - left - offset, event.clientY - top + element.scrollTop]
  }

  function onMove(event: PointerEvent) {
    if (dragged === null) {
      compare.place = view.placeUnder(...inContent(event))
      return
    }
    moved += Math.abs(event.movementX) + Math.abs(event.movementY)
    if (moved <= still) return
    const scale = Math.PI / halfTurn
    view.turn(dragged, (orbit) => turned(orbit, event.movementX * scale, event.movementY * scale))
  }

  function onDown(event: PointerEvent) {
    const [x, y] = inContent(event)
    if (event.button !== 0) return
    dragged = view.cellUnder(x, y)
    moved = 0
    if (dragged) (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  function onUp(event: PointerEvent) {
    const clicked = dragged !== null && moved <= still && event.type === 'pointerup'
    dragged = null
    if (!clicked) return
    compare.place = view.placeUnder(...inContent(event))
    if (compare.place) togglePin(compare.place, event.shiftKey)
  }

  /** The keyboard's marker stays when the pointer goes. */
  function onLeave(event: PointerEvent) {
    if (!(event.currentTarget as HTMLElement).matches(':focus-visible')) compare.place = null
  }

  /** With Ctrl or Cmd it zooms; alone it scrolls the rows. */
  function onWheel(event: WheelEvent) {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    view.turn(view.cellUnder(...inContent(event)), (orbit) => zoomed(orbit, Math.exp(-event.deltaY / 600)))
  }

  function step(by: number) {
    const at = layers.value.findIndex(({ name }) => name === selection.layer)
    const next = layers.value[at + by]
    if (next) selection.layer = next.name
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || surface.value === null) return
    if (event.key === '[' || event.key === ']') {
      event.preventDefault()
      step(event.key === '[' ? -1 : 1)
      return
    }
    const action = cortexAction(event.key, event.shiftKey, compare.orbit)
    if (action === null || action.kind === 'view') return
    event.preventDefault()
    switch (action.kind) {
      case 'region':
      case 'hemisphere':
      case 'clear':
        compare.place = placeAfter(action, compare.place, surface.value, null)
        break
      case 'orbit':
        compare.orbit = action.orbit
        compare.orbits = {}
        break
      case 'form':
        showForm(action.form)
        break
      case 'pin':
        if (compare.place) togglePin(compare.place, action.wholeRegion)
    }
  }
  return { onKey, onMove, onDown, onUp, onLeave, onWheel }
}
