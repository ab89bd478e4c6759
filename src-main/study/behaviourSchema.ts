/** An ABX experiment whose triplets a study's models are asked: what `behaviour:` of a study file may say. */
import { z } from 'zod'

const path = z.string().min(1).max(4096)
/** As the experiment's tables write a language: EN. */
const code = z.string().regex(/^[A-Za-z-]{1,20}$/, 'a language of a table is letters: EN')

export const behaviourSchema = z.strictObject({
  /** A row a triplet. */
  triplets: path,
  /** What stimuli are cut from which recording; a table a language where the triplets number each language's by itself. */
  items: z.union([path, z.record(code, path)]),
  /** The folder of the recordings. */
  audio: path,
  /** Takes recordings whose peaks are cut off as they are; without it they are refused. */
  clipped: z.literal('accept').optional(),
  /** What listeners answered, a row a trial. */
  answers: path.optional(),
  /** The language of models, by its code in the tables. */
  languages: z.record(code, z.string().min(1).max(100)).default({}),
  /** One that all models have. */
  layer: z.string().min(1).max(300).default('transf4'),
  distance: z.enum(['cosine', 'angular', 'euclidean', 'kl']).default('cosine'),
  /** `as-published`: paths cannot move along the last row or column (behaviour/dtw.ts). */
  dtw: z.enum(['standard', 'as-published']).default('standard'),
  /** An item alone, as in the papers, or its recording through the study's windows. */
  hears: z.enum(['item', 'recording']).default('item'),
})

export type Behaviour = z.output<typeof behaviourSchema>

/** Tables of stimuli, with languages where each has its own. */
export function itemTables({ items }: Behaviour): readonly { readonly language: string; readonly file: string }[] {
  if (typeof items === 'string') return [{ language: '', file: items }]
  return Object.entries(items).map(([language, file]) => ({ language, file }))
}
