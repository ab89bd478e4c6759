/** Long lists a part at a time, so that what a person waits for is drawn before what lies below the fold. */
import { computed, onScopeDispose, ref, watch } from 'vue'

const first = 12
const step = 60
const idle = (work: () => void) => window.requestIdleCallback(work, { timeout: 1000 })

/** @returns the items that are shown: the first ones, and more whenever the window has nothing else to do */
export function useGradually<Item>(items: () => readonly Item[]) {
  const count = ref(first)
  let waiting = 0
  const more = () => {
    waiting = 0
    count.value += step
  }
  watch(
    [count, () => items().length],
    ([shown, all]) => {
      if (shown < all) waiting ||= idle(more)
    },
    { immediate: true },
  )
  onScopeDispose(() => window.cancelIdleCallback(waiting))
  return computed(() => items().slice(0, count.value))
}
