/** The caption, methods and notes of the hierarchy's figure, with its numbers. */
import type { FigureOptions } from '../../study/figures.ts'
import type { ChanceWords } from './chance.ts'
import type { Trend } from './distanceTrend.ts'
import type { LayerScores } from './hierarchyScores.ts'
import type { FindingResult } from './result.ts'
import { captioned } from './words.ts'

/** What the words of the figure are made from. */
export interface HierarchyFacts {
  readonly options: FigureOptions['hierarchy']
  readonly measure: string
  readonly scores: LayerScores
  /** Subjects without scores of some layer. */
  readonly left: readonly string[]
  readonly mask: { readonly words: string; readonly test: string | null; readonly reason: string | null }
  readonly tested: string
  readonly chance: ChanceWords
  /** The mean score that the best layer must have, in words. */
  readonly least: string
  readonly kept: number
  readonly vertices: number
  readonly agreement: number
  readonly interval: string
  readonly regionsFrom: string
  readonly source: string
  readonly trends: readonly Trend[]
  readonly distanceReason: string | null
}

const rounded = (value: number, digits = 2) =>
  Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : 'none'
const counted = (value: number) => value.toLocaleString('en')
const percent = (share: number) => `${Math.round(100 * share)} %`

/** "left: rho = 0.42, n = 3,021 vertices, spin p = 0.004". */
function trendWords({ hemisphere, rho, n, p }: Trend): string {
  const spin = Number.isNaN(p) ? 'no spin p' : `spin p = ${Number(p.toPrecision(2))}`
  const where = hemisphere === 'both' ? 'both hemispheres' : `${hemisphere} hemisphere`
  return `${where}: rho = ${rounded(rho)}, n = ${counted(n)} vertices, ${spin}`
}

export function hierarchyWords(
  facts: HierarchyFacts,
): Pick<FindingResult, 'title' | 'caption' | 'captionParts' | 'methods' | 'notes' | 'tests'> {
  const { options, scores, mask, trends, source } = facts
  const { space, layers, subjects } = scores
  const n = `${counted(subjects.length)} ${subjects.length === 1 ? 'subject' : 'subjects'}`
  const preference = options.preference === 'best' ? 'best layer' : 'centre of mass of the layers'
  const low = `vertices whose best layer has a mean score below ${facts.least}`
  const grey = mask.test === null ? low : `${mask.words}: ${mask.test}`
  const regime = space.regime === '' ? '' : ` (${space.regime})`
  const side = options.alternative === 'greater' ? 'one-sided, rising' : 'two-sided'
  const spun = trends.find(({ spins }) => spins > 0)
  const spins = spun
    ? `; ${counted(spun.spins)} random rotations, seed ${options.seed}, ${side}, not corrected over hemispheres`
    : ''
  const stability =
    subjects.length < 2
      ? ''
      : ` Over resamples of subjects the best layer was the same in ${percent(facts.agreement)} (mean over vertices).`
  const map =
    `the layer with the highest mean score over subjects at each vertex. Grey: ${grey}; ` +
    `${counted(facts.kept)} of ${counted(facts.vertices)} vertices are coloured.${stability}`
  const distance =
    `${preference} against the distance along the folded surface from ${source}: means of 10 mm, bands the middle ` +
    `half of the vertices. Spearman’s rank correlation: ${trends.map(trendWords).join('; ')}${spins}.`
  const methods =
    `Scores (${facts.measure}) of the ${layers.length} layers of ${space.id}, ${layers[0]} to ${layers.at(-1)}, were ` +
    `averaged over ${n}. At each vertex the preferred layer was the one with the highest mean; the centre of mass of ` +
    `the layers was weighted by their positive mean scores. ` +
    (mask.test === null ? `Left out were ${low}. ` : `Left out were ${mask.words} by a ${mask.test}, and ${low}. `) +
    `Intervals and the stability of the preferred layer are over subjects (${facts.interval}). ` +
    `Regions are those of ${facts.regionsFrom}. Distances are exact geodesics along the triangles of the folded surface ` +
    `(Mitchell, Mount and Papadimitriou, 1987), within a hemisphere, from the nearest vertex of ${source}, which is at 0. ` +
    `Their rank correlation with the ${preference} was ` +
    (spun
      ? `tested against random rotations of the distances on the sphere that the surface is registered on ` +
        `(Alexander-Bloch et al., 2018), the right hemisphere turning as the mirror image of the left one ` +
        `(${counted(spun.spins)} rotations, seed ${options.seed}, ${side}).`
      : `not tested.`)
  return {
    title: `Preferred layers of ${space.id}`,
    ...captioned({
      opening: `Layers of ${space.id}${regime} by ${facts.measure}, ${n}.`,
      panels: [
        { panel: 'map', words: map },
        {
          panel: 'scores',
          words: 'mean over all vertices with a score; points are means over subjects, bars their standard errors.',
        },
        { panel: 'regions', words: 'share of each region’s coloured vertices that prefer each layer.' },
        { panel: 'distance', words: distance },
      ],
      closing: '',
    }),
    methods,
    notes: notesOf(facts),
    tests: [
      ...(mask.test === null ? [] : [mask.test]),
      ...trends.map((trend) => `Spearman’s rank correlation, ${trendWords(trend)}${spins}`),
    ],
  }
}

function notesOf({
  options,
  scores,
  left,
  mask,
  chance,
  kept,
  distanceReason,
  trends,
  source,
}: HierarchyFacts): string[] {
  const reasons = [...new Set(trends.flatMap(({ reason }) => (reason === null ? [] : [reason])))]
  return [
    'The best of several noisy scores spreads over the layers, most where they differ least: the share of resamples with the same best layer says how sure each vertex is, and the centre of mass is steadier.',
    ...(mask.test === null ? [] : [chance.note]),
    ...(options.significance === 'best' && mask.test !== null
      ? ['The score of the best layer was chosen for being the largest: tests of it find too much.']
      : []),
    ...(mask.reason === null ? [] : [`Nothing is masked by significance, as there is no test: ${mask.reason}.`]),
    ...(kept === 0 ? ['No vertex is left: there is no preferred layer to show.'] : []),
    ...(left.length === 0
      ? []
      : [`Left out, as scores of some layer of ${scores.space.id} are not stored: ${left.join(', ')}.`]),
    ...(distanceReason === null ? [] : [`No distances: ${distanceReason}.`]),
    ...(distanceReason === null ? reasons.map((reason) => `No spin p: ${reason}.`) : []),
    ...(scores.subjects.length < 2 ? ['One subject: there are no intervals and no standard errors.'] : []),
    ...(kept > 0 && distanceReason === null
      ? [`Vertices of ${source} are at distance 0 and take part in the correlation.`]
      : []),
  ]
}
