/** Vertices of classes, each in a colour of its own. */

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
