/** What is under the pointer or the keyboard's marker, in words. */
import { computed } from 'vue'
import { formatValue } from '../plots/format.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'

export function useReadout() {
  const { surface } = useStudy()
  const { selection, map } = useSelection()
  return computed(() => {
    const { place } = selection
    if (place === null || surface.value === null) return null
    const { hemisphere, vertex } = place
    const label = surface.value[hemisphere].labels[vertex] ?? 0
    const value = map.value?.[hemisphere][vertex]
    return {
      hemisphere,
      vertex,
      region: label === 0 ? 'outside every region' : (surface.value.regions[label]?.name ?? `region ${label}`),
      value: value === undefined ? '–' : Number.isNaN(value) ? 'no value' : formatValue(value),
      label: map.value?.label ?? 'no map',
    }
  })
}
