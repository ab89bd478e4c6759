import { onScopeDispose, reactive, watch, type ShallowRef } from 'vue'

/** An element's content box in CSS pixels, kept up to date; even, so that two panels share it without half a pixel. */
export function useElementSize(element: Readonly<ShallowRef<HTMLElement | null>>) {
  const size = reactive({ width: 0, height: 0 })
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return
    size.width = 2 * Math.floor(entry.contentRect.width / 2)
    size.height = 2 * Math.floor(entry.contentRect.height / 2)
  })
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true },
  )
  onScopeDispose(() => observer.disconnect())
  return size
}
