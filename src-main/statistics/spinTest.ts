/**
 * Do two maps of a cortex go together more than maps as smooth as these would by chance? One of them is turned with its
 * sphere by random rotations, each vertex taking the value of what comes to lie nearest; a right hemisphere turns as
 * the left one's mirror image.
 * Source: Alexander-Bloch et al. (2018), NeuroImage 178:540–551.
 */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'
import type { Random } from '../linalg/random.ts'
import { NearestPoints } from '../linalg/nearestPoints.ts'
import { RankCorrelation } from './rankCorrelation.ts'
import type { Alternative, TestDescription } from './result.ts'

export interface SpinOptions {
  readonly alternative: Alternative
  /** Random rotations, besides none at all. */
  readonly spins: number
  /** A whole number below 2^32. */
  readonly seed: number
}

/** A hemisphere's vertices on its sphere, [vertices, 3], about the origin; `mirrored`: turns as the other's image in x. */
export interface Sphere {
  readonly points: ArrayLike<number>
  readonly mirrored: boolean
}

export type SpinTest =
  | {
      readonly testable: true
      /** Spearman's rho where both maps are finite. */
      readonly rho: number
      readonly p: number
      /** Vertices where both are. */
      readonly n: number
      /** [spins]: rho of every rotation; NaN where the turned maps have too little in common. */
      readonly spun: Float64Array
      readonly test: TestDescription
    }
  | { readonly testable: false; readonly reason: 'no value' | 'all equal' }

/**
 * @param spheres one a hemisphere, in the order of the maps' vertices
 * @param x [vertices], which is turned, and y, which stays; values that are not finite, such as the medial wall's, are left
 *   out wherever they come to lie
 * @param check called before every rotation; may throw
 * @throws HeschlError SHAPE_MISMATCH, OPTION_INVALID
 */
export function spinTest(
  spheres: readonly Sphere[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: SpinOptions,
  check: () => void = () => undefined,
): SpinTest {
  return spinTests(spheres, x, y, [spheres.map((_, h) => h)], options, check)[0]
}

/**
 * Several parts of a cortex turned by the same rotations: each part's test is that of its spheres alone.
 * @param parts spheres by number, neighbours in their order: [[0], [1], [0, 1]]
 * @throws HeschlError as `spinTest`
 */
export function spinTests(
  spheres: readonly Sphere[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  parts: readonly (readonly number[])[],
  { alternative, spins, seed }: SpinOptions,
  check: () => void = () => undefined,
): readonly SpinTest[] {
  const firsts = [0]
  for (const { points } of spheres) firsts.push(firsts.at(-1)! + points.length / 3)
  const vertices = firsts.at(-1)!
  if (x.length !== vertices || y.length !== vertices) {
    throw new HeschlError('SHAPE_MISMATCH', 'The maps are not of these spheres', {
      expected: `${vertices} values`,
      found: `${x.length} and ${y.length}`,
    })
  }
  if (!(Number.isInteger(spins) && spins >= 1 && spins <= 1_000_000 && Number.isInteger(seed) && seed >= 0)) {
    throw new HeschlError('OPTION_INVALID', 'An option of the spin test is out of range', {
      expected: '1 to 1,000,000 spins and a seed of at least 0',
      found: `${spins} spins, seed ${seed}`,
    })
  }
  const units = spheres.map(({ points }) => onUnitSphere(points))
  const trees = units.map((points) => new NearestPoints(points))
  const order = Uint32Array.from({ length: vertices }, (_, v) => v)
  const tested = parts.map((part) => new Part(firsts[part[0]], firsts[part.at(-1)! + 1], x, y, order))
  const random = seededRandom(seed)
  const size = (value: number): number =>
    alternative === 'two-sided' ? Math.abs(value) : alternative === 'less' ? -value : value
  for (let s = 0; s < spins && tested.some(({ testable }) => testable); s++) {
    check()
    const rotation = randomRotation(random)
    for (const [h, { mirrored }] of spheres.entries())
      turn(units[h], trees[h], mirrored ? mirror(rotation) : rotation, { order, y, first: firsts[h] })
    for (const part of tested) part.add()
  }
  return tested.map(({ rho, n, spun }): SpinTest => {
    if (n === 0) return { testable: false, reason: 'no value' }
    if (Number.isNaN(rho)) return { testable: false, reason: 'all equal' }
    // A rotation that leaves nothing to correlate counts against the finding.
    const reached = spun.filter((value) => Number.isNaN(value) || size(value) >= size(rho) - 1e-12).length
    return {
      ...{ testable: true, rho, n, spun: Float64Array.from(spun), p: (reached + 1) / (spins + 1) },
      test: {
        name: "Spearman's rank correlation with a spin test",
        n,
        alternative,
        correction: null,
        parameters: [`n counts vertices`, `${spins.toLocaleString('en')} random rotations, seed ${seed}`],
      },
    }
  })
}

/** Vertices of neighbouring spheres. */
class Part {
  readonly rho: number
  readonly n: number
  readonly spun: number[] = []
  readonly #correlation: RankCorrelation
  readonly #first: number
  readonly #turned: Uint32Array
  readonly #order: Uint32Array

  /** @param order [vertices] of all: which vertex has come to lie at each */
  constructor(first: number, end: number, x: ArrayLike<number>, y: ArrayLike<number>, order: Uint32Array) {
    const own = (map: ArrayLike<number>) => Float64Array.from({ length: end - first }, (_, i) => map[first + i])
    this.#correlation = new RankCorrelation(own(x), own(y))
    this.#first = first
    this.#turned = new Uint32Array(end - first)
    this.#order = order
    const { rho, n } = this.#now()
    this.rho = rho
    this.n = n
  }

  get testable(): boolean {
    return this.n > 0 && !Number.isNaN(this.rho)
  }

  /** What the present rotation gives. */
  add(): void {
    if (this.testable) this.spun.push(this.#now().rho)
  }

  #now() {
    const turned = this.#turned
    for (let i = 0; i < turned.length; i++) turned[i] = this.#order[this.#first + i] - this.#first
    return this.#correlation.of(turned)
  }
}

/** For every vertex where y has a value, the one that the rotation brings nearest to it. */
function turn(
  points: Float64Array,
  tree: NearestPoints,
  rotation: readonly number[],
  { order, y, first }: { readonly order: Uint32Array; readonly y: ArrayLike<number>; readonly first: number },
): void {
  // The value at v comes from where v was: R⁻¹ v = Rᵀ v.
  const [a, b, c, d, e, f, g, h, i] = rotation
  for (let v = 0; v < points.length; v += 3) {
    if (!Number.isFinite(y[first + v / 3])) continue
    const [px, py, pz] = [points[v], points[v + 1], points[v + 2]]
    order[first + v / 3] =
      first + tree.find(a * px + d * py + g * pz, b * px + e * py + h * pz, c * px + f * py + i * pz)
  }
}

/** Uniform over all rotations: a unit quaternion of four normals (Shoemake 1992). Row-major [3, 3]. */
function randomRotation({ normal }: Random): number[] {
  const [p, q, r, s] = [normal(), normal(), normal(), normal()]
  const norm = Math.hypot(p, q, r, s)
  const [w, x, y, z] = [p / norm, q / norm, r / norm, s / norm]
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ]
}

/** The same rotation seen in a mirror at x = 0. */
const mirror = (r: readonly number[]): number[] => [r[0], -r[1], -r[2], -r[3], r[4], r[5], -r[6], r[7], r[8]]

function onUnitSphere(points: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(points)
  for (let v = 0; v < out.length; v += 3) {
    const norm = Math.hypot(out[v], out[v + 1], out[v + 2])
    if (!(norm > 0 && norm < Infinity)) {
      throw new HeschlError('NUMERICAL', 'A sphere has a vertex without a direction', {
        expected: 'finite coordinates other than the centre',
        found: `vertex ${v / 3}`,
      })
    }
    for (let axis = 0; axis < 3; axis++) out[v + axis] /= norm
  }
  return out
}
