/** A synthetic surface and synthetic scores for tests of the window: a bumpy ellipsoid a hemisphere, not a brain. */
import type { HemisphereSurface, SurfaceData } from '../../src-main/contract/study.ts'

const regions = ['', 'anterior', 'middle', 'posterior'].map((name, i) => ({
  name,
  colour: [i * 80, 200 - i * 60, 90] as const,
}))

/** @param rows latitudes; a hemisphere has `2 rows² + 2` vertices */
export function syntheticSurface(rows: number): SurfaceData {
  return {
    name: 'synthetic ellipsoids',
    schematic: true,
    left: hemisphere(rows, -1),
    right: hemisphere(rows, 1),
    regions,
  }
}

function hemisphere(rows: number, side: -1 | 1): HemisphereSurface {
  const columns = 2 * rows
  const vertices = rows * columns + 2
  const folded = new Float32Array(vertices * 3)
  const inflated = new Float32Array(vertices * 3)
  const sulc = new Float32Array(vertices)
  const labels = new Uint16Array(vertices)
  const put = (vertex: number, theta: number, phi: number) => {
    const x = Math.sin(theta) * Math.cos(phi)
    const y = Math.sin(theta) * Math.sin(phi)
    const z = Math.cos(theta)
    const depth = Math.sin(7 * x) * Math.cos(9 * y) * Math.sin(8 * z + 1)
    const place = [32 * x + side * 36, 80 * y - 15, 52 * z + 15]
    place.forEach((value, axis) => (inflated[vertex * 3 + axis] = value))
    const shrink = 1 - 0.06 * depth
    ;[32 * x * shrink + side * 36, 80 * y * shrink - 15, 52 * z * shrink + 15].forEach(
      (value, axis) => (folded[vertex * 3 + axis] = value),
    )
    sulc[vertex] = depth
    if (x * side > 0.3) labels[vertex] = y > 0.3 ? 1 : y > -0.3 ? 2 : 3
  }
  const north = rows * columns
  put(north, 0, 0)
  put(north + 1, Math.PI, 0)
  const triangles: number[] = []
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      put(i * columns + j, (Math.PI * (i + 1)) / (rows + 1), (2 * Math.PI * j) / columns)
      const next = (j + 1) % columns
      if (i === 0) triangles.push(north, j, next)
      else {
        const up = (i - 1) * columns
        triangles.push(up + j, up + columns + j, up + columns + next, up + j, up + columns + next, up + next)
      }
      if (i === rows - 1) triangles.push(i * columns + j, north + 1, i * columns + next)
    }
  return { folded, inflated, triangles: Uint32Array.from(triangles), sulc, labels }
}

/** A bump on the lateral side, strongest where `centre` (−1 posterior … 1 anterior) says; NaN in one patch. */
export function syntheticScores({ inflated }: HemisphereSurface, centre: number, height: number): Float32Array {
  return Float32Array.from({ length: inflated.length / 3 }, (_, i) => {
    const x = Math.abs(inflated[i * 3])
    const y = (inflated[i * 3 + 1] + 15) / 80
    const z = (inflated[i * 3 + 2] - 15) / 52
    if (x < 8) return NaN
    return height * Math.exp(-((y - centre) ** 2 + z ** 2) * 5 - ((x - 68) / 40) ** 2) - 0.01
  })
}
