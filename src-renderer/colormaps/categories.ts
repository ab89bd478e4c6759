/** Vertices of classes, each in a colour of its own. */

/**
 * Seven colours that people with any colour vision tell apart (Okabe and Ito, 2008, without black), then the same again
 * lighter and darker.
 */
const base = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const

/** @param i from 0; the colours repeat after 21. @returns `#rrggbb` */
export function categoryColour(i: number): string {
  const own = base[i % base.length] ?? base[0]
  const round = Math.floor(i / base.length) % 3
  if (round === 0) return own
  const towards = round === 1 ? 255 : 0
  const value = Number.parseInt(own.slice(1), 16)
  const mixed = [value >> 16, (value >> 8) & 255, value & 255].map((part) => Math.round(part + (towards - part) * 0.45))
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** Black or white, whichever stands out more: at least 4.5:1 on any colour. */
export function inkOn(colour: string): '#000000' | '#ffffff' {
  const value = Number.parseInt(colour.slice(1), 16)
  const linear = (byte: number) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4)
  const [r, g, b] = [value >> 16, (value >> 8) & 255, value & 255].map(linear)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000000' : '#ffffff'
}

/**
 * @param classes float32 [vertices], indices into `colours`; NaN where there is none
 * @param underlay uint8 [vertices], grey levels: what is drawn where there is no class, or one without a colour
 * @param colours `#rrggbb`; null leaves the class uncoloured
 * @returns uint8 [vertices, 4], sRGB and an alpha of 255
 */
export function paintClasses(
  classes: Float32Array,
  underlay: Uint8Array,
  colours: readonly (string | null)[],
): Uint8Array {
  const tables = colours.map((colour) => (colour === null ? null : Number.parseInt(colour.slice(1), 16)))
  const painted = new Uint8Array(underlay.length * 4)
  for (let v = 0; v < underlay.length; v++) {
    const rgb = tables[classes[v]] ?? null
    if (rgb === null) painted.fill(underlay[v], v * 4, v * 4 + 3)
    else painted.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255], v * 4)
    painted[v * 4 + 3] = 255
  }
  return painted
}
