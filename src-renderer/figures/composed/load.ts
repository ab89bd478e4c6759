/** Asks a study for everything that a page shows. */
import type { FigurePage } from '../../../src-main/contract/figurePage.ts'
import { needKey, pageNeeds, type Answers, type Need, type PageData } from './needs.ts'
import { needText } from './sources.ts'

/** Of a stimulus on a page: as fine as 176 mm at 170 dots an inch. */
export const soundColumns = 1200

/** How a study is asked: over a window's line to its host, or in the host itself. */
export type Ask = { readonly [Kind in Need['kind']]: (need: Extract<Need, { kind: Kind }>) => Promise<Answers[Kind]> }

export const answer = <One extends Need>(need: One, ask: Ask): Promise<Answers[One['kind']]> =>
  (ask[need.kind] as (need: Need) => Promise<Answers[One['kind']]>)(need)

/**
 * One after the other, so that a job a time is waited for.
 * @param before told of each, with how many there are
 * @throws whatever `ask` and `before` throw
 */
export async function loadPage(
  page: Pick<FigurePage, 'panels'>,
  notice: string | null,
  ask: Ask,
  before: (what: string, done: number, of: number) => void = () => undefined,
): Promise<PageData> {
  const needs = pageNeeds(page)
  const answers = new Map<string, Answers[keyof Answers]>()
  for (const [i, need] of needs.entries()) {
    before(needText(need), i, needs.length)
    answers.set(needKey(need), await answer(need, ask))
  }
  return { notice, answers }
}
