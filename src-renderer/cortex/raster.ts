/**
 * A deterministic software z-buffer: the exported figure, the headless render, and the window where WebGL is missing.
 * Pixel (i, j) is covered by a triangle that has its centre (i + 0.5, j + 0.5) on or inside its edges; depth and lit
 * vertex colours are interpolated linearly, which is exact under an orthographic camera.
 */
import type { Camera, Panel } from './camera.ts'
import type { Mesh } from './geometry.ts'
import { shade } from './shade.ts'

/** uint8 [height, width, 4], straight alpha; alpha 0 where nothing is drawn. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

export interface Drawing {
  readonly panel: Panel
  readonly camera: Camera
  readonly mesh: Mesh
  /** uint8 [vertices, 4] */
  readonly colours: Uint8Array
  /** [vertices]: the regions whose borders are drawn; left out, none are. */
  readonly regions?: ArrayLike<number> | undefined
}

/** How much darker a region's border is: the grid in WebGL has the same. */
export const borderStrength = 0.6

/** Barycentric slack: rounding must not leave a crack between two triangles that share an edge. */
const edge = 1e-9

/** 64 million samples: a 4,000 x 4,000 picture supersampled twice each way. */
const maximumSamples = 64 * 1024 * 1024

/**
 * @param samples samples a pixel along each axis; their mean is the pixel (a box filter)
 * @param border pixels that the borders of regions are wide
 * @throws RangeError when width x height x samples² is beyond 64 Mi
 */
export function rasterise(
  width: number,
  height: number,
  drawings: readonly Drawing[],
  samples: number,
  border = 1,
): Picture {
  const w = Math.max(1, Math.round(width)) * samples
  const h = Math.max(1, Math.round(height)) * samples
  if (!(w * h <= maximumSamples)) throw new RangeError(`A picture of ${w} x ${h} samples is too large`)
  const fine = { width: w, height: h, rgba: new Uint8Array(w * h * 4) }
  const depth = new Float32Array(w * h).fill(-Infinity)
  const regions = drawings.some((drawing) => drawing.regions) ? new Uint32Array(w * h) : null
  for (const drawing of drawings) drawMesh(fine, depth, regions, drawing, samples)
  if (regions) darkenBorders(fine, regions, samples, Math.max(1, Math.round(border)))
  return samples === 1 ? fine : average(fine, samples)
}

function drawMesh(
  picture: Picture,
  depth: Float32Array,
  /** [samples]: a region's number and 1; 0 where nothing is. */
  found: Uint32Array | null,
  { panel, camera, mesh, colours, regions }: Drawing,
  samples: number,
) {
  const { positions, normals, triangles } = mesh
  const { rotation: r, centre } = camera
  const scale = camera.pixelsPerMillimetre * samples
  const originX = (panel.x + panel.width / 2) * samples
  const originY = (panel.y + panel.height / 2) * samples
  const vertices = positions.length / 3
  /** x, y (samples), z (mm), red, green, blue */
  const projected = new Float64Array(vertices * 6)
  for (let i = 0; i < vertices; i++) {
    const dx = positions[i * 3] - centre[0]
    const dy = positions[i * 3 + 1] - centre[1]
    const dz = positions[i * 3 + 2] - centre[2]
    const nx = normals[i * 3]
    const ny = normals[i * 3 + 1]
    const nz = normals[i * 3 + 2]
    const lit = shade(
      r[0] * nx + r[1] * ny + r[2] * nz,
      r[3] * nx + r[4] * ny + r[5] * nz,
      r[6] * nx + r[7] * ny + r[8] * nz,
    )
    projected[i * 6] = originX + scale * (r[0] * dx + r[1] * dy + r[2] * dz)
    projected[i * 6 + 1] = originY - scale * (r[3] * dx + r[4] * dy + r[5] * dz)
    projected[i * 6 + 2] = r[6] * dx + r[7] * dy + r[8] * dz
    for (let c = 0; c < 3; c++) projected[i * 6 + 3 + c] = colours[i * 4 + c] * lit
  }
  const clip = {
    left: Math.max(0, Math.round(panel.x * samples)),
    top: Math.max(0, Math.round(panel.y * samples)),
    right: Math.min(picture.width, Math.round((panel.x + panel.width) * samples)),
    bottom: Math.min(picture.height, Math.round((panel.y + panel.height) * samples)),
  }
  for (let t = 0; t < triangles.length; t += 3)
    drawTriangle(
      picture,
      depth,
      projected,
      triangles[t] * 6,
      triangles[t + 1] * 6,
      triangles[t + 2] * 6,
      clip,
      found,
      regions,
    )
}

interface Clip {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function drawTriangle(
  { width, rgba }: Picture,
  depth: Float32Array,
  p: Float64Array,
  a: number,
  b: number,
  c: number,
  clip: Clip,
  found: Uint32Array | null,
  regions: ArrayLike<number> | undefined,
) {
  const ax = p[a]
  const ay = p[a + 1]
  const bx = p[b]
  const by = p[b + 1]
  const cx = p[c]
  const cy = p[c + 1]
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
  // Not `area === 0`: a vertex that is not finite makes it NaN.
  if (!(Math.abs(area) > 1e-12)) return
  const perArea = 1 / area
  const left = Math.max(clip.left, Math.ceil(Math.min(ax, bx, cx) - 0.5))
  const right = Math.min(clip.right - 1, Math.floor(Math.max(ax, bx, cx) - 0.5))
  const top = Math.max(clip.top, Math.ceil(Math.min(ay, by, cy) - 0.5))
  const bottom = Math.min(clip.bottom - 1, Math.floor(Math.max(ay, by, cy) - 0.5))
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const sx = x + 0.5
      const sy = y + 0.5
      const wb = ((sx - ax) * (cy - ay) - (sy - ay) * (cx - ax)) * perArea
      const wc = ((bx - ax) * (sy - ay) - (by - ay) * (sx - ax)) * perArea
      const wa = 1 - wb - wc
      if (wa < -edge || wb < -edge || wc < -edge) continue
      const at = y * width + x
      const z = wa * p[a + 2] + wb * p[b + 2] + wc * p[c + 2]
      if (z <= depth[at]) continue
      depth[at] = z
      if (found) found[at] = regions ? 1 + (regions[(wa >= wb && wa >= wc ? a : wb >= wc ? b : c) / 6] ?? 0) : 0
      // A typed array cuts the fraction off: half more rounds.
      rgba[at * 4] = wa * p[a + 3] + wb * p[b + 3] + wc * p[c + 3] + 0.5
      rgba[at * 4 + 1] = wa * p[a + 4] + wb * p[b + 4] + wc * p[c + 4] + 0.5
      rgba[at * 4 + 2] = wa * p[a + 5] + wb * p[b + 5] + wc * p[c + 5] + 0.5
      rgba[at * 4 + 3] = 255
    }
}

/** A region ends where the next pixels to the right or above are of another; what has no region has no border. */
function darkenBorders({ width, height, rgba }: Picture, found: Uint32Array, samples: number, border: number) {
  const reach = border * samples
  const at = (x: number, y: number) => found[Math.max(0, y) * width + Math.min(width - 1, x)]
  for (let y = 0; y < height; y += samples)
    for (let x = 0; x < width; x += samples) {
      // Of the pixel's last sample that has one.
      let own = 0
      for (let j = 0; j < samples; j++) for (let i = 0; i < samples; i++) own = at(x + i, y + j) || own
      if (own === 0) continue
      const [right, above] = [at(x + reach, y), at(x, y - reach)]
      if ((right === 0 || right === own) && (above === 0 || above === own)) continue
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          const place = ((y + j) * width + x + i) * 4
          for (let part = 0; part < 3; part++)
            rgba[place + part] = Math.round(rgba[place + part] * (1 - borderStrength))
        }
    }
}

/** Box filter; colours are weighted by coverage, so that an edge does not darken. */
function average(fine: Picture, samples: number): Picture {
  const width = fine.width / samples
  const height = fine.height / samples
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let red = 0
      let green = 0
      let blue = 0
      let covered = 0
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          const at = ((y * samples + j) * fine.width + x * samples + i) * 4
          if (fine.rgba[at + 3] === 0) continue
          red += fine.rgba[at]
          green += fine.rgba[at + 1]
          blue += fine.rgba[at + 2]
          covered++
        }
      if (covered === 0) continue
      const at = (y * width + x) * 4
      rgba[at] = Math.round(red / covered)
      rgba[at + 1] = Math.round(green / covered)
      rgba[at + 2] = Math.round(blue / covered)
      rgba[at + 3] = Math.round((255 * covered) / (samples * samples))
    }
  return { width, height, rgba }
}
