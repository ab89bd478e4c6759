/**
 * The one lighting formula of the software raster and of the WebGL scene: a fixed light in camera space, above and to
 * the left of the viewer; a vertex' colour is multiplied by `ambient + diffuse max(0, n . l)` in sRGB, without tone
 * mapping. The range is narrow, so that a colour on the cortex stays readable against the colour bar.
 */
const length = Math.hypot(-0.35, 0.45, 1)
export const light = [-0.35 / length, 0.45 / length, 1 / length] as const
export const ambient = 0.5
export const diffuse = 0.5

/** @param x, y, z a unit normal in camera space */
export const shade = (x: number, y: number, z: number) =>
  ambient + diffuse * Math.max(0, x * light[0] + y * light[1] + z * light[2])
