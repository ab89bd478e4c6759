/**
 * Which alphas to evaluate. The validation error is a smooth function of log alpha: it is evaluated on a coarse grid,
 * interpolated in between, and evaluated one alpha after the other, the most promising first, until no other alpha's
 * interpolation with its error reaches below the least error known: the choice is that of all alphas evaluated.
 */
import { HeschlError } from '../errors.ts'

/** Widest step of the coarse grid, in decades. */
const widestStep = 0.75
/**
 * Points of the interpolation, and of the poorer one whose difference from it tells how good it is; of alphas so close
 * that brackets of the coarse grid hold several, two more, which takes fewer evaluations.
 */
const points = 6
const fewerPoints = 4
const several = 3
/**
 * Error of the interpolated log error: this many times the largest difference of the two interpolations between the
 * neighbouring known points and one further on each side. Over 7,560 curves of the reference problems, from noise-free
 * to unrelated targets, no choice changed; 5 times changed one.
 */
const caution = 10
/** Of a log error from products in float32. */
const rounding = 2e-6
/** An interpolation this good is as good as a value. */
const settled = 2e-7

/** @throws HeschlError OPTION_INVALID unless there are 1 to 255 finite, positive, increasing alphas */
export function checkAlphas(alphas: readonly number[]): void {
  const ordered = alphas.every((alpha, i) => alpha > 0 && alpha < Infinity && (i === 0 || alpha > alphas[i - 1]))
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
  for (let i = 1; i < alphas.length; i++) step = Math.max(step, Math.log10(alphas[i] / alphas[i - 1]))
  const stride = Math.floor(widestStep / step + 1e-6)
  const coarse = all.filter((i) => i % stride === 0)
  if (coarse.at(-1) !== alphas.length - 1) coarse.push(alphas.length - 1)
  return stride >= 2 && coarse.length >= points ? coarse : all
}

/** Interpolation to the alphas between two known points. */
interface Stencil {
  readonly first: number
  readonly count: number
  /** The known points it takes. */
  readonly points: readonly number[]
  /** [count, points]: Lagrange weights, and those weights minus the ones of the poorer interpolation. */
  readonly weights: Float64Array
  readonly differences: Float64Array
}

/** Stencils that are kept. */
const mostStencils = 20_000

/** What is known of an error curve. */
export interface Look {
  /** Index of the alpha to evaluate next; undefined where the choice cannot change. */
  readonly next: number | undefined
  /** Index of the alpha of least error, the first of equals; 255 where no error is a number. */
  readonly choice: number
}

/** Interpolates log error from known alphas to all. */
export class ErrorCurve {
  readonly #position: readonly number[]
  readonly #stencils = new Map<string, Stencil>()
  readonly #log: Float64Array
  readonly #uncertainty: Float64Array
  readonly #more: number

  constructor(alphas: readonly number[]) {
    const coarse = coarseGrid(alphas)
    this.#more = coarse.length >= points + 2 && coarse[1] - coarse[0] > several ? 2 : 0
    this.#position = alphas.map((alpha) => Math.log(alpha))
    this.#log = new Float64Array(alphas.length)
    this.#uncertainty = new Float64Array(alphas.length + 1)
  }

  /** @param error [alphas] from `start` on, every `stride`; NaN where it is not known */
  look(error: Float64Array, start = 0, stride = 1): Look {
    const log = this.#log
    const known: number[] = []
    let least = Infinity
    let choice = 255
    let ordinary = true
    for (let alpha = 0; alpha < log.length; alpha++) {
      const value = error[start + alpha * stride]
      log[alpha] = NaN
      if (Number.isNaN(value)) continue
      known.push(alpha)
      log[alpha] = Math.log(value)
      if (log[alpha] < least) [least, choice] = [log[alpha], alpha]
      if (!Number.isFinite(log[alpha])) ordinary = false
    }
    if (known.length === log.length) return { next: undefined, choice }
    // Nothing is interpolated from an error of 0, or one that is no number, or few.
    if (!ordinary || known.length < points) return { next: log.findIndex((value) => Number.isNaN(value)), choice }
    return this.#interpolate(known, least, choice)
  }

  #interpolate(known: readonly number[], least: number, choice: number): Look {
    const log = this.#log
    const uncertainty = this.#uncertainty.fill(0)
    for (let bracket = 1; bracket < known.length; bracket++) {
      if (known[bracket] - known[bracket - 1] > 1) uncertainty[bracket] = this.#fill(known, bracket)
    }
    // Log error that every alpha may have at most: what reaches below the lowest is a candidate.
    let bound = least
    const around = (bracket: number) =>
      caution * Math.max(uncertainty[bracket - 1], uncertainty[bracket], uncertainty[bracket + 1])
    for (let bracket = 1; bracket < known.length; bracket++) {
      const error = around(bracket) + rounding
      for (let alpha = known[bracket - 1] + 1; alpha < known[bracket]; alpha++) {
        if (log[alpha] + error < bound) bound = log[alpha] + error
      }
    }
    let candidates = least <= bound ? 1 : 0
    let vague = false
    let next: number | undefined
    let lowest = least
    for (let bracket = 1; bracket < known.length; bracket++) {
      const error = around(bracket)
      for (let alpha = known[bracket - 1] + 1; alpha < known[bracket]; alpha++) {
        if (log[alpha] - error - rounding > bound) continue
        candidates++
        if (error > settled) vague = true
        if (next === undefined || log[alpha] < log[next]) next = alpha
        if (log[alpha] < lowest) [lowest, choice] = [log[alpha], alpha]
      }
    }
    if (next === undefined || candidates <= 1 || !vague) return { next: undefined, choice }
    // The middle of its bracket: folds and targets whose candidates lie side by side ask for the same alphas.
    const right = known.findIndex((alpha) => alpha > next)
    return { next: (known[right - 1] + known[right]) >> 1, choice }
  }

  /** Writes the interpolated log errors of a bracket. @returns the largest difference of the two interpolations */
  #fill(known: readonly number[], bracket: number): number {
    const log = this.#log
    const stencil = this.#stencil(known, bracket)
    const width = stencil.points.length
    let most = 0
    for (let i = 0; i < stencil.count; i++) {
      let value = 0
      let difference = 0
      for (let point = 0, at = i * width; point < width; point++, at++) {
        const error = log[stencil.points[point]]
        value += stencil.weights[at] * error
        difference += stencil.differences[at] * error
      }
      log[stencil.first + i] = value
      most = Math.max(most, Math.abs(difference))
    }
    return most
  }

  #stencil(known: readonly number[], bracket: number): Stencil {
    const taken = nearest(known, bracket, points + this.#more)
    const key = String.fromCharCode(known[bracket], ...taken)
    const kept = this.#stencils.get(key)
    if (kept) return kept
    const first = known[bracket - 1] + 1
    const count = known[bracket] - first
    const better = new Float64Array(count * taken.length)
    const differences = new Float64Array(count * taken.length)
    for (let i = 0; i < count; i++) {
      const poorer = weights(this.#position, first + i, nearest(known, bracket, fewerPoints + this.#more))
      for (const [point, weight] of weights(this.#position, first + i, taken)) {
        const at = i * taken.length + taken.indexOf(point)
        better[at] = weight
        differences[at] = weight - (poorer.get(point) ?? 0)
      }
    }
    const stencil = { first, count, points: taken, weights: better, differences }
    if (this.#stencils.size === mostStencils) this.#stencils.clear()
    this.#stencils.set(key, stencil)
    return stencil
  }
}

/** The known points nearest to a bracket. */
function nearest(known: readonly number[], bracket: number, count: number): readonly number[] {
  const first = Math.min(Math.max(bracket - count / 2, 0), known.length - count)
  return known.slice(first, first + count)
}

/** Lagrange's weights of the nodes at one position. */
function weights(position: readonly number[], alpha: number, nodes: readonly number[]): Map<number, number> {
  return new Map(
    nodes.map((node) => {
      let weight = 1
      for (const other of nodes) {
        if (other !== node) weight *= (position[alpha] - position[other]) / (position[node] - position[other])
      }
      return [node, weight]
    }),
  )
}
