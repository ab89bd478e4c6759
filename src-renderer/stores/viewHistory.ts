/** Undo and redo of what is looked at and from where: the parts of the view that stores tell of. */
import { computed, nextTick, ref, watch } from 'vue'
import { useCompare } from './compare.ts'
import { useLayout } from './layout.ts'
import { usePins } from './pins.ts'
import { useSelection } from './selection.ts'
import { useStudy } from './study.ts'
import { UndoStack, type ViewState } from './undoStack.ts'
import { useWorkspace } from './workspace.ts'

interface Part {
  /** In words: "colour map". */
  readonly name: string
  /** A plain value that JSON keeps. */
  readonly read: () => unknown
  readonly write: (value: never) => void
}

const parts: Part[] = []
const stack = new UndoStack({
  most: 200,
  within: 600,
  coalesced: new Set(['camera', 'electrodes', 'form', 'grid', 'layout', 'limits']),
})
const depth = ref(stack.depth)
const { study } = useStudy()
const { selection } = useSelection()
const { compare } = useCompare()
const { pins, putPins } = usePins()
const { tab, show } = useWorkspace()
const { layout, apply } = useLayout()

/** What can be undone: one entry a part of the window, set by `write` to a value that `read` gave. */
function trackView<T>(name: string, read: () => T, write: (value: T) => void) {
  parts.push({ name, read, write })
}

trackView(
  'map',
  () => ({ model: selection.model, layer: selection.layer, subject: selection.subject }),
  (value) => Object.assign(selection, value),
)
trackView(
  'view',
  () => selection.view,
  (value) => (selection.view = value),
)
trackView(
  'form',
  () => selection.formAt,
  (value) => (selection.formAt = value),
)
trackView(
  'grid',
  () => ({ ...compare, place: null }),
  (value) => Object.assign(compare, { ...value, place: compare.place }),
)
trackView(
  'camera',
  () => selection.orbit,
  (value) => (selection.orbit = value),
)
trackView(
  'colour map',
  () => ({ colormap: selection.colormap, centre: selection.centre }),
  (value) => Object.assign(selection, value),
)
trackView(
  'limits',
  () => selection.fixedLimits,
  (value) => (selection.fixedLimits = value),
)
trackView(
  'threshold',
  () => ({ threshold: selection.threshold, fade: selection.fade }),
  (value) => Object.assign(selection, value),
)
trackView(
  'regions',
  () => selection.outlines,
  (value) => (selection.outlines = value),
)
trackView(
  'electrodes',
  () => selection.discs,
  (value) => (selection.discs = value),
)
trackView(
  'pins',
  () => pins.value,
  (value) => putPins(value),
)
trackView(
  'tab',
  () => tab.value,
  (value) => show(value),
)
trackView(
  'layout',
  () => ({ ...layout }),
  (value) => apply(value),
)

const present = (): ViewState =>
  Object.fromEntries(parts.map(({ name, read }) => [name, JSON.stringify(read() ?? null)]))

/** While a state is put back, or a study opens, what changes follows from that and is no step of its own. */
let settling = false

watch(
  present,
  (state) => {
    if (settling) stack.settle(state)
    else stack.record(state, performance.now())
    depth.value = stack.depth
  },
  { flush: 'post' },
)

watch(
  () => study.value?.path,
  async () => {
    settling = true
    await nextTick()
    await nextTick()
    stack.reset(present())
    depth.value = stack.depth
    settling = false
  },
  { flush: 'post' },
)

async function put(changed: ViewState | null): Promise<string | null> {
  if (changed === null) return null
  settling = true
  // A second time, for what other parts of the window made of the first: new rows empty their cells.
  for (let time = 0; time < 2; time++) {
    for (const { name, write } of parts) {
      const text = changed[name]
      if (text !== undefined) write(JSON.parse(text) as never)
    }
    await nextTick()
  }
  await nextTick()
  stack.settle(present())
  settling = false
  depth.value = stack.depth
  return Object.keys(changed).join(', ')
}

/** @returns what was changed, in words; null where there was nothing */
const undo = () => put(stack.undo())
const redo = () => put(stack.redo())

export const useViewHistory = () => ({
  canUndo: computed(() => depth.value.done > 0),
  canRedo: computed(() => depth.value.undone > 0),
  undo,
  redo,
  trackView,
})
