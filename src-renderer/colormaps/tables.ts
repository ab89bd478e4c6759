/**
 * Colour maps as tables of 256 sRGB colours. The sequential ones are matplotlib's, perceptually uniform (d3 carries the
 * same 256 entries of all but cividis). The diverging one runs blue, white, red about a centre that
 * the caller states.
 */
import { interpolateInferno, interpolateMagma, interpolateRdBu, interpolateViridis } from 'd3-scale-chromatic'
import { cividis } from './cividis.ts'

export type ColormapName = 'inferno' | 'viridis' | 'magma' | 'cividis' | 'blue-red'

interface Colormap {
  readonly label: string
  readonly diverging: boolean
  readonly at: (t: number) => string
}

const colormaps: Readonly<Record<ColormapName, Colormap>> = {
  viridis: { label: 'Viridis', diverging: false, at: interpolateViridis },
  inferno: { label: 'Inferno', diverging: false, at: interpolateInferno },
  magma: { label: 'Magma', diverging: false, at: interpolateMagma },
  cividis: { label: 'Cividis', diverging: false, at: (t) => `#${cividis.slice(6 * Math.round(255 * t)).slice(0, 6)}` },
  'blue-red': { label: 'Blue–red (diverging)', diverging: true, at: (t) => interpolateRdBu(1 - t) },
}

export const colormapNames = Object.keys(colormaps) as readonly ColormapName[]
export const colormapLabel = (name: ColormapName) => colormaps[name].label
export const isDiverging = (name: ColormapName) => colormaps[name].diverging

const entries = 256
const tables = new Map<ColormapName, Uint8Array>()

/** @returns uint8 [256, 3], sRGB */
export function colourTable(name: ColormapName): Uint8Array {
  const known = tables.get(name)
  if (known) return known
  const table = new Uint8Array(entries * 3)
  for (let i = 0; i < entries; i++) table.set(parseColour(colormaps[name].at(i / (entries - 1))), i * 3)
  tables.set(name, table)
  return table
}

/** d3 writes `#rrggbb` for tables and `rgb(r, g, b)` for splines. */
function parseColour(text: string): [number, number, number] {
  if (text.startsWith('#')) {
    const value = Number.parseInt(text.slice(1), 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  }
  const [r, g, b] = (text.match(/\d+/g) ?? []).map(Number)
  return [r ?? 0, g ?? 0, b ?? 0]
}
