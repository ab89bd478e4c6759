/** Maps of Compare's grid on a page: which they are, how they are painted, and their names. */
import type { PagePanel } from '../../../src-main/contract/figurePage.ts'
import type { InspectedPlace } from '../../../src-main/contract/inspect.ts'
import type { MapSpec, ScoredPart } from '../../../src-main/contract/maps.ts'
import type { Paint } from '../../colormaps/paint.ts'
import type { Quantity } from '../../plots/gridRows.ts'

export type ComparePanel = Extract<PagePanel, { show: 'compare' }>

/** Each once, in the order of reading. */
export const compareSpecs = ({ rows }: Pick<ComparePanel, 'rows'>): readonly MapSpec[] => [
  ...new Map(
    rows.flatMap(({ maps }) => maps.flatMap((spec) => (spec ? [[JSON.stringify(spec), spec] as const] : []))),
  ).values(),
]

/** What a cell shows; null leaves it bare. */
export function specAt({ rows }: ComparePanel, row: number, column: number): MapSpec | null {
  const { maps } = rows[row]
  return (maps.length === 1 ? maps[0] : maps[column]) ?? null
}

/** @param quantity null for a cell that shows nothing */
export function paintOf({ scales }: ComparePanel, quantity: Quantity | null): Paint {
  const own = quantity === null ? undefined : scales[quantity]
  const { colormap = 'viridis', limits = { low: 0, high: 1 }, threshold = null } = own ?? {}
  return { scale: { colormap, limits, threshold }, level: own?.level ?? null, fade: own?.fade ?? false }
}

/** "left 1234"; "A1, left"; "electrode G12 of sub-01". */
export function placeText(place: InspectedPlace): string {
  if ('electrode' in place)
    return `electrode ${place.electrode}${place.subject === undefined ? '' : ` of ${place.subject}`}`
  if ('vertex' in place) return `${place.hemisphere} ${place.vertex}`
  return place.hemisphere ? `${place.region}, ${place.hemisphere}` : place.region
}

/** "w2v-native, transf4, sub-01"; of a regime "mean of a, b, transf4". */
function partName({ models, layer, subject }: ScoredPart): string {
  const who = models.length === 1 ? models[0] : `mean of ${models.join(', ')}`
  const place = layer === who ? who : `${who}, ${layer}`
  return subject === 'mean' ? place : `${place}, ${subject}`
}

/** "difference of w2v-native, transf4 and w2v-untrained, transf4" */
export function specName(spec: MapSpec): string {
  const of = partName(spec.of)
  switch (spec.kind) {
    case 'score':
      return of
    case 'difference':
      return `the difference of ${of} and ${partName(spec.less)}`
    case 'share':
      return `the share of the ceiling of ${of}`
    case 'preferred':
      return `the preferred layer of ${spec.of.models.join(', ')}${spec.of.subject === 'mean' ? '' : `, ${spec.of.subject}`}`
    case 'p':
      return spec.less ? `p of the difference of ${of} and ${partName(spec.less)}` : `p of ${of}`
  }
}
