/**
 * Targets are scored a stripe at a time. Where a stripe begins depends on the number of samples alone: what is stored of
 * one fits, whatever the memory limit is when the rest is computed.
 */
import { batchSize } from '../encoding/solver.ts'

export interface Stripe {
  /** Of all stripes, from 0. */
  readonly place: number
  /** Targets `from` to `to`, exclusive. */
  readonly from: number
  readonly to: number
}

/** Batches of products a stripe at most: a number that many numbers of threads divide. */
const mostBatches = 24
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
