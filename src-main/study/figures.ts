/** What `figures:` of a study file may say: the options of each figure's analysis; all of them can be left out. */
import { z } from 'zod'
import { HeschlError } from '../errors.ts'

/** A layer's name, or `mean`: over all layers of a model. */
const layer = z.string().min(1).max(300).default('mean')
/** Of false discoveries, or of a false positive. */
const level = z.number().gt(0).max(0.5).default(0.05)

const id = z.string().min(1).max(300)

const scores = z.strictObject({
  /** Besides `mean` and a name: `best`, chosen for each subject by the others. */
  layer,
  /** That is mapped; `auto`: the first that is not untrained. */
  model: id.default('auto'),
  /** Models and spaces that all others are compared with; `auto`: the first untrained model and the first space. */
  baselines: z.array(id).min(1).max(20).default(['auto']),
  /** What vertices count by in a mean. */
  weights: z.enum(['equal', 'area', 'ceiling']).default('equal'),
})

const hierarchy = z.strictObject({
  /** A model of several layers; left out, the native one, or the first that there is. */
  model: z.string().min(1).max(300).optional(),
  /** What says where the model predicts responses; `none`: `least` alone. */
  mask: z.enum(['wilcoxon', 'sign-flip', 'none']).default('wilcoxon'),
  /** What it tests: the mean over layers, or the best one's score, which was chosen for being large. */
  significance: z.enum(['mean', 'best']).default('mean'),
  level,
  /** Mean score that the best layer must have; left out, 0 with a test, and without one from the scatter of the scores. */
  least: z.number().min(-1).max(1).optional(),
  /** The region that distances are from, or a label of the parcellation; left out, the first of the regions. */
  source: z.string().min(1).max(200).optional(),
  /** What is held against distance: the best layer, or the centre of mass over layers. */
  preference: z.enum(['best', 'centre']).default('best'),
  alternative: z.enum(['greater', 'two-sided']).default('greater'),
  spins: z.number().int().min(1).max(100_000).default(1000),
  /** Sign flips, where the mask is by them. */
  permutations: z.number().int().min(1).max(1_000_000).default(10_000),
  resamples: z.number().int().min(2).max(100_000).default(1000),
  /** Of rotations, resamples and sign flips. */
  seed: z.number().int().min(0).max(0xffffffff).default(1),
})

const regimes = z.strictObject({
  /** Besides `mean` and a name: `best`, chosen for each subject by the others. */
  layer,
  level,
  /** `tfce` enhances clusters of the mesh; regions, which have none, are then tested by sign flips. */
  test: z.enum(['wilcoxon', 't', 'sign-flip', 'tfce']).default('wilcoxon'),
  /** `usual`: family-wise by the largest statistic for sign flips, false discoveries by Benjamini and Hochberg otherwise. */
  correction: z.enum(['usual', 'benjamini-hochberg', 'benjamini-yekutieli', 'family-wise']).default('usual'),
  /** Random sign flips, where there are more than so many. */
  permutations: z.number().int().min(99).max(1_000_000).default(5000),
  /** Of bootstrap intervals over subjects. */
  interval: z.enum(['bca', 'percentile']).default('bca'),
  resamples: z.number().int().min(100).max(100_000).default(1000),
  seed: z.number().int().min(0).max(0xffffffff).default(1),
  /** Whether scores rise in a line with the hours or steps of a training, or with their logarithm. */
  training: z.enum(['log', 'linear']).default('log'),
})

export const figuresSchema = z.strictObject({
  scores: scores.prefault({}),
  hierarchy: hierarchy.prefault({}),
  regimes: regimes.prefault({}),
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
    expected: `options of ${figure}: ${Object.keys(figuresSchema.shape[figure].unwrap().shape).join(', ')}`,
    found: z.prettifyError(parsed.error),
    remedy: 'docs/study.md lists the options of every figure',
  })
}
