/** The scales that the cells of a grid share: one for all maps of a quantity. */
import { computed } from 'vue'
import type { GridMap } from '../../src-main/contract/maps.ts'
import type { Paint } from '../colormaps/paint.ts'
import { automaticLimits, automaticThreshold, type Limits } from '../colormaps/scale.ts'
import { isDiverging } from '../colormaps/tables.ts'
import { quantities, type Quantity } from '../plots/gridRows.ts'
import { gateWords, percentileOf, testOf } from '../plots/thresholds.ts'
import { hasElectrodes } from '../cortex/points.ts'
import { useCompare } from '../stores/compare.ts'
import { useStudy } from '../stores/study.ts'

export interface SharedScale {
  readonly quantity: Quantity
  readonly paint: Paint
  readonly maps: readonly GridMap[]
  /** What the values are, and what is coloured, in words. */
  readonly label: string
  readonly words: string
}

/** The lowest 2nd and the highest 98th percentile, and what lies between. */
function pooled(maps: readonly GridMap[]): readonly [number, number, number] {
  const finite = maps.filter(({ percentiles }) => percentiles.every(Number.isFinite))
  if (finite.length === 0) return [0, 0.5, 1]
  const low = Math.min(...finite.map(({ percentiles }) => percentiles[0]))
  const high = Math.max(...finite.map(({ percentiles }) => percentiles[2]))
  return [low, (low + high) / 2, high]
}

const { compare, cells, rows, stateOf, held } = useCompare()
const { surface } = useStudy()

const ready = computed(() => {
  const byQuantity = new Map<Quantity, Map<string, GridMap>>()
  for (const { quantity, mapKey } of cells.value) {
    const state = stateOf(mapKey)
    if (state?.state !== 'ready' || mapKey === null) continue
    const own = byQuantity.get(quantity) ?? new Map<string, GridMap>()
    byQuantity.set(quantity, own.set(mapKey, state.map))
  }
  return byQuantity
})

function limitsOf(quantity: Quantity, maps: readonly GridMap[]): Limits {
  const fixed = compare.limits[quantity]
  if (fixed) return fixed
  const layers = Math.max(2, ...rows.value.map((row) => row.layers.length))
  if (quantity === 'preferred') return { low: -0.5, high: layers - 0.5 }
  return automaticLimits(pooled(maps), compare.colormaps[quantity], 0)
}

function shared(quantity: Quantity, maps: readonly GridMap[]): SharedScale {
  const { gate, fade } = compare
  const colormap = compare.colormaps[quantity]
  const told = quantity === 'preferred' ? ({ kind: 'none' } as const) : gate
  const halves = () => maps.flatMap(({ left, right }) => [left, right])
  const limits = limitsOf(quantity, maps)
  const threshold =
    told.kind === 'value' && (quantity === compare.quantity || told.at === 'automatic')
      ? told.at === 'automatic'
        ? automaticThreshold(pooled(maps), colormap)
        : told.at
      : told.kind === 'percentile'
        ? percentileOf(halves(), told.at, isDiverging(colormap))
        : null
  const test = testOf(maps)
  const paint: Paint = {
    scale: { colormap, limits, threshold: Number.isNaN(threshold) ? null : threshold },
    level: told.kind === 'fdr' && test ? told.level : null,
    fade,
  }
  const shown =
    told.kind === 'value' && told.at !== 'automatic' && quantity !== compare.quantity
      ? ({ kind: 'none' } as const)
      : told
  return {
    ...{ quantity, paint, maps, label: [...new Set(maps.map(({ label }) => label))].join('; ') },
    words: gateWords({ gate: shown, threshold, colormap, fade, maps: maps.length, test }, hasElectrodes(surface.value)),
  }
}

const scales = computed<ReadonlyMap<Quantity, SharedScale>>((before) =>
  held.value && before
    ? before
    : new Map(
        quantities.flatMap((quantity) => {
          const maps = ready.value.get(quantity)
          return maps ? [[quantity, shared(quantity, [...maps.values()])] as const] : []
        }),
      ),
)

/** One set for whoever asks. */
export const useGridScales = () => ({ scales })
