/** Maps for a grid of cortices: what a window asks for in one round trip, and what it gets. */
import { z } from 'zod'
import type { SerializedError } from '../errors.ts'
import type { ScoreMap } from './study.ts'

const text = z.string().max(4096)

/** Scores of one layer: of a model, a member or a space, or the mean over several of them. */
const scored = z.strictObject({
  models: z.array(text).min(1).max(64),
  layer: text,
  /** A subject's id, or `mean` over the subjects that have the layer. */
  subject: text,
})

export const mapSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('score'), of: scored }),
  /** `of` minus `less`, over the subjects who have both. */
  z.strictObject({ kind: z.literal('difference'), of: scored, less: scored }),
  /** As a share of what the noise ceiling allows, where that is reliable. */
  z.strictObject({ kind: z.literal('share'), of: scored }),
  /** The layer with the largest mean score: its place in `layers`, from 0. */
  z.strictObject({ kind: z.literal('preferred'), of: scored, layers: z.array(text).min(2).max(256) }),
  /** −log10 of p over subjects: is the score above 0, or does it differ from that of `less`? */
  z.strictObject({
    kind: z.literal('p'),
    ...{ of: scored, less: scored.nullable() },
    /** Student's t where it is left out. */
    test: z.literal('wilcoxon').optional(),
  }),
])

/** `none` tests nothing but what is asked for as a map of p values. */
export const mapCorrection = z.enum(['none', 'benjamini-hochberg', 'benjamini-yekutieli'])

export const mapsArgument = z.strictObject({
  study: text,
  maps: z.array(mapSpec).min(1).max(128),
  /** With a correction, every map that can be tested comes with its adjusted p values. */
  correction: mapCorrection,
})

export type MapSpec = z.infer<typeof mapSpec>
export type ScoredPart = z.infer<typeof scored>
export type MapCorrection = z.infer<typeof mapCorrection>

/** p values over subjects, adjusted over the vertices that were tested; NaN where none was. */
export interface MapSignificance {
  readonly left: Float32Array
  readonly right: Float32Array
  /** In full: "one-sample t test (one-sided, greater, n = 12; mean against 0; Benjamini–Hochberg over 18,713 tests)". */
  readonly test: string
  /** The smallest of them. */
  readonly least: number
}

export interface GridMap extends ScoreMap {
  /** null where it was not asked for, or there is nothing to test: one subject, preferred layers. */
  readonly significance: MapSignificance | null
}

/** One map's failure leaves the others of a grid alone. */
export type MapAnswer =
  { readonly ok: true; readonly map: GridMap } | { readonly ok: false; readonly error: SerializedError }
