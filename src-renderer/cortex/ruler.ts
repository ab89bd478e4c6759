/** A path along edges, as lines on the screen. */
import { project, type Camera, type Panel } from './camera.ts'
import type { Mesh } from './geometry.ts'

export interface EdgePath {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly shares: Float32Array
}

/**
 * The parts of a path that face the viewer, as SVG path data; what lies behind is left out.
 * @returns empty where none does
 */
export function pathOnPanel({ starts, ends, shares }: EdgePath, mesh: Mesh, camera: Camera, panel: Panel): string {
  const r = camera.rotation
  const { positions, normals } = mesh
  const between = (array: Float32Array, p: number): [number, number, number] => {
    const [a, b] = [starts[p] * 3, ends[p] * 3]
    const at = (axis: number) => array[a + axis] + shares[p] * (array[b + axis] - array[a + axis])
    return [at(0), at(1), at(2)]
  }
  let data = ''
  let drawing = false
  for (let p = 0; p < shares.length; p++) {
    const [nx, ny, nz] = between(normals, p)
    if (r[6] * nx + r[7] * ny + r[8] * nz <= 0) {
      drawing = false
      continue
    }
    const [x, y] = project(between(positions, p), camera, panel)
    data += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    drawing = true
  }
  return data
}
