/** What `figures:` of a study file may say: the options of each figure's analysis; all of them can be left out. */
import { z } from 'zod'
import { HeschlError } from '../errors.ts'

/** A layer's name, or `mean`: over all layers of a model. */
const layer = z.string().min(1).max(300).default('mean')
/** Of false discoveries, or of a false positive. */
const level = z.number().gt(0).max(0.5).default(0.05)

export const figuresSchema = z.strictObject({
  regimes: z.strictObject({ layer, level }).prefault({}),
  behaviour: z
    .strictObject({
      level,
      /** Of answers, so many of each triplet with replacement, for intervals of comparisons. */
      samples: z.number().int().min(0).max(100_000).default(200),
      perTriplet: z.number().int().min(1).max(100).default(5),
      seed: z.number().int().min(0).max(0xffffffff).default(1),
      /** Deltas and numbers of trials before the probit regression, as in 2022 (not 2020). */
      standardize: z.boolean().default(true),
    })
    .prefault({}),
})

export type FigureOptions = z.output<typeof figuresSchema>

/**
 * A figure's options as the study file has them, with those that were given beside it.
 * @throws HeschlError OPTION_INVALID, naming every option that does not fit
 */
export function figureOptions(
  written: FigureOptions,
  figure: keyof FigureOptions,
  given: Readonly<Record<string, unknown>>,
): FigureOptions {
  const parsed = figuresSchema.safeParse({ ...written, [figure]: { ...written[figure], ...given } })
  if (parsed.success) return parsed.data
  throw new HeschlError('OPTION_INVALID', `An option of the figure ${figure} does not fit`, {
    expected: `options of ${figure}: ${Object.keys(written[figure]).join(', ')}`,
    found: z.prettifyError(parsed.error),
    remedy: 'docs/study.md lists the options of every figure',
  })
}
