/** Time courses that a region's responses are mixed from, and one listener's weights of them. */
import { zeros64 } from '../../linalg/matrix.ts'
import type { Matrix64 } from '../../linalg/matrix.ts'
import { randomStream } from '../../linalg/randomStream.ts'
import type { Mixture, PlantedPlan } from './plantedPlan.ts'
import type { Sources } from './sources.ts'
import { sourceOf } from './sources.ts'

/** Share of the variance of a layer's part that is the layer's own; the rest, neighbouring layers see as well. */
export const ownShare = 0.7

/** Consecutive columns of a basis. */
interface Part {
  /** The mixture's row. */
  readonly row: number
  readonly from: number
  readonly to: number
  /** Of the row's variance. */
  readonly share: number
}

export interface Courses {
  /** [volumes of all runs, courses], each of mean 0. */
  readonly basis: Matrix64
  /** Covariance of the courses [courses, courses]. */
  readonly covariance: Matrix64
  readonly parts: readonly Part[]
}

/** Of each of a plan's mixtures. */
export async function coursesOf({ mixtures }: PlantedPlan, sources: Sources): Promise<readonly Courses[]> {
  const courses: Courses[] = []
  for (const mixture of mixtures) courses.push(await mixtureCourses(mixture, sources))
  return courses
}

async function mixtureCourses({ rows }: Mixture, sources: Sources): Promise<Courses> {
  const columns: Matrix64[] = []
  const parts: Part[] = []
  let from = 0
  for (const [index, row] of rows.entries()) {
    const rivals: Matrix64[] = []
    for (const other of rows) {
      // Layers of the same model are held against all of its layers in any case.
      if (sourceOf(other) === sourceOf(row)) continue
      const { layers, compared } = sources.get(sourceOf(other))!
      rivals.push(await compared.smoother(layers.indexOf(other.layer)))
    }
    const { layers, compared } = sources.get(sourceOf(row))!
    const { distinct, common } = await compared.components(layers.indexOf(row.layer), rivals)
    for (const [matrix, share] of [
      [distinct, ownShare],
      [common, 1 - ownShare],
    ] as const) {
      columns.push(matrix)
      parts.push({ row: index, from, to: from + matrix.cols, share })
      from += matrix.cols
    }
  }
  const basis = centred(columns)
  return { basis, covariance: covarianceOf(basis), parts }
}

/** Matrices beside one another, without the mean of each column. */
function centred(matrices: readonly Matrix64[]): Matrix64 {
  const { rows } = matrices[0]
  const cols = matrices.reduce((sum, matrix) => sum + matrix.cols, 0)
  const basis = zeros64(rows, cols)
  let at = 0
  for (const { data, cols: width } of matrices) {
    for (let j = 0; j < width; j++, at++) {
      let mean = 0
      for (let i = 0; i < rows; i++) mean += data[i * width + j] / rows
      for (let i = 0; i < rows; i++) basis.data[i * cols + at] = data[i * width + j] - mean
    }
  }
  return basis
}

function covarianceOf({ data, rows, cols }: Matrix64): Matrix64 {
  const covariance = zeros64(cols, cols)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      for (let k = 0; k < cols; k++) covariance.data[j * cols + k] += (data[i * cols + j] * data[i * cols + k]) / rows
  return covariance
}

interface Draws {
  readonly seed: number
  readonly listener: string
  /** Of a vertex's weights. */
  readonly width: number
  /** Mixture that all listeners share, and the listener's own [vertices, width]. */
  readonly shared: Float64Array
  readonly own: Float64Array
}

/**
 * One listener's weights of the courses, scaled so that each vertex's signal has the variance that its share says, and
 * those shares.
 */
export function mixedCourses(plan: PlantedPlan, courses: readonly Courses[], draws: Draws) {
  const { seed, listener, width, shared, own } = draws
  const vertices = plan.mixture.length
  const weights = new Float64Array(vertices * width)
  const signal = new Float64Array(vertices)
  const general = randomStream(seed, listener, 'listener').normal()
  const drawn = plan.mixtures.map(({ name, rows }) => {
    const random = randomStream(seed, listener, 'region', name)
    // Half of the variance is the listener's, and half the region's.
    const shift = rows[0].signal_sd * Math.SQRT1_2 * (general + random.normal())
    const levels = rows.map((row, index) => {
      const everywhere = randomStream(seed, listener, 'weight', index).normal()
      return row.weight * Math.exp(row.weight_sd * Math.SQRT1_2 * (everywhere + random.normal()))
    })
    return { shift, levels }
  })
  for (let v = 0; v < vertices; v++) {
    const index = plan.mixture[v]
    if (index < 0) continue
    const { individual } = plan.mixtures[index].rows[0]
    const { shift, levels } = drawn[index]
    const { parts, covariance } = courses[index]
    const odds = (plan.signal[v] / (1 - plan.signal[v])) * Math.exp(shift)
    signal[v] = odds / (1 + odds)
    const vertex = weights.subarray(v * width, v * width + covariance.cols)
    for (let j = 0; j < vertex.length; j++) vertex[j] = shared[v * width + j] + individual * own[v * width + j]
    for (const { row, from, to, share } of parts) scale(vertex, covariance, from, to, levels[row] * share)
    scale(vertex, covariance, 0, vertex.length, signal[v])
  }
  return { weights, width, signal }
}

/** Brings what some of the courses make together to a variance; where they make nothing, it stays nothing. */
function scale(weights: Float64Array, { data, cols }: Matrix64, from: number, to: number, variance: number): void {
  let now = 0
  for (let j = from; j < to; j++) for (let k = from; k < to; k++) now += weights[j] * data[j * cols + k] * weights[k]
  const factor = now > 0 ? Math.sqrt(variance / now) : 0
  for (let j = from; j < to; j++) weights[j] *= factor
}
