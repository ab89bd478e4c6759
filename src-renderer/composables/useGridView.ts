/** What a grid of cortices looks at: its layout, its cameras, its meshes, and what is under the pointer. */
import { computed, type Ref } from 'vue'
import type { Hemisphere } from '../../src-main/contract/study.ts'
import { panelCameras, type Camera, type Orbit, type Panel } from '../cortex/camera.ts'
import { mixedPositions } from '../cortex/forms.ts'
import { boxCentre, buildMesh, type Mesh } from '../cortex/geometry.ts'
import { cellAt, cellPanels, gridLayout, type GridLayout } from '../cortex/grid/layout.ts'
import { isInside, pickPanel, type Place } from '../cortex/picking.ts'
import { useCompare, type GridCell } from '../stores/compare.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'

export interface SeenPanel {
  readonly panel: Panel
  readonly camera: Camera
}

const none: readonly SeenPanel[] = []

export function useGridView(size: Readonly<Ref<{ readonly width: number; readonly height: number }>>) {
  const { surface } = useStudy()
  const { selection, morph } = useSelection()
  const { compare, rows, columns, cells } = useCompare()

  const layout = computed<GridLayout>(() =>
    gridLayout({ rows: rows.value.length, columns: columns.value.length, ...size.value }),
  )
  /** For cameras alone: no normals, no triangles. */
  const solids = computed(() => {
    if (!surface.value) return null
    const solid = (side: Hemisphere) => {
      const positions = mixedPositions(surface.value![side], morph.value)
      return { cortex: positions, centre: boxCentre(positions) }
    }
    return { left: solid('left'), right: solid('right') }
  })
  /** For picking, by whose electrodes are shown: none until one is asked for. */
  const made = computed(() => ({
    ...{ surface: surface.value, morph: morph.value, diameter: selection.discs },
    meshes: new Map<string | null, Record<Hemisphere, Mesh>>(),
  }))
  function meshesFor(subject: string | null): Record<Hemisphere, Mesh> | null {
    const { surface: all, morph: form, diameter, meshes: known } = made.value
    if (!all) return null
    const own = known.get(subject)
    if (own) return own
    const meshOf = (side: Hemisphere) => buildMesh(all[side], form, { diameter, subject })
    const built = { left: meshOf('left'), right: meshOf('right') }
    known.set(subject, built)
    return built
  }
  const meshesOf = (cell: GridCell) => meshesFor(cell.discs.subject)
  /** Places of all vertices and electrodes. */
  const meshes = computed(() => meshesFor(null))

  /** Of the first row; those of the others are the same further down. */
  const firstRow = computed(() => columns.value.map((column, c) => cellPanels(column, layout.value, 0, c)))

  function camerasFor(orbit: Orbit): readonly (readonly Camera[])[] {
    if (!solids.value) return []
    const flat = panelCameras(firstRow.value.flat(), solids.value, orbit)
    let at = 0
    return firstRow.value.map((panels) => panels.map(() => flat[at++]))
  }
  function seenFrom(orbit: Orbit): readonly (readonly SeenPanel[])[] {
    const cameras = camerasFor(orbit)
    return firstRow.value.map((panels, c) =>
      panels.flatMap((panel, i) => {
        const camera = cameras[c]?.[i]
        return camera ? [{ panel, camera }] : []
      }),
    )
  }
  const linked = computed(() => seenFrom(compare.orbit))
  const own = computed(
    () => new Map(Object.entries(compare.orbits).map(([key, orbit]) => [key, seenFrom(orbit)] as const)),
  )

  const orbitOf = (cell: GridCell): Orbit =>
    compare.linked ? compare.orbit : (compare.orbits[cell.key] ?? compare.orbit)

  /** Panels of a cell as if it were in the first row: the same objects until a camera or the layout changes. */
  function columnOf(cell: GridCell): readonly SeenPanel[] {
    const seen = (compare.linked ? undefined : own.value.get(cell.key)) ?? linked.value
    return seen[cell.column] ?? none
  }

  /** Panels of a cell, from the top of what is scrolled. */
  function panelsOf(cell: GridCell): readonly SeenPanel[] {
    const down = cell.row * layout.value.cellHeight
    return columnOf(cell).map(({ panel, camera }) => ({ panel: { ...panel, y: panel.y + down }, camera }))
  }

  /** @param x, y pixels from the top left of what is scrolled */
  function cellUnder(x: number, y: number): GridCell | null {
    const found = cellAt(x, y, layout.value, { rows: rows.value.length, columns: columns.value.length })
    return found ? (cells.value[found.row * columns.value.length + found.column] ?? null) : null
  }

  function placeUnder(x: number, y: number): Place | null {
    const cell = cellUnder(x, y)
    const seen = cell && panelsOf(cell).find(({ panel }) => isInside(x, y, panel))
    const own = cell && meshesOf(cell)
    if (!seen || !own) return null
    return pickPanel(x, y, seen.panel, seen.camera, own[seen.panel.hemisphere])
  }

  /** Turns all cells, or the one alone. */
  function turn(cell: GridCell | null, change: (orbit: Orbit) => Orbit) {
    if (compare.linked || cell === null) compare.orbit = change(compare.orbit)
    else compare.orbits = { ...compare.orbits, [cell.key]: change(orbitOf(cell)) }
  }

  return { layout, meshes, meshesOf, columnOf, panelsOf, cellUnder, placeUnder, turn }
}
