/** The form of a cortex on a page, and its electrodes. */
import type { PagePanel } from '../../../src-main/contract/figurePage.ts'
import { discDiameter, type DiscLook } from '../../cortex/discs.ts'
import { formsOf, type Morph } from '../../cortex/forms.ts'
import { answerTo, surfaceNeed, type PageData } from './needs.ts'
import type { Problem } from './drawable.ts'

type Formed = Pick<Extract<PagePanel, { show: 'map' }>, 'form' | 'towards' | 'discs'>

export const morphOf = ({ form, towards }: Formed): Morph => ({
  ...{ from: form, to: towards?.form ?? form, t: towards?.share ?? 0 },
})

/** A subject's map shows its own electrodes. */
export const discsOf = ({ discs = discDiameter }: Formed, subject: string): DiscLook => ({
  ...{ diameter: discs, subject: subject === 'mean' ? null : subject },
})

/** A surface may have no flat form, or no sphere, any more. */
export function withoutForm(panel: Formed, data: PageData): Problem | null {
  const forms = formsOf(answerTo(surfaceNeed, data))
  const { from, to } = morphOf(panel)
  const form = [from, to].find((one) => !forms.includes(one))
  return form === undefined ? null : { problem: `The surface has no ${form} form; it has ${forms.join(', ')}` }
}
