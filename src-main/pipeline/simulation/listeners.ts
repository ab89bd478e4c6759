/**
 * Simulated listeners who heard the same runs: signal of planted layers and noise, run by run. Everything is a pure
 * function of the designs, the surface, the table and the seed.
 */
import type { Matrix32, Matrix64 } from '../../linalg/matrix.ts'
import { randomStream } from '../../linalg/randomStream.ts'
import type { RandomStream } from '../../linalg/randomStream.ts'
import { smooth } from '../../surfaces/mesh.ts'
import { mixedCourses } from './mixtures.ts'
import type { Courses } from './mixtures.ts'
import { SurfaceNoise } from './noise.ts'
import type { PlantedPlan } from './plantedPlan.ts'

/** Rounds of averaging with neighbours: mixtures vary smoothly over cortex. */
const weightRounds = 3

/** Noise of variance 1 at every vertex [volumes, vertices], another one for every stream. */
export type NoiseRun = (volumes: number, random: RandomStream, pause: () => Promise<void>) => Promise<Matrix32>

export interface AudienceInput {
  /** A whole number below 2^32. */
  readonly seed: number
  readonly plan: PlantedPlan
  /** Of each of the plan's mixtures. */
  readonly courses: readonly Courses[]
  /** Of each run. */
  readonly volumes: readonly number[]
  /** In place of the table's autoregressive noise. */
  readonly noise?: NoiseRun
  /** Awaited several times a second, so that others can run; may throw to stop. */
  readonly pause: () => Promise<void>
}

export interface Audience {
  /** One listener's responses, float32 [volumes, vertices left then right], a run at a time. */
  readonly listener: (id: string) => AsyncGenerator<Matrix32>
}

export function simulateAudience(input: AudienceInput): Audience {
  const { seed, plan, courses, volumes, pause } = input
  const ownNoise = new SurfaceNoise(plan)
  const noise: NoiseRun = input.noise ?? ((...run) => ownNoise.run(...run))
  const width = Math.max(1, ...courses.map(({ basis }) => basis.cols))
  const field = (...name: readonly (number | string)[]) =>
    smooth(
      randomStream(seed, ...name).normals(new Float64Array(plan.mixture.length * width)),
      plan.adjacency,
      weightRounds,
    )
  const shared = field('shared')
  return {
    async *listener(id) {
      const weights = mixedCourses(plan, courses, {
        seed,
        listener: id,
        width,
        shared,
        own: field(id, 'mixture'),
      })
      let from = 0
      for (const [run, count] of volumes.entries()) {
        const response = await noise(count, randomStream(seed, id, 'noise', run), pause)
        await addSignal(response, plan, courses, weights, from, pause)
        from += count
        yield response
      }
    },
  }
}

interface MixedWeights {
  /** Of the courses of the vertex's mixture [vertices, width]; a response of variance 1 over all runs. */
  readonly weights: Float64Array
  readonly width: number
  /** Share of the variance that is signal, of this listener [vertices]. */
  readonly signal: Float64Array
}

/** Turns noise of variance 1 into a response: √(1 - s) noise + √s signal. */
async function addSignal(
  { data, rows, cols }: Matrix32,
  { mixture, silent }: PlantedPlan,
  courses: readonly Courses[],
  { weights, width, signal }: MixedWeights,
  from: number,
  pause: () => Promise<void>,
): Promise<void> {
  const bases = courses.map(({ basis }) => basis)
  const ofNoise = signal.map((share) => Math.sqrt(1 - share))
  for (let t = 0; t < rows; t++) {
    if (t % 16 === 0) await pause()
    for (let v = 0; v < cols; v++) {
      const i = t * cols + v
      if (silent[v]) data[i] = 0
      else if (mixture[v] >= 0) data[i] = ofNoise[v] * data[i] + at(bases[mixture[v]], from + t, weights, v * width)
    }
  }
}

function at(basis: Matrix64, row: number, weights: Float64Array, offset: number): number {
  let sum = 0
  const first = row * basis.cols
  for (let j = 0; j < basis.cols; j++) sum += basis.data[first + j] * weights[offset + j]
  return sum
}
