/**
 * Values of volumes at vertices. What a vertex is made of is found once, as weights of voxels, and applied to volume after
 * volume. Rules and edges are nilearn's `vol_to_surf`: points outside the volume or its mask are left out, beyond the last
 * voxel's centre the last cell goes on, points next to a voxel that is not finite are left out of a mean over points, and
 * a vertex without a point is NaN.
 */
import { HeschlError } from '../../errors.ts'
import { rowsBetween, SparseRowsBuilder, weightedSums } from '../../linalg/sparseRows.ts'
import type { RowsOfSources } from '../../linalg/sparseRows.ts'
import type { Matrix32 } from '../../linalg/matrix.ts'
import { inverseAffine, placed, voxelCount } from './grid.ts'
import type { VoxelGrid } from './grid.ts'
import { sampleLocations } from './locations.ts'
import type { Locations, SampledMesh, SamplingOptions } from './locations.ts'

/** Vertices between looks at whether to stop. */
const checkEvery = 4096

/** A volume in which samples are taken. */
export interface SampledVolume {
  readonly grid: VoxelGrid
  /** [voxels], x fastest: 0 is left out. */
  readonly mask?: Uint8Array
  /** For messages. */
  readonly file: string
}

/** Targets `from` to `to` of a sampler, with the voxels that they are made of. */
export interface SampledPart {
  /** Indices in a volume, rising. */
  readonly voxels: Int32Array
  /** @param values [volumes, voxels] @param out [volumes, targets] */
  sample(values: Matrix32, out: Float32Array): void
}

/** One hemisphere's, or several after one another. */
export class VolumeSampler {
  readonly #volume: SampledVolume
  readonly #inverse: Float64Array
  readonly #options: SamplingOptions
  readonly #parts: readonly Locations[]
  readonly #rows: ReturnType<SparseRowsBuilder['done']>

  /**
   * @param check called every few thousand vertices with how many are done; may throw
   * @throws HeschlError OPTION_INVALID as `sampleLocations`; FORMAT_INVALID for a volume that is nowhere
   */
  constructor(
    meshes: readonly SampledMesh[],
    volume: SampledVolume,
    options: SamplingOptions,
    check: (done: number) => void = () => undefined,
  ) {
    this.#volume = volume
    this.#inverse = inverseAffine(volume.grid, volume.file)
    this.#options = options
    this.#parts = meshes.map((mesh) => sampleLocations(mesh, options))
    const builder = new SparseRowsBuilder(this.#parts.reduce((sum, { vertices }) => sum + vertices, 0))
    let done = 0
    for (const locations of this.#parts) {
      const room = new Float64Array(3 * locations.points)
      for (let vertex = 0; vertex < locations.vertices; vertex++) {
        if (done++ % checkEvery === 0) check(done)
        let kept = 0
        this.#forEachPoint(locations, vertex, room, (x, y, z) => {
          kept++
          this.#corners(x, y, z, (voxel, weight) => builder.add(voxel, weight))
        })
        builder.endRow(1 / kept)
      }
    }
    this.#rows = builder.done()
  }

  get vertices(): number {
    return this.#rows.offsets.length - 1
  }

  /** Vertices of which no point is in the volume and its mask. */
  uncovered(): Uint32Array {
    const { offsets } = this.#rows
    return Uint32Array.from(offsets.subarray(1).keys()).filter((vertex) => offsets[vertex] === offsets[vertex + 1])
  }

  /**
   * Vertices without a voxel: how many, and in words where they are and where the volume is.
   * @throws HeschlError SHAPE_MISMATCH where all of them are
   */
  coverage(): { readonly uncovered: number; readonly where: string } {
    const bare = this.uncovered()
    if (bare.length === 0) return { uncovered: 0, where: '' }
    const vertices = spanOf([...bare].map((vertex) => this.#placeOf(vertex)))
    const { grid, file, mask } = this.#volume
    const volume = spanOf(
      [0, 1, 2, 3, 4, 5, 6, 7].map((corner) => {
        const [x, y, z] = grid.shape.map((size, axis) => ((corner >> axis) & 1) * (size - 1))
        return placed(grid.affine, x, y, z)
      }),
    )
    const where = `they span ${vertices} mm; the volume spans ${volume} mm${mask ? ', and its mask less' : ''}`
    if (bare.length < this.vertices) return { uncovered: bare.length, where }
    throw new HeschlError('SHAPE_MISMATCH', 'A volume covers no vertex of the surface', {
      where: { file },
      expected: 'a volume in the space of the surface',
      found: `${bare.length.toLocaleString('en')} of ${this.vertices.toLocaleString('en')} vertices outside: ${where}`,
      remedy: 'Name a surface in the space of the volumes, as a template for volumes in MNI space',
    })
  }

  /** The first point of a vertex, mm. */
  #placeOf(vertex: number): readonly number[] {
    const [locations, own] = this.#locate(vertex)
    const room = new Float64Array(3 * locations.points)
    locations.at(own, room)
    return [room[0], room[1], room[2]]
  }

  #locate(vertex: number): [Locations, number] {
    let before = 0
    let part = 0
    while (vertex - before >= this.#parts[part].vertices) before += this.#parts[part++].vertices
    return [this.#parts[part], vertex - before]
  }

  /** @param from, to vertices; all where they are left out */
  part(from = 0, to = this.vertices): SampledPart {
    const rows = rowsBetween(this.#rows, voxelCount(this.#volume.grid), from, to)
    const linear = this.#options.interpolation === 'linear'
    return {
      voxels: rows.sources,
      sample: (values, out) => {
        weightedSums(rows, values, out)
        if (linear) this.#withoutBadVoxels(rows, from, values, out)
      },
    }
  }

  /** Vertices next to a voxel that is not finite: their points one by one. */
  #withoutBadVoxels({ sources, offsets }: RowsOfSources, from: number, values: Matrix32, out: Float32Array): void {
    const count = offsets.length - 1
    let places: Map<number, number> | undefined
    for (let i = 0; i < out.length; i++) {
      const row = i % count
      if (Number.isFinite(out[i]) || offsets[row] === offsets[row + 1]) continue
      places ??= new Map([...sources].map((voxel, place) => [voxel, place]))
      const known = places
      const first = Math.floor(i / count) * values.cols
      out[i] = this.#meanOfPoints(from + row, (voxel) => values.data[first + known.get(voxel)!])
    }
  }

  #meanOfPoints(vertex: number, valueAt: (voxel: number) => number): number {
    const [locations, own] = this.#locate(vertex)
    let [sum, count] = [0, 0]
    this.#forEachPoint(locations, own, new Float64Array(3 * locations.points), (x, y, z) => {
      let value = 0
      this.#corners(x, y, z, (voxel, weight) => (value += weight * valueAt(voxel)))
      if (Number.isNaN(value)) return
      sum += value
      count++
    })
    return sum / count
  }

  /** Of a vertex's points those in the volume and its mask, in voxels. */
  #forEachPoint(
    locations: Locations,
    vertex: number,
    room: Float64Array,
    use: (x: number, y: number, z: number) => void,
  ): void {
    const { grid, mask } = this.#volume
    const nearest = this.#options.interpolation === 'nearest'
    const [sx, sy, sz] = grid.shape
    locations.at(vertex, room)
    for (let i = 0; i < room.length; i += 3) {
      let [x, y, z] = placed(this.#inverse, room[i], room[i + 1], room[i + 2])
      if (nearest) [x, y, z] = [halfToEven(x), halfToEven(y), halfToEven(z)]
      if (!(x >= 0 && y >= 0 && z >= 0 && x < sx && y < sy && z < sz)) continue
      if (mask && mask[Math.floor(x) + sx * (Math.floor(y) + sy * Math.floor(z))] === 0) continue
      use(x, y, z)
    }
  }

  /** The voxels that a point is between, all of them: a weight of 0 still tells of a voxel that is not finite. */
  #corners(x: number, y: number, z: number, use: (voxel: number, weight: number) => void): void {
    const [sx, sy, sz] = this.#volume.grid.shape
    if (this.#options.interpolation === 'nearest') {
      use(x + sx * (y + sy * z), 1)
      return
    }
    const [i, j, k] = [cell(x, sx), cell(y, sy), cell(z, sz)]
    for (let corner = 0; corner < 8; corner++) {
      const [a, b, c] = [corner & 1, (corner >> 1) & 1, corner >> 2]
      // A direction of one voxel has no cells: the voxel is all there is.
      if ((a > 0 && sx === 1) || (b > 0 && sy === 1) || (c > 0 && sz === 1)) continue
      const weight = share(x - i, a, sx) * share(y - j, b, sy) * share(z - k, c, sz)
      use(i + a + sx * (j + b + sy * (k + c)), weight)
    }
  }
}

/** "x −70 to 70, y −105 to 60, z −50 to 80". */
function spanOf(points: readonly (readonly number[])[]): string {
  const whole = (value: number) => String(Math.round(value)).replace('-', '−')
  return ['x', 'y', 'z']
    .map((name, axis) => {
      const [low, high] = points.reduce(
        ([least, most], point) => [Math.min(least, point[axis]), Math.max(most, point[axis])],
        [Infinity, -Infinity],
      )
      return `${name} ${whole(low)} to ${whole(high)}`
    })
    .join(', ')
}

const cell = (at: number, size: number) => Math.max(0, Math.min(Math.floor(at), size - 2))
const share = (within: number, corner: number, size: number) => (size === 1 ? 1 : corner === 0 ? 1 - within : within)

/** As numpy rounds: halves to the even neighbour. */
function halfToEven(value: number): number {
  const down = Math.floor(value)
  const rest = value - down
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1
}
