/**
 * Targets are scored a stripe at a time. Where a stripe begins depends on the number of samples alone: what is stored of
 * one fits, whatever the memory limit is when the rest is computed.
 */
import { batchSize } from '../encoding/solver.ts'
import type { NamedArray } from './context.ts'

export interface Stripe {
  /** Of all stripes, from 0. */
  readonly place: number
  /** Targets `from` to `to`, exclusive. */
  readonly from: number
  readonly to: number
}

/** Batches of products a stripe at most: a number that many numbers of threads divide. */
const mostBatches = 42
/** Of a stripe's responses, bytes at most; one batch of products is the least. */
const stripeBytes = 128e6

/** Targets of a stripe of so many samples. */
export function stripeWidth(samples: number): number {
  return batchSize * Math.max(1, Math.min(mostBatches, Math.floor(stripeBytes / (4 * samples * batchSize))))
}

export function stripesOf(targets: number, width: number): readonly Stripe[] {
  return Array.from({ length: Math.ceil(targets / width) }, (_, place) => ({
    place,
    from: place * width,
    to: Math.min(targets, (place + 1) * width),
  }))
}

/**
 * Stripes that lie side by side, as many together as there is room to read at once; one at least.
 * @param most targets
 */
export function batchesOf(stripes: readonly Stripe[], most: number): readonly (readonly Stripe[])[] {
  const batches: Stripe[][] = []
  for (const stripe of stripes) {
    const batch = batches.at(-1)
    const fits = batch?.at(-1)?.to === stripe.from && stripe.to - batch[0].from <= most
    if (fits) batch.push(stripe)
    else batches.push([stripe])
  }
  return batches
}

/**
 * The arrays of all targets from those of stripes.
 * @param parts a stripe each, in the order of their targets; every array's last dimension is the stripe's targets. A single
 *   stripe's arrays are those of all targets.
 */
export function joinStripes(parts: readonly (readonly NamedArray[])[], targets: number): readonly NamedArray[] {
  const [first] = parts
  if (parts.length === 1) return first
  return first.map(({ name, shape, data }) => {
    const lines = shape.slice(0, -1)
    const count = lines.reduce((product, length) => product * length, 1)
    const joined = emptyLike(data, count * targets)
    let from = 0
    for (const part of parts) {
      const { shape: own, data: values } = part.find((array) => array.name === name)!
      const width = own.at(-1)!
      for (let line = 0; line < count; line++)
        joined.set(values.subarray(line * width, (line + 1) * width), line * targets + from)
      from += width
    }
    return { name, shape: [...lines, targets], data: joined }
  })
}

function emptyLike(data: NamedArray['data'], length: number): NamedArray['data'] {
  if (data instanceof Float32Array) return new Float32Array(length)
  if (data instanceof Float64Array) return new Float64Array(length)
  if (data instanceof Int32Array) return new Int32Array(length)
  return data instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length)
}
