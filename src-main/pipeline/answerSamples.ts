/** Intervals of measures over samples of listeners' answers, so many of each triplet with replacement. */
import { HeschlError } from '../errors.ts'
import { seededRandom } from '../linalg/random.ts'
import { throwIfCancelled } from './context.ts'
import type { StepContext } from './context.ts'

export interface AnswerSamples {
  readonly samples: number
  readonly perTriplet: number
  readonly seed: number
}

/** In a sample a participant may have been right in everything: it is left out, as the published code does. */
export function solved(logLikelihood: () => number): number {
  try {
    return logLikelihood()
  } catch (error) {
    if (error instanceof HeschlError && error.code === 'NUMERICAL') return NaN
    throw error
  }
}

export interface SampledInterval {
  readonly mean: number
  /** 2.5 and 97.5 per cent of the samples. */
  readonly low: number
  readonly high: number
  /** Those that have a measure. */
  readonly samples: number
}

/** Measures of samples of answers; undefined where none are asked for. Every model is measured on the same samples. */
export async function sampled<Name extends string>(
  bootstrap: AnswerSamples,
  context: StepContext,
  before: number,
  share: number,
  measure: (random: ReturnType<typeof seededRandom>) => Readonly<Record<Name, number>>,
): Promise<Readonly<Record<Name, SampledInterval>> | undefined> {
  if (bootstrap.samples === 0) return undefined
  const random = seededRandom(bootstrap.seed)
  const found: Readonly<Record<Name, number>>[] = []
  for (let sample = 0; sample < bootstrap.samples; sample++) {
    throwIfCancelled(context)
    context.progress({ fraction: before + (share * sample) / bootstrap.samples })
    found.push(measure(random))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  const names = Object.keys(found[0]) as Name[]
  return Object.fromEntries(names.map((name) => [name, intervalOf(found.map((one) => one[name]))])) as Record<
    Name,
    SampledInterval
  >
}

/** Percentiles by linear interpolation, as numpy's. */
function intervalOf(values: readonly number[]): SampledInterval {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  if (sorted.length === 0) return { mean: NaN, low: NaN, high: NaN, samples: 0 }
  const at = (share: number) => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const above = Math.min(below + 1, sorted.length - 1)
    return sorted[below] + (place - below) * (sorted[above] - sorted[below])
  }
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length
  return { mean, low: at(0.025), high: at(0.975), samples: sorted.length }
}
