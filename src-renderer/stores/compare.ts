/** The grid of cortices: its rows, columns, quantities, scales and thresholds. */
import { computed, reactive, shallowRef, watch } from 'vue'
import type { Hemisphere } from '../../src-main/contract/study.ts'
import type { MapCorrection, MapSpec, ScoredPart } from '../../src-main/contract/maps.ts'
import type { ColormapName } from '../colormaps/tables.ts'
import type { Limits } from '../colormaps/scale.ts'
import { noOrbit, type Aspect, type Orbit } from '../cortex/camera.ts'
import type { DiscLook } from '../cortex/discs.ts'
import { columnsOf } from '../cortex/grid/layout.ts'
import type { Place } from '../cortex/picking.ts'
import { gridRows, specOf, type GridRow, type PTest, type Quantity, type RowKind } from '../plots/gridRows.ts'
import type { Gate } from '../plots/thresholds.ts'
import { useGridMaps } from './gridMaps.ts'
import { everybody, useSelection } from './selection.ts'
import { useStudy } from './study.ts'

interface Compare {
  rows: RowKind
  quantity: Quantity
  /** Of single cells: by `row column`. */
  cells: Record<string, Quantity>
  /** Of cells that show p values. */
  test: PTest
  /** The row that differences are from; empty: the last. */
  reference: string
  hemispheres: 'left' | 'right' | 'both'
  aspects: Aspect[]
  gate: Gate
  /** Shows what falls short of the threshold faintly. */
  fade: boolean
  outlines: boolean
  linked: boolean
  orbit: Orbit
  /** Of single cells, once they are unlinked. */
  orbits: Record<string, Orbit>
  colormaps: Record<Quantity, ColormapName>
  limits: Partial<Record<Quantity, Limits>>
  place: Place | null
}

const compare = reactive<Compare>({
  ...{ rows: 'model', quantity: 'score', cells: {}, test: 't', reference: '', hemispheres: 'both' },
  ...{ aspects: ['lateral', 'medial'], gate: { kind: 'value', at: 'automatic' }, fade: true, outlines: false },
  ...{ linked: true, orbit: noOrbit, orbits: {}, limits: {}, place: null },
  colormaps: { score: 'viridis', difference: 'blue-red', share: 'cividis', preferred: 'viridis', p: 'magma' },
})

const { study, surface } = useStudy()
const { selection } = useSelection()
const { maps, load, mapKey, stateOf } = useGridMaps()

watch(
  () => study.value?.path,
  () => Object.assign(compare, { cells: {}, reference: '', orbit: noOrbit, orbits: {}, limits: {}, place: null }),
)
watch(
  () => compare.rows,
  () => Object.assign(compare, { cells: {}, reference: '', orbits: {} }),
)

const rows = computed<readonly GridRow[]>(() =>
  gridRows(study.value?.models ?? [], study.value?.subjects ?? [], {
    ...{ kind: compare.rows, model: selection.model.replace(/@.*$/, '') },
    ...{ layer: selection.layer, subject: selection.subject },
  }),
)
const columns = computed(() => columnsOf(compare.hemispheres, compare.aspects))
const correction = computed<MapCorrection>(() => (compare.gate.kind === 'fdr' ? compare.gate.correction : 'none'))
const referenceRow = computed(() => rows.value.find(({ id }) => id === compare.reference) ?? rows.value.at(-1) ?? null)
const reference = computed<ScoredPart | null>(() => referenceRow.value?.of ?? null)

export interface GridCell {
  readonly key: string
  readonly row: number
  readonly column: number
  readonly quantity: Quantity
  /** null where there is nothing to ask for. */
  readonly spec: MapSpec | null
  readonly mapKey: string | null
  /** How electrodes are shown: a subject's row shows its own. */
  readonly discs: DiscLook
  /** Names of its views by hemisphere: shared by a column, and its own. */
  readonly shared: Readonly<Record<Hemisphere, string>>
  readonly own: Readonly<Record<Hemisphere, string>>
}

const viewNames = (name: string | number) => ({ left: `${name} left`, right: `${name} right` })

const cells = computed<readonly GridCell[]>(() =>
  rows.value.flatMap((row, r) => {
    // Where there are no electrodes, or they are everybody's, rows share their views.
    const subject = !surface.value?.unplaced || row.of.subject === everybody ? null : row.of.subject
    const discs = { diameter: selection.discs, subject }
    return columns.value.map((_, c) => {
      const key = `${row.id} ${c}`
      const quantity =
        compare.cells[key] ?? (row.less && compare.quantity === 'score' ? 'difference' : compare.quantity)
      const spec = specOf(row, quantity, reference.value, compare.test)
      return {
        ...{ key, row: r, column: c, quantity, spec, mapKey: spec && mapKey(spec, correction.value) },
        ...{ discs, shared: viewNames(subject === null ? c : `${c} ${subject}`), own: viewNames(key) },
      }
    })
  }),
)

/** Each spec once. */
const specs = computed<readonly MapSpec[]>(() => [
  ...new Map(cells.value.flatMap(({ spec, mapKey: key }) => (spec && key ? [[key, spec] as const] : []))).values(),
])

/** Whether anybody looks: a study that is opened at another view asks for no grid. */
const watched = shallowRef(false)
watch(
  [specs, correction, () => maps.size === 0, watched],
  () => {
    if (watched.value) void load(specs.value, correction.value, 'grid')
  },
  { immediate: true },
)

/** Whether what was shown before stays, while maps come that will be here in a moment. Whoever draws says so. */
const held = shallowRef(false)

export const useCompare = () => ({
  ...{ compare, rows, columns, cells, specs, correction, referenceRow, stateOf, watched, held },
})
