/** The values of a grid's rows at a point, in words. */
import { computed } from 'vue'
import type { GridMap } from '../../src-main/contract/maps.ts'
import type { Place } from '../cortex/picking.ts'
import { meanOfRegion } from '../cortex/regions.ts'
import { formatShare, formatValue } from '../plots/format.ts'
import type { GridRow, Quantity } from '../plots/gridRows.ts'
import { useCompare } from '../stores/compare.ts'
import { usePins, type Pin } from '../stores/pins.ts'
import { useStudy } from '../stores/study.ts'

interface ValueWords {
  readonly value: string
  /** Empty where nothing was tested. */
  readonly p: string
}

export function useGridValues() {
  const { surface } = useStudy()
  const { compare, rows, columns, cells, stateOf } = useCompare()
  const { pins } = usePins()

  /** What a row shows, by its first cell that has something. */
  function shownBy(row: number): { readonly map: GridMap; readonly quantity: Quantity } | null {
    const width = columns.value.length
    for (const { mapKey, quantity } of cells.value.slice(row * width, (row + 1) * width)) {
      const state = stateOf(mapKey)
      if (state?.state === 'ready') return { map: state.map, quantity }
    }
    return null
  }

  function words(row: GridRow, r: number, { hemisphere, vertex }: Place, wholeRegion: boolean): ValueWords {
    const shown = shownBy(r)
    const labels = surface.value?.[hemisphere].labels
    if (!shown || !labels) return { value: '–', p: '' }
    const values = shown.map[hemisphere]
    const value = wholeRegion && shown.quantity !== 'preferred' ? meanOfRegion(values, labels, vertex) : values[vertex]
    const p = wholeRegion ? undefined : shown.map.significance?.[hemisphere][vertex]
    return {
      value: valueWords(value ?? NaN, shown.quantity, row),
      p: p === undefined || Number.isNaN(p) ? '' : `adjusted p ${formatP(p)}`,
    }
  }

  const hovered = computed(() =>
    rows.value.map((row, r) => (compare.place ? words(row, r, compare.place, false) : null)),
  )
  const pinned = computed(() =>
    rows.value.map((row, r) => pins.value.map((pin: Pin) => words(row, r, pin, pin.wholeRegion))),
  )
  return { hovered, pinned }
}

function valueWords(value: number, quantity: Quantity, { layers }: GridRow): string {
  if (Number.isNaN(value)) return 'no value'
  if (quantity === 'share') return formatShare(value)
  if (quantity === 'preferred') return layers[value] ?? 'no value'
  if (quantity === 'p') return `p ${formatP(10 ** -value)}`
  return formatValue(value)
}

const formatP = (p: number) => (p < 0.001 ? '< 0.001' : formatValue(p))
