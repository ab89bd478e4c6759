/** Asks a study for everything that a page shows. */
import type { FigurePage } from '../../../src-main/contract/figurePage.ts'
import { needKey, pageNeeds, type Answers, type Need, type PageData } from './needs.ts'

/** How a study is asked: over a window's line to its host, or in the host itself. */
export type Ask = { readonly [Kind in Need['kind']]: (need: Extract<Need, { kind: Kind }>) => Promise<Answers[Kind]> }

export const answer = <One extends Need>(need: One, ask: Ask): Promise<Answers[One['kind']]> =>
  (ask[need.kind] as (need: Need) => Promise<Answers[One['kind']]>)(need)

/** One after the other, so that a job a time is waited for. @throws whatever `ask` throws */
export async function loadPage(page: Pick<FigurePage, 'panels'>, notice: string | null, ask: Ask): Promise<PageData> {
  const answers = new Map<string, Answers[keyof Answers]>()
  for (const need of pageNeeds(page)) answers.set(needKey(need), await answer(need, ask))
  return { notice, answers }
}
