/**
 * How a map of a grid is painted: a colour scale, a level for adjusted p values, and whether what falls short is faded or
 * left out. The WebGL grid (cortex/grid/shaders.ts) has the same rule.
 */
import { colourTable } from './tables.ts'
import { shownShare, tableRow, type ColourScale } from './scale.ts'

export interface Paint {
  readonly scale: ColourScale
  /** Adjusted p values above it fall short; null: they do not matter. */
  readonly level: number | null
  /** Shows what falls short, the fainter the further it does; false leaves it uncoloured. */
  readonly fade: boolean
}

/**
 * From 0 (the cortex) to 1 (the colour). What falls short of a threshold fades as `shownShare` has it; what falls short of
 * a level has the level's share of its p.
 * @param p adjusted; NaN where it was not tested
 */
export function opacity(value: number, p: number, { scale, level, fade }: Paint): number {
  if (Number.isNaN(value)) return 0
  let shown = shownShare(value, { ...scale, fade })
  if (level !== null && !(p <= level)) shown = Math.min(shown, fade && p > 0 ? level / p : 0)
  return shown
}

/**
 * @param values float32 [vertices]; NaN where there is none
 * @param p float32 [vertices], or null where nothing was tested
 * @param underlay uint8 [vertices], grey levels
 * @returns uint8 [vertices, 4], sRGB and an alpha of 255
 */
export function paintMap(values: Float32Array, p: Float32Array | null, underlay: Uint8Array, paint: Paint): Uint8Array {
  const table = colourTable(paint.scale.colormap)
  const colours = new Uint8Array(underlay.length * 4)
  for (let v = 0; v < underlay.length; v++) {
    const value = values[v] ?? NaN
    const shown = opacity(value, p?.[v] ?? NaN, paint)
    const row = shown > 0 ? tableRow(value, paint.scale.limits) * 3 : 0
    for (let part = 0; part < 3; part++)
      colours[v * 4 + part] = Math.round(underlay[v] + shown * (table[row + part] - underlay[v]))
    colours[v * 4 + 3] = 255
  }
  return colours
}
