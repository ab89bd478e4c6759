/**
 * Which alphas to evaluate. The leave-one-out error is a smooth function of log alpha: it is evaluated on a coarse
 * grid, interpolated in between, and evaluated again wherever the interpolation comes near its minimum, so that the
 * choice is that of all alphas evaluated.
 */
import { HeschlError } from '../errors.ts'

/** Widest step of the coarse grid, in decades: that at which no choice changed in the measurements behind it. */
const widestStep = 0.75
const points = 6
/** An alpha is evaluated where the logarithm of its interpolated error is within this of the least. */
const tolerance = 2e-3

/** @throws HeschlError OPTION_INVALID unless there are 1 to 255 finite, positive, increasing alphas */
export function checkAlphas(alphas: readonly number[]): void {
  const ordered = alphas.every((alpha, i) => alpha > 0 && alpha < Infinity && (i === 0 || alpha > alphas[i - 1]!))
  if (alphas.length === 0 || alphas.length > 255 || !ordered) {
    throw new HeschlError('OPTION_INVALID', 'The alphas are not usable', {
      expected: '1 to 255 positive numbers in increasing order',
      found: alphas.length > 8 ? `${alphas.slice(0, 8).join(', ')}, …` : alphas.join(', ') || 'none',
      remedy: 'Set `encoding.alphas`',
    })
  }
}

/** Indices of the alphas that are evaluated for every target: all, where they are too few or too far apart to skip. */
export function coarseGrid(alphas: readonly number[]): readonly number[] {
  const all = alphas.map((_, i) => i)
  let step = 0
  for (let i = 1; i < alphas.length; i++) step = Math.max(step, Math.log10(alphas[i]! / alphas[i - 1]!))
  const stride = Math.floor(widestStep / step)
  const coarse = all.filter((i) => i % stride === 0)
  if (coarse.at(-1) !== alphas.length - 1) coarse.push(alphas.length - 1)
  return stride >= 2 && coarse.length >= points ? coarse : all
}

/** Interpolates log error from the coarse grid to every alpha. */
export class ErrorCurve {
  readonly #coarse: readonly number[]
  /** Per alpha: the coarse points used and their Lagrange weights; none where the alpha is a coarse point. */
  readonly #stencils: readonly (readonly { readonly at: number; readonly weight: number }[])[]

  constructor(alphas: readonly number[], coarse: readonly number[]) {
    const position = alphas.map((alpha) => Math.log(alpha))
    this.#coarse = coarse
    this.#stencils = position.map((x, index) => {
      if (coarse.includes(index)) return []
      const above = coarse.findIndex((i) => i > index)
      const first = Math.min(Math.max(above - points / 2, 0), coarse.length - points)
      const nodes = coarse.slice(first, first + points)
      return nodes.map((node) => {
        let weight = 1
        for (const other of nodes) {
          if (other !== node) weight *= (x - position[other]!) / (position[node]! - position[other]!)
        }
        return { at: node, weight }
      })
    })
  }

  /**
   * Marks the alphas whose error must be evaluated before one can be chosen.
   * @param error [alphas], NaN where it is not evaluated yet; the coarse ones all are
   * @param wanted [alphas], set to 1
   */
  mark(error: Float64Array, wanted: Uint8Array): void {
    const log = error.map((value) => Math.log(value))
    if (this.#coarse.some((i) => !Number.isFinite(log[i]!))) {
      wanted.fill(1)
      return
    }
    let least = Infinity
    let distrusted = false
    for (const [i, stencil] of this.#stencils.entries()) {
      if (stencil.length > 0) {
        let value = 0
        for (const { at, weight } of stencil) value += weight * log[at]!
        if (Number.isFinite(log[i]!)) distrusted ||= Math.abs(value - log[i]!) > tolerance / 2
        else log[i] = value
      }
      least = Math.min(least, log[i]!)
    }
    // Where interpolation has been wrong once for this target, it is not believed again.
    for (const [i, value] of log.entries()) if (distrusted || value <= least + tolerance) wanted[i] = 1
  }
}
