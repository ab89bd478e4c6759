/** Compare's grid, one of its rows, or one of its cells, as panels of a page: what is seen is what they show. */
import { computed } from 'vue'
import type { MapSpec } from '../../../src-main/contract/maps.ts'
import { useGridScales } from '../../composables/useGridScales.ts'
import type { NewPanel } from '../../composer/edit.ts'
import type { Orbit } from '../../cortex/camera.ts'
import { useCompare, type GridCell } from '../../stores/compare.ts'
import { useSeen } from './seen.ts'

/** Millimetres. */
const titles = 30
const mostCell = 40
const mostWidth = 176
const mostHeight = 230
/** Heads above, colour bars below. */
const around = 22

const isTurned = ({ yaw, pitch, zoom }: Orbit) => yaw !== 0 || pitch !== 0 || zoom !== 1

export function useComparePanels() {
  const { compare, rows, columns, cells, stateOf } = useCompare()
  const { formed, over } = useSeen()
  const { scales } = useGridScales()

  /** Rows without a single map are left out; null where none has one. */
  function panelOf(wanted: readonly GridCell[]): NewPanel | null {
    const across = [...new Set(wanted.map(({ column }) => column))]
    const down = [...new Set(wanted.map(({ row }) => row))].filter((row) =>
      wanted.some((cell) => cell.row === row && stateOf(cell.mapKey)?.state === 'ready'),
    )
    if (down.length === 0 || down.length > 64 || across.length > 8) return null
    const at = (row: number, column: number) => wanted.find((cell) => cell.row === row && cell.column === column)
    const shown = down.map((row) => ({
      ...{ name: rows.value[row].title, note: rows.value[row].note },
      maps: alike(across.map((column) => at(row, column)?.spec ?? null)),
    }))
    const own = compare.linked
      ? []
      : down.flatMap((row, r) =>
          across.flatMap((column, c) => {
            const orbit = compare.orbits[at(row, column)?.key ?? '']
            return orbit ? [{ row: r, column: c, orbit: { ...orbit } }] : []
          }),
        )
    const used = new Set(shown.flatMap(({ maps }) => maps.flatMap((spec) => (spec ? [spec.kind] : []))))
    const width = Math.min(mostWidth, titles + mostCell * across.length)
    const cellWidth = (width - titles) / across.length
    return {
      ...{ show: 'compare', rows: shown, outlines: compare.outlines },
      ...formed(),
      ...over(compare.outlines),
      columns: across.map((column) => {
        const { aspect, hemispheres } = columns.value[column]
        return { aspect, hemispheres: [...hemispheres] }
      }),
      correction: compare.gate.kind === 'fdr' ? compare.gate.correction : 'none',
      scales: Object.fromEntries(
        [...scales.value.values()]
          .filter(({ quantity }) => used.has(quantity))
          .map(({ quantity, paint: { scale, level, fade } }) => [quantity, { ...scale, level, fade }]),
      ),
      ...(isTurned(compare.orbit) ? { orbit: { ...compare.orbit } } : {}),
      ...(own.length > 0 ? { turned: own } : {}),
      size: [width, Math.round(Math.min(mostHeight, around + 0.72 * cellWidth * down.length))],
    }
  }

  const grid = computed(() => panelOf(cells.value))
  /** Of each row that has a map: what makes its panel. */
  const rowPanels = computed(() =>
    rows.value.map((_, row) => {
      const own = cells.value.filter((cell) => cell.row === row)
      return own.some(({ mapKey }) => stateOf(mapKey)?.state === 'ready') ? () => panelOf(own) : null
    }),
  )
  return { grid, rowPanels }
}

/** A map that all columns show is written once. */
function alike(maps: readonly (MapSpec | null)[]): (MapSpec | null)[] {
  const written = maps.map((spec) => JSON.stringify(spec))
  return written.every((one) => one === written[0]) ? [maps[0]] : [...maps]
}
