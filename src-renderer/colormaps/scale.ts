/** How values become colours: a colour map, two limits, and a threshold. All of it is data that a figure states. */
import { colourTable, isDiverging, type ColormapName } from './tables.ts'

export interface Limits {
  readonly low: number
  readonly high: number
}

export interface ColourScale {
  readonly colormap: ColormapName
  /** Values at and beyond the limits take the end colours. */
  readonly limits: Limits
  /**
   * Values below are not coloured. For a diverging map: values nearer to the centre (the middle of the limits) than
   * this. null colours every finite value.
   */
  readonly threshold: number | null
  /** Shows what is nearer than the threshold, the fainter the further it falls short; left out, it is not coloured. */
  readonly fade?: boolean
}

/**
 * Limits from a map's 2nd and 98th percentile. A diverging map's are symmetric about `centre`; a sequential map's begin
 * at 0 where the map has both signs, since a score below 0 predicts nothing. Percentiles that are equal or not finite give a range of 1 about (or from) the value, so that a constant map still has a colour bar.
 *
 * @param percentiles 2nd, 50th and 98th percentile of the finite values
 */
export function automaticLimits(
  percentiles: readonly [number, number, number],
  colormap: ColormapName,
  centre: number,
): Limits {
  const [low, , high] = percentiles
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: centre, high: centre + 1 }
  if (isDiverging(colormap)) {
    const reach = Math.max(Math.abs(low - centre), Math.abs(high - centre)) || 0.5
    return { low: centre - reach, high: centre + reach }
  }
  if (low < 0 && high > 0) return { low: 0, high }
  return high > low ? { low, high } : { low, high: low + 1 }
}

/**
 * A threshold from the map itself: as far above 0 as its 2nd percentile is below. Scores of what cannot be predicted
 * scatter about 0 on both sides, so what is smaller than this is within the scatter that the map shows on the other.
 * It is a way of looking and not a test. null where the map has one sign, or would be left without colour.
 */
export function automaticThreshold(
  [low, , high]: readonly [number, number, number],
  colormap: ColormapName,
): number | null {
  if (isDiverging(colormap) || !(low < 0) || !(high > -low)) return null
  return Number((-low).toPrecision(2))
}

/** Whether a value is coloured at all. NaN never is. */
export function isColoured(value: number, { colormap, limits, threshold }: ColourScale): boolean {
  if (Number.isNaN(value)) return false
  if (threshold === null) return true
  return isDiverging(colormap) ? Math.abs(value - (limits.low + limits.high) / 2) >= threshold : value >= threshold
}

/**
 * From 0 (the cortex) to 1 (the colour). What falls short of a threshold that fades has the square of its share of it
 * (Taylor et al., 2023, show maps so).
 */
export function shownShare(value: number, { colormap, limits, threshold, fade }: ColourScale): number {
  if (Number.isNaN(value)) return 0
  if (threshold === null) return 1
  const size = isDiverging(colormap) ? Math.abs(value - (limits.low + limits.high) / 2) : value
  if (size >= threshold) return 1
  return fade ? (Math.max(0, size) / threshold) ** 2 : 0
}

/** Whether any coloured value lies beyond a limit: a colour bar says so at that end. */
export function beyondLimits(maps: readonly Float32Array[], scale: ColourScale): { low: boolean; high: boolean } {
  const { low: least, high: most } = scale.limits
  const found = { low: false, high: false }
  // What is below the low limit of a sequential map falls short of a threshold at or above it.
  const never = !isDiverging(scale.colormap) && scale.threshold !== null && scale.threshold >= least
  // Loops, as far as they must go: this is done for all maps of a grid at every switch.
  for (const values of maps)
    for (let v = 0; v < values.length; v++) {
      const value = values[v]
      if (value > most) found.high ||= isColoured(value, scale)
      else if (value < least && !never) found.low ||= isColoured(value, scale)
      if (found.high && (found.low || never)) return found
    }
  return found
}

/** Row of the 256-row table; matplotlib's rule: floor(256 t), the top limit belonging to the last row. */
export function tableRow(value: number, { low, high }: Limits): number {
  const row = Math.floor(((value - low) / (high - low)) * 256)
  return row >= 0 ? Math.min(row, 255) : 0
}

/**
 * One colour a vertex: the scale's where the value is coloured, else a grey by sulcal depth; between them where it fades.
 *
 * @param values float32 [vertices], NaN where there is none
 * @param underlay uint8 [vertices], grey levels
 * @returns uint8 [vertices, 4], sRGB and an alpha of 255
 */
export function paintVertices(values: Float32Array, underlay: Uint8Array, scale: ColourScale): Uint8Array {
  const table = colourTable(scale.colormap)
  const colours = new Uint8Array(underlay.length * 4)
  for (let i = 0; i < underlay.length; i++) {
    const value = i < values.length ? values[i] : NaN
    const shown = shownShare(value, scale)
    const row = shown > 0 ? tableRow(value, scale.limits) * 3 : 0
    for (let part = 0; part < 3; part++)
      colours[i * 4 + part] = Math.round(underlay[i] + shown * (table[row + part] - underlay[i]))
    colours[i * 4 + 3] = 255
  }
  return colours
}
