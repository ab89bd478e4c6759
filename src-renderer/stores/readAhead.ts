/** Reads what the next key leads to, once what is shown is there and drawn. */
import { computed, watch } from 'vue'
import { neighbours } from '../plots/neighbours.ts'
import { useCompare } from './compare.ts'
import { useGridMaps } from './gridMaps.ts'
import { everybody, useSelection } from './selection.ts'
import { useStudy } from './study.ts'

/** Milliseconds after the frame with what is shown: what one goes through quickly is not read around. */
const pause = 60

export function useReadAhead() {
  const { study } = useStudy()
  const { selection, layers, spec } = useSelection()
  const { specs, correction, watched } = useCompare()
  const { load, mapKey, stateOf } = useGridMaps()

  const shown = computed(() => (watched.value ? specs.value : spec.value ? [spec.value] : []))
  const tested = computed(() => watched.value && correction.value !== 'none')
  const settled = computed(() =>
    shown.value.every((own) => (stateOf(mapKey(own, correction.value))?.state ?? 'loading') !== 'loading'),
  )
  let turn = 0

  async function ahead() {
    const own = ++turn
    if (!settled.value || tested.value) return
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, pause)))
    const { layer, subject } = selection
    const next = neighbours({
      ...{ specs: shown.value, layer, subject, layers: layers.value.map(({ name }) => name) },
      subjects: [everybody, ...(study.value?.subjects ?? []).map(({ id }) => id)],
    })
    // One after the other: whoever chooses meanwhile waits for one at most.
    for (const maps of next) if (own === turn) await load(maps, 'none', 'nobody')
  }
  watch([shown, settled, tested], ahead, { immediate: true })
}
