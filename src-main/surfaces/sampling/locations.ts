/** Where a volume is sampled around each vertex. The rules are nilearn's `vol_to_surf` (surface/surface.py, 0.14). */
import { HeschlError } from '../../errors.ts'
import type { TriangleMesh } from '../surfaceFile.ts'
import { ballPoints } from './ballPoints.ts'

/**
 * `depth`: along the cortical ribbon, from the outer surface to the inner one; `line`: along the normal of the outer
 * surface; `ball`: in a ball around its vertices; `point`: its vertices.
 */
export const sampleKinds = ['depth', 'line', 'ball', 'point'] as const
export type SampleKind = (typeof sampleKinds)[number]

export interface SamplingOptions {
  readonly kind: SampleKind
  /** Between eight voxels, or the voxel that a point is in. */
  readonly interpolation: 'linear' | 'nearest'
  /** Of `line` and `ball`, mm. */
  readonly radius: number
  /** Points a vertex of `depth` and `line`, evenly spaced. */
  readonly samples: number
  /** In place of `samples`: of `depth`, 0 is the outer surface and 1 the inner; of `line`, shares of the radius inwards. */
  readonly depths?: readonly number[]
}

export const samplingDefaults = { kind: 'depth', interpolation: 'linear', radius: 3, samples: 10 } as const

/** A hemisphere that volumes are sampled on. */
export interface SampledMesh {
  readonly outer: TriangleMesh
  /** [vertices, 3]: the same vertices on the white surface. */
  readonly inner?: Float32Array
}

export interface Locations {
  readonly vertices: number
  /** A vertex. */
  readonly points: number
  /** @param out [points, 3], millimetres */
  at(vertex: number, out: Float64Array): void
}

/** @throws HeschlError OPTION_INVALID: `depth` without an inner surface */
export function sampleLocations({ outer, inner }: SampledMesh, options: SamplingOptions): Locations {
  const { kind, radius } = options
  const { points } = outer
  const vertices = points.length / 3
  const around = (offsets: readonly (readonly [number, number, number])[]): Locations => ({
    ...{ vertices, points: offsets.length },
    at(vertex, out) {
      for (const [i, offset] of offsets.entries())
        for (let axis = 0; axis < 3; axis++) out[3 * i + axis] = points[3 * vertex + axis] + offset[axis]
    },
  })
  if (kind === 'point') return around([[0, 0, 0]])
  if (kind === 'ball') return around(ballPoints.map(([x, y, z]) => [radius * x, radius * y, radius * z] as const))
  const steps = stepsOf(options)
  const along = (direction: (at: number) => number): Locations => ({
    ...{ vertices, points: steps.length },
    at(vertex, out) {
      for (const [i, step] of steps.entries())
        for (let axis = 0; axis < 3; axis++)
          out[3 * i + axis] = points[3 * vertex + axis] + step * direction(3 * vertex + axis)
    },
  })
  if (kind === 'line') {
    const normals = outerNormals(outer)
    return along((at) => normals[at])
  }
  if (inner === undefined || inner.length !== points.length)
    throw new HeschlError('OPTION_INVALID', 'There is no white surface to sample towards', {
      expected: 'a white surface beside the pial one, of the same vertices',
      found: inner === undefined ? 'the outer surface alone' : `${inner.length / 3} vertices, and ${vertices} outside`,
      remedy: 'Name the white surface, or choose the kind `line`, `ball` or `point`',
    })
  // In single precision, as the surfaces are.
  return along((at) => Math.fround(inner[at] - points[at]))
}

/** From outside inwards; of `depth` in shares of the way, of `line` in millimetres along the outer normal. */
function stepsOf({ kind, radius, samples, depths }: SamplingOptions): readonly number[] {
  const even = Array.from({ length: samples }, (_, i) => (samples === 1 ? 0 : i / (samples - 1)))
  if (kind === 'depth') return depths ?? even
  if (depths !== undefined) return depths.map((depth) => -radius * depth)
  return even.map((share) => radius - 2 * radius * share)
}

/** Unit normals [vertices, 3]: of the vertex's triangles, each counted once whatever its area. */
function outerNormals({ points, triangles }: TriangleMesh): Float64Array {
  const normals = new Float64Array(points.length)
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t] * 3, triangles[t + 1] * 3, triangles[t + 2] * 3]
    const edge = (to: number, axis: number) => points[to + axis] - points[a + axis]
    const normal = [0, 1, 2].map((axis) => {
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
      return edge(b, u) * edge(c, v) - edge(b, v) * edge(c, u)
    })
    const length = Math.hypot(...normal) || 1
    for (const corner of [a, b, c]) for (let axis = 0; axis < 3; axis++) normals[corner + axis] += normal[axis] / length
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1
    for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length
  }
  return normals
}
