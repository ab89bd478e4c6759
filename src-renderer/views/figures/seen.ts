/** How the cortex is seen in the window, as a page's panels say it: its form on the way to another, discs, names, pins. */
import type { PagePanel } from '../../../src-main/contract/figurePage.ts'
import { hasElectrodes } from '../../cortex/points.ts'
import { usePins } from '../../stores/pins.ts'
import { useSelection } from '../../stores/selection.ts'
import { useStudy } from '../../stores/study.ts'

type Seen = Extract<PagePanel, { show: 'map' }>

/** Nearer to a form than this, it is that form. */
const slack = 0.005

export function useSeen() {
  const { surface } = useStudy()
  const { selection, morph, form } = useSelection()
  const { pins } = usePins()

  function formed(): Pick<Seen, 'form' | 'towards' | 'discs'> {
    const { from, to, t } = morph.value
    const between = t > slack && t < 1 - slack
    return {
      ...(between ? { form: from, towards: { form: to, share: Number(t.toFixed(3)) } } : { form: form.value }),
      ...(hasElectrodes(surface.value) ? { discs: selection.discs } : {}),
    }
  }

  /** @param names whether regions have their names */
  function over(names: boolean): Pick<Seen, 'directions' | 'names' | 'pins'> {
    const marks = pins.value.map(({ hemisphere, vertex, colour }, i) => ({ hemisphere, vertex, number: i + 1, colour }))
    return { directions: true, names, ...(marks.length > 0 ? { pins: marks } : {}) }
  }
  return { formed, over }
}
