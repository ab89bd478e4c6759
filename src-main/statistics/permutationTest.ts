/**
 * Permutation tests of whole maps: what the largest statistic anywhere does under rearrangements of the subjects
 * bounds the probability of one false positive anywhere (Nichols and Holmes 2002).
 */
import { HeschlError } from '../errors.ts'
import type { Adjacency } from '../linalg/adjacency.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { ClusterFinder } from './clusters.ts'
import type { Cluster } from './clusters.ts'
import { forEachRearrangement } from './permuted.ts'
import type { PermutationHost } from './permuted.ts'
import { groupDesign, signFlipDesign } from './permutationDesign.ts'
import type { Design } from './permutationDesign.ts'
import type { RearrangementOptions } from './rearrangements.ts'
import { countReasons } from './result.ts'
import type { Alternative, MapTest, TestDescription } from './result.ts'
import { Tfce } from './tfce.ts'
import type { TfceOptions } from './tfce.ts'

export interface PermutationOptions extends RearrangementOptions {
  readonly alternative: Alternative
  /** `t`: Student's t itself; or its threshold-free cluster enhancement over a mesh. */
  readonly statistic: 't' | ({ readonly adjacency: Adjacency } & TfceOptions)
}

export interface ClusterOptions extends RearrangementOptions {
  readonly alternative: Alternative
  readonly adjacency: Adjacency
  /** t beyond which a vertex belongs to a cluster; `tQuantile` gives it from a p value. */
  readonly threshold: number
}

export interface PermutationTest extends MapTest {
  /** [vertices]: family-wise corrected by the largest statistic of every rearrangement; NaN where not testable. */
  readonly pMax: Float64Array
  /** [rearrangements]: the largest statistic of each (two-sided: without its sign), the observed one's first. */
  readonly maxima: Float64Array
}

export interface ClusterTest {
  /** With family-wise corrected p values, largest mass first. */
  readonly clusters: readonly (Cluster & { readonly p: number })[]
  /** [vertices]: t; NaN where not testable. */
  readonly statistic: Float64Array
  readonly n: Uint32Array
  readonly reason: Uint8Array
  readonly untested: MapTest['untested']
  /** [rearrangements]: the largest mass of each, without its sign; the observed one's first. */
  readonly maxima: Float64Array
  readonly test: TestDescription
}

/** Sums of other orders differ by rounding: within this share two statistics are equal. */
const equalWithin = 1e-9

/**
 * Are values other than 0, if each subject's map is as likely with its sign turned?
 * @param values [subjects, vertices], such as differences; a vertex where one is not finite is not tested
 * @returns statistic: t, or its enhancement with t's sign
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, and what `host.progress` throws
 */
export async function signFlipTest(
  values: Matrix,
  options: PermutationOptions,
  host: PermutationHost,
): Promise<PermutationTest> {
  return maxStatisticTest(signFlipDesign(values, options), options, host)
}

/**
 * Do two groups differ, if a subject could as well have been of the other group?
 * @param a, b [subjects, vertices]; a vertex where one value is not finite is not tested
 * @param options `blocks`: for the subjects of `a`, then of `b`
 * @returns statistic: Student's t of equal variances, positive where `a` is larger, or its enhancement
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, and what `host.progress` throws
 */
export async function groupPermutationTest(
  a: Matrix,
  b: Matrix,
  options: PermutationOptions,
  host: PermutationHost,
): Promise<PermutationTest> {
  return maxStatisticTest(groupDesign(a, b, options), options, host)
}

/**
 * Which clusters of neighbouring vertices have more mass than the largest by chance? What `signFlipTest` tests, but
 * the answer is about clusters as wholes: it names no vertex (Maris and Oostenveld 2007).
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, and what `host.progress` throws
 */
export async function clusterMassTest(
  values: Matrix,
  options: ClusterOptions,
  host: PermutationHost,
): Promise<ClusterTest> {
  return clusterTest(signFlipDesign(values, options), options, host)
}

/**
 * The same for the difference of two groups (as `groupPermutationTest`).
 * @throws HeschlError OPTION_INVALID, SHAPE_MISMATCH, and what `host.progress` throws
 */
export async function groupClusterMassTest(
  a: Matrix,
  b: Matrix,
  options: ClusterOptions,
  host: PermutationHost,
): Promise<ClusterTest> {
  return clusterTest(groupDesign(a, b, options), options, host)
}

async function clusterTest(design: Design, options: ClusterOptions, host: PermutationHost): Promise<ClusterTest> {
  const { alternative, adjacency, threshold } = options
  if (!(threshold >= 0 && threshold < Infinity)) {
    throw new HeschlError('OPTION_INVALID', "A cluster's threshold is out of range", {
      expected: 'a t of at least 0',
      found: `${threshold}`,
    })
  }
  checkMesh(adjacency, design)
  const finder = new ClusterFinder(adjacency)
  const maxima = new Float64Array(design.rearrangements.count)
  const statistic = new Float64Array(design.columns.cols).fill(NaN)
  let found: Cluster[] = []
  const signs = alternative === 'two-sided' ? ([1, -1] as const) : ([1] as const)
  await forEachRearrangement(design.rearrangements, design.columns, design.toStatistic, host, (map, row) => {
    if (row === 0) {
      found = signs.flatMap((sign) => finder.clusters(map, threshold, sign))
      for (const v of design.tested) statistic[v] = design.direction * map[v]
    }
    for (const sign of signs) maxima[row] = Math.max(maxima[row], finder.largestMass(map, threshold, sign))
  })
  const ascending = maxima.slice().sort()
  const clusters = found
    .map(({ vertices, mass }) => {
      const p = shareFrom(ascending, Math.abs(mass) * (1 - equalWithin))
      return { vertices, mass: design.direction * mass, p }
    })
    .sort((one, other) => Math.abs(other.mass) - Math.abs(one.mass))
  return {
    ...{ clusters, statistic, maxima, n: design.n, reason: design.reason, untested: countReasons(design.reason) },
    test: {
      name: `cluster-mass test of ${design.name}`,
      n: design.subjects,
      alternative,
      correction: 'family-wise by the largest cluster',
      parameters: [`clusters of |t| > ${threshold.toPrecision(4)}`, design.rearrangements.words],
      smallestP: smallestP(design, alternative),
    },
  }
}

async function maxStatisticTest(
  design: Design,
  options: PermutationOptions,
  host: PermutationHost,
): Promise<PermutationTest> {
  const { alternative, statistic } = options
  const { tested, columns, rearrangements, direction } = design
  const { count } = rearrangements
  const twoSided = alternative === 'two-sided'
  const tfce = statistic === 't' ? null : enhancer(statistic, design)
  const enhanced = new Float64Array(columns.cols)
  const observed = new Float64Array(columns.cols).fill(NaN)
  const bar = new Float64Array(columns.cols)
  const reached = new Uint32Array(columns.cols)
  const maxima = new Float64Array(count).fill(-Infinity)
  await forEachRearrangement(rearrangements, columns, design.toStatistic, host, (map, row) => {
    const scores = tfce ? enhanced.fill(0) : map
    if (tfce) {
      tfce.enhance(map, 1, enhanced)
      if (twoSided) tfce.enhance(map, -1, enhanced)
    }
    if (row === 0) {
      for (const v of tested) {
        const size = twoSided ? Math.abs(scores[v]) : scores[v]
        observed[v] = direction * (tfce && map[v] < 0 ? -scores[v] : scores[v])
        bar[v] = size - equalWithin * Math.abs(size)
      }
    }
    let most = -Infinity
    for (const v of tested) {
      const size = twoSided ? Math.abs(scores[v]) : scores[v]
      if (size >= bar[v]) reached[v]++
      if (size > most) most = size
    }
    maxima[row] = most
  })
  const ascending = maxima.slice().sort()
  const p = new Float64Array(columns.cols).fill(NaN)
  const pMax = new Float64Array(columns.cols).fill(NaN)
  for (const v of tested) {
    p[v] = reached[v] / count
    pMax[v] = shareFrom(ascending, bar[v])
  }
  return {
    ...{ statistic: observed, p, pMax, maxima, n: design.n, reason: design.reason },
    untested: countReasons(design.reason),
    test: {
      name: `permutation test of ${design.name}`,
      n: design.subjects,
      alternative,
      correction: `family-wise by the largest statistic over ${tested.length} vertices (pMax)`,
      parameters: [...(statistic === 't' ? [] : [tfceWords(statistic)]), rearrangements.words],
      smallestP: smallestP(design, alternative),
    },
  }
}

/** Among all sign flips each comes with its opposite, which is as extreme in both directions. */
const smallestP = ({ rearrangements, paired }: Design, alternative: Alternative): number =>
  (paired && rearrangements.exact && alternative === 'two-sided' ? 2 : 1) / rearrangements.count

function enhancer(options: { readonly adjacency: Adjacency } & TfceOptions, design: Design): Tfce {
  checkMesh(options.adjacency, design)
  return new Tfce(options.adjacency, options)
}

function checkMesh(adjacency: Adjacency, { columns }: Design): void {
  const vertices = adjacency.offsets.length - 1
  if (vertices !== columns.cols) {
    throw new HeschlError('SHAPE_MISMATCH', 'The maps are not of this mesh', {
      expected: `${vertices} vertices`,
      found: `${columns.cols}`,
    })
  }
}

function tfceWords({ extentPower, heightPower, integration }: TfceOptions): string {
  const how =
    integration === 'exact' ? 'exact integral' : `heights from ${integration.start} in steps of ${integration.step}`
  return `threshold-free cluster enhancement, E = ${extentPower}, H = ${heightPower}, ${how}`
}

/** Share of the values that are at least `value`. */
function shareFrom(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < value) low = middle + 1
    else high = middle
  }
  return (ascending.length - low) / ascending.length
}
