import { HeschlError } from '../errors.ts'

/**
 * How the response to an event is modelled, in nilearn's terms: `glover` and `spm` are one response; `-derivative` adds
 * its time derivative, and `-dispersion` its derivative by dispersion as well; `fir` makes no assumption on the shape:
 * one regressor for each delay, in TRs, the mean of what happened in the TR that began so many TRs before.
 */
export type Hrf =
  | 'glover'
  | 'spm'
  | 'glover-derivative'
  | 'spm-derivative'
  | 'glover-dispersion'
  | 'spm-dispersion'
  | { readonly fir: readonly number[] }

/** Number of regressors that a unit gives. */
export function regressorsPerUnit(hrf: Hrf): number {
  if (typeof hrf === 'object') return hrf.fir.length
  return hrf.endsWith('-dispersion') ? 3 : hrf.endsWith('-derivative') ? 2 : 1
}

/** Length of the response, seconds: nilearn's `time_length`. */
const seconds = 32
/** With fewer samples than this the response's peak would fall between two of them. */
const fewestSamples = 8
/** Longest delay of `fir`, in TRs: beyond any response to sound. */
const longestDelay = 100

/** A gamma density: its shape, its scale in seconds, and Γ(shape), from scipy.special.gamma. */
interface Gamma {
  readonly shape: number
  readonly scale: number
  readonly gammaOfShape: number
}

/** A peak less an undershoot, each a gamma density. */
interface Response {
  readonly peak: Gamma
  readonly undershoot: Gamma
  readonly ratio: number
}

interface Model {
  readonly response: Response
  /** The response that the dispersion's derivative starts from, and the same with a dispersion wider by `dispersionStep`. */
  readonly dispersed: readonly [from: Response, wider: Response]
}

const gamma = (shape: number, scale: number, gammaOfShape: number): Gamma => ({ shape, scale, gammaOfShape })

/** After Glover, NeuroImage 9 (1999) 416. */
const gloverPeak = gamma(6 / 0.9, 0.9, 389.03492624617974)
/** nilearn widens the undershoot to 1 s where it takes the derivative by the peak's dispersion; it is kept. */
const gloverWideUndershoot = gamma(12, 1, 39_916_800)
const spmUndershoot = gamma(16, 1, 1_307_674_368_000)
const spmResponse: Response = { peak: gamma(6, 1, 120), undershoot: spmUndershoot, ratio: 0.167 }

const models: Readonly<Record<'glover' | 'spm', Model>> = {
  glover: {
    response: { peak: gloverPeak, undershoot: gamma(12 / 0.9, 0.9, 1116669003.083426), ratio: 0.48 },
    dispersed: [
      { peak: gloverPeak, undershoot: gloverWideUndershoot, ratio: 0.48 },
      { peak: gamma(6 / 0.91, 0.91, 340.61522918343763), undershoot: gloverWideUndershoot, ratio: 0.48 },
    ],
  },
  spm: {
    response: spmResponse,
    dispersed: [spmResponse, { ...spmResponse, peak: gamma(6 / 1.01, 1.01, 108.46844705513244) }],
  },
}

/** nilearn's steps of the two derivatives: seconds. */
const onsetStep = 0.1
const dispersionStep = 0.01

/**
 * The responses of a model, one a regressor, sampled every `tr / oversampling` seconds: for the named ones
 * [round(32 · oversampling / tr)] numbers, the first of them with a sum of 1. The same numbers as nilearn's `_hrf_kernel`
 * (nilearn 0.14, glm/first_level/hemodynamic_models.py), whose grid has a step of 32 / (samples − 1), a little over
 * tr / oversampling, and whose response starts one step late; both are kept.
 *
 * @throws HeschlError OPTION_INVALID when `tr / oversampling` is too long a step to sample the response, or a delay is
 *   no whole number of TRs from 0 to 100, or given twice
 */
export function hrfKernels(hrf: Hrf, tr: number, oversampling: number): readonly Float64Array[] {
  if (typeof hrf === 'object') return delayKernels(hrf.fir, oversampling)
  const { response, dispersed } = models[hrf.startsWith('spm') ? 'spm' : 'glover']
  const sampled = (model: Response, onset = 0) => sample(model, tr, oversampling, onset)
  const kernels = [sampled(response)]
  if (regressorsPerUnit(hrf) >= 2) kernels.push(slope(sampled(response), sampled(response, onsetStep), onsetStep))
  if (regressorsPerUnit(hrf) === 3) {
    kernels.push(slope(sampled(dispersed[0]), sampled(dispersed[1]), dispersionStep))
  }
  return kernels
}

/** As nilearn: the derivative with its sign turned, (f(x) − f(x + step)) / step. */
const slope = (at: Float64Array, after: Float64Array, step: number) => at.map((value, i) => (value - after[i]) / step)

function sample({ peak, undershoot, ratio }: Response, tr: number, oversampling: number, onset: number): Float64Array {
  const dt = tr / oversampling
  const samples = roundHalfToEven(seconds / dt)
  if (!(samples >= fewestSamples))
    throw new HeschlError('OPTION_INVALID', 'The haemodynamic response is sampled too sparsely', {
      expected: `a step of at most ${seconds / fewestSamples} s (tr / oversampling)`,
      found: `${dt} s (TR ${tr} s, oversampling ${oversampling})`,
      remedy: 'Raise `oversampling`, and check that the TR is in seconds',
    })
  const step = seconds / (samples - 1)
  const hrf = new Float64Array(samples)
  let sum = 0
  for (let i = 0; i < samples; i++) {
    const t = (i === samples - 1 ? seconds : i * step) - onset - dt
    hrf[i] = density(t, peak) - ratio * density(t, undershoot)
    sum += hrf[i]
  }
  for (let i = 0; i < samples; i++) hrf[i] /= sum
  return hrf
}

/** The gamma density at t seconds. */
function density(t: number, { shape, scale, gammaOfShape }: Gamma): number {
  const x = t / scale
  return x <= 0 ? 0 : (x ** (shape - 1) * Math.exp(-x)) / (gammaOfShape * scale)
}

function delayKernels(delays: readonly number[], oversampling: number): readonly Float64Array[] {
  const valid = (delay: number) => Number.isInteger(delay) && delay >= 0 && delay <= longestDelay
  if (delays.length === 0 || !delays.every(valid) || new Set(delays).size < delays.length)
    throw new HeschlError('OPTION_INVALID', 'The delays of the finite impulse response are not valid', {
      expected: `whole numbers of TRs from 0 to ${longestDelay}, each once`,
      found: delays.length === 0 ? 'none' : delays.join(', '),
      remedy: 'Voxelwise studies of speech use 1, 2, 3 and 4 TRs',
    })
  return delays.map((delay) =>
    new Float64Array((delay + 1) * oversampling).fill(1 / oversampling, delay * oversampling),
  )
}

/** As numpy's rint: 2.5 gives 2, 3.5 gives 4. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
