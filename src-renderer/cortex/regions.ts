/** Stepping from region to region with the keyboard: each region stands at its peak. */
import type { Hemisphere, HemisphereSurface } from '../../src-main/contract/study.ts'
import type { CortexAction } from './keyboard.ts'
import type { Place } from './picking.ts'

/**
 * @param labels uint16 [vertices], 0 outside every region
 * @returns per region index that occurs, the vertex with the largest finite value, else its first vertex; by index
 */
export function regionPeaks(labels: Uint16Array, values: Float32Array | null): readonly number[] {
  const peaks = new Map<number, number>()
  labels.forEach((label, vertex) => {
    if (label === 0) return
    const best = peaks.get(label)
    const value = values?.[vertex] ?? NaN
    if (
      best === undefined ||
      value > (values?.[best] ?? NaN) ||
      (Number.isNaN(values?.[best] ?? NaN) && value === value)
    )
      peaks.set(label, vertex)
  })
  return [...peaks].toSorted(([a], [b]) => a - b).map(([, vertex]) => vertex)
}

/** From electrode to electrode, round the end; of those that have a value, where some have. */
function stepElectrode(
  from: number | null,
  by: 1 | -1,
  hemisphere: Hemisphere,
  first: number,
  { count, values }: { readonly count: number; readonly values: Float32Array | null },
): Place {
  const all = Array.from({ length: count }, (_, i) => first + i)
  const valued = all.filter((point) => Number.isFinite(values?.[point] ?? NaN))
  const stops = valued.length > 0 ? valued : all
  const next =
    from === null || from < first
      ? by === 1
        ? stops[0]
        : stops.at(-1)
      : by === 1
        ? stops.find((point) => point > from)
        : stops.findLast((point) => point < from)
  return { hemisphere, vertex: next ?? (by === 1 ? stops[0] : stops.at(-1))! }
}

/**
 * The region after (`by` 1) or before (−1) the one that holds `from`, round the end; the first one from nowhere. Where the
 * hemisphere has electrodes it is they that are stepped through.
 */
export function stepRegion(
  from: Place | null,
  by: 1 | -1,
  surfaces: Readonly<Record<Hemisphere, Pick<HemisphereSurface, 'labels' | 'electrodes'>>>,
  values: Readonly<Record<Hemisphere, Float32Array>> | null,
): Place | null {
  const onLeft = (surfaces.left.electrodes?.names.length ?? 1) > 0
  const hemisphere = from?.hemisphere ?? (onLeft ? 'left' : 'right')
  const { labels, electrodes } = surfaces[hemisphere]
  if (electrodes && electrodes.names.length > 0)
    return stepElectrode(from?.vertex ?? null, by, hemisphere, labels.length - electrodes.names.length, {
      ...{ count: electrodes.names.length, values: values?.[hemisphere] ?? null },
    })
  const peaks = regionPeaks(labels, values?.[hemisphere] ?? null)
  if (peaks.length === 0) return null
  const own = from === null ? 0 : (labels[from.vertex] ?? 0)
  const at = peaks.findIndex((vertex) => labels[vertex] === own)
  const next = at < 0 ? (by === 1 ? 0 : peaks.length - 1) : (at + by + peaks.length) % peaks.length
  return { hemisphere, vertex: peaks[next] }
}

/** The same region's peak in the other hemisphere, or that hemisphere's first region; or likewise an electrode. */
export function crossHemisphere(
  from: Place | null,
  surfaces: Readonly<Record<Hemisphere, Pick<HemisphereSurface, 'labels' | 'electrodes'>>>,
  values: Readonly<Record<Hemisphere, Float32Array>> | null,
): Place | null {
  const hemisphere = from?.hemisphere === 'left' ? 'right' : 'left'
  const { labels, electrodes } = surfaces[hemisphere]
  const own = from === null ? 0 : (surfaces[from.hemisphere].labels[from.vertex] ?? 0)
  if (electrodes && electrodes.names.length > 0) {
    const first = labels.length - electrodes.names.length
    const same = electrodes.names.findIndex((_, e) => labels[first + e] === own)
    return { hemisphere, vertex: first + Math.max(0, same) }
  }
  const peaks = regionPeaks(labels, values?.[hemisphere] ?? null)
  const vertex = peaks.find((peak) => labels[peak] === own) ?? peaks[0]
  return vertex === undefined ? null : { hemisphere, vertex }
}

/** Where the keyboard's marker is after a key that moves it, or takes it away. */
export function placeAfter(
  action: Extract<CortexAction, { kind: 'region' | 'hemisphere' | 'clear' }>,
  from: Place | null,
  surfaces: Readonly<Record<Hemisphere, Pick<HemisphereSurface, 'labels' | 'electrodes'>>>,
  values: Readonly<Record<Hemisphere, Float32Array>> | null,
): Place | null {
  if (action.kind === 'clear') return null
  return action.kind === 'region'
    ? stepRegion(from, action.by, surfaces, values)
    : crossHemisphere(from, surfaces, values)
}

/** Mean of the finite values over the region that holds a vertex; NaN where there is none. */
export function meanOfRegion(values: Float32Array, labels: Uint16Array, vertex: number): number {
  const own = labels[vertex]
  let sum = 0
  let count = 0
  for (let v = 0; v < values.length; v++)
    if (labels[v] === own && Number.isFinite(values[v])) {
      sum += values[v]
      count++
    }
  return count > 0 ? sum / count : NaN
}
