import { onScopeDispose, reactive, watch, type ShallowRef } from 'vue'

/** An element's content box in CSS pixels, kept up to date. */
export function useElementSize(element: Readonly<ShallowRef<HTMLElement | null>>) {
  const size = reactive({ width: 0, height: 0 })
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return
    size.width = Math.floor(entry.contentRect.width)
    size.height = Math.floor(entry.contentRect.height)
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
