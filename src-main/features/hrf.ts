import { HeschlError } from '../errors.ts'

/** Length of the response, seconds: nilearn's `time_length`. */
const seconds = 32
/** The first gamma density's delay and the undershoot's, their common dispersion, and the undershoot's weight. */
const delay = 6
const undershoot = 12
const dispersion = 0.9
const ratio = 0.48
/** Γ(delay / dispersion) and Γ(undershoot / dispersion), from scipy.special.gamma. */
const gammaOfDelay = 389.0349262461803
const gammaOfUndershoot = 1116669003.083426
/** With fewer samples than this the response's peak would fall between two of them. */
const fewestSamples = 8

/**
 * Glover's haemodynamic response, sampled every `tr / oversampling` seconds for 32 s and scaled to a sum of 1:
 * [round(32 · oversampling / tr)] numbers. The same numbers as nilearn's `glover_hrf` (nilearn 0.14,
 * glm/first_level/hemodynamic_models.py), whose grid has a step of 32 / (samples − 1), a little over
 * tr / oversampling, and whose response starts one step late; both are kept. After Glover, NeuroImage 9 (1999) 416.
 *
 * @throws HeschlError OPTION_INVALID when `tr / oversampling` is too long a step to sample the response
 */
export function gloverHrf(tr: number, oversampling: number): Float64Array {
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
    const t = (i === samples - 1 ? seconds : i * step) - dt
    hrf[i] =
      gammaDensity(t, delay / dispersion, gammaOfDelay) -
      ratio * gammaDensity(t, undershoot / dispersion, gammaOfUndershoot)
    sum += hrf[i]
  }
  for (let i = 0; i < samples; i++) hrf[i] /= sum
  return hrf
}

/** The gamma density at t seconds, of the given shape and its Γ(shape), with scale `dispersion`. */
function gammaDensity(t: number, shape: number, gammaOfShape: number): number {
  const x = t / dispersion
  return x <= 0 ? 0 : (x ** (shape - 1) * Math.exp(-x)) / (gammaOfShape * dispersion)
}

/** As numpy's rint: 2.5 gives 2, 3.5 gives 4. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
