import type { Ref } from 'vue'
import { panned, zoomed, type Span } from '../plots/time/span.ts'

interface Moves {
  readonly span: Readonly<Ref<Span>>
  readonly whole: Readonly<Ref<Span>>
  readonly setSpan: (span: Span) => void
  readonly toggle: () => void
  readonly seek: (seconds: number) => void
}

/** Share of what is shown that an arrow moves by. */
const step = 0.2
const factor = 1.5

/** Keys of a time axis. */
export function useTimeKeys({ span, whole, setSpan, toggle, seek }: Moves) {
  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { from, to } = span.value
    const length = to - from
    const middle = (from + to) / 2
    const moves: Readonly<Record<string, () => void>> = {
      ' ': toggle,
      ArrowLeft: () => setSpan(panned(span.value, -step * length, whole.value)),
      ArrowRight: () => setSpan(panned(span.value, step * length, whole.value)),
      '+': () => setSpan(zoomed(span.value, middle, 1 / factor, whole.value)),
      '=': () => setSpan(zoomed(span.value, middle, 1 / factor, whole.value)),
      '-': () => setSpan(zoomed(span.value, middle, factor, whole.value)),
      '0': () => setSpan(whole.value),
      Home: () => setSpan({ from: whole.value.from, to: whole.value.from + length }),
      End: () => setSpan({ from: whole.value.to - length, to: whole.value.to }),
      Enter: () => seek(middle),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }
  return { onKey }
}
