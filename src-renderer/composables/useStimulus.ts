/** What was heard in a stretch of time, as finely as there are pixels; the picture before stays until the next is there. */
import { shallowRef, watch, type Ref } from 'vue'
import type { StimulusView } from '../../src-main/contract/inspect.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import type { Span } from '../plots/time/span.ts'

/** Milliseconds that a stretch has to stand still before its picture is asked for. */
const settle = 60

export function useStimulus(
  study: Readonly<Ref<string | undefined>>,
  stimulus: Readonly<Ref<string | undefined>>,
  span: Readonly<Ref<Span>>,
  columns: Readonly<Ref<number>>,
) {
  const host = useHost()
  const view = shallowRef<StimulusView | null>(null)
  const failure = shallowRef<SerializedError | null>(null)
  let timer = 0
  let asked = 0

  async function load() {
    const ask = ++asked
    const [path, id] = [study.value, stimulus.value]
    if (path === undefined || id === undefined || columns.value < 2) return
    const { from, to } = span.value
    try {
      const found = await host.call('stimulusView', { study: path, stimulus: id, from, to, columns: columns.value })
      if (ask === asked) [view.value, failure.value] = [found, null]
    } catch (thrown) {
      if (ask === asked) [view.value, failure.value] = [null, describeFailure(thrown)]
    }
  }

  watch(
    [study, stimulus],
    () => {
      view.value = null
      void load()
    },
    { immediate: true },
  )
  watch([span, columns], () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void load(), settle)
  })
  return { view, failure }
}
