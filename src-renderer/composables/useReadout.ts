/** What is under the pointer or the keyboard's marker, in words. */
import { computed } from 'vue'
import { coordinatesText, electrodeOf, hasElectrodes, regionOf } from '../cortex/points.ts'
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
    const value = map.value?.[hemisphere][vertex]
    const electrode = electrodeOf(surface.value, place)
    const between = electrode === null && hasElectrodes(surface.value)
    return {
      hemisphere,
      point: electrode ? `electrode ${electrode.title}` : `vertex ${vertex}`,
      region: regionOf(surface.value, place),
      where: electrode
        ? `${coordinatesText(electrode.place)}, ${electrode.distance.toFixed(1)} mm from the surface`
        : '',
      value: between
        ? 'no electrode here'
        : value === undefined
          ? '–'
          : Number.isNaN(value)
            ? 'no value'
            : formatValue(value),
      label: between ? '' : (map.value?.label ?? 'no map'),
    }
  })
}
