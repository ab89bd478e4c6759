/** Panels of the page as they are drawn on screen; what has not changed is not drawn again. */
import { computed } from 'vue'
import type { PagePanel } from '../../../src-main/contract/figurePage.ts'
import { lettersOf } from '../../figures/composed/letters.ts'
import { needKey, needsOf } from '../../figures/composed/needs.ts'
import { panelDocument } from '../../figures/composed/pageDrawing.ts'
import { useComposer } from '../../stores/composer.ts'

export interface Drawing {
  /** For screen readers: "Panel a: Score by layer". */
  readonly name: string
  /** Empty while it cannot be drawn. */
  readonly svg: string
  /** Why it cannot; empty while it is loaded. */
  readonly problem: string
  /** Loading has failed, and may be tried again. */
  readonly failed: boolean
}

export function useDrawnPanels(zoom: () => number) {
  const { page, data, waiting } = useComposer()
  let known = new Map<string, { readonly drawing: Drawing; readonly from: readonly unknown[] }>()

  return computed<ReadonlyMap<string, Drawing>>(() => {
    const next: typeof known = new Map()
    const shown = new Map<string, Drawing>()
    if (page.value === null) return shown
    const letters = lettersOf(page.value)
    // As many dots as the screen has, up to those of the file.
    const dpi = Math.min(page.value.dpi, Math.max(72, Math.round(96 * zoom() * window.devicePixelRatio)))
    for (const panel of page.value.panels) {
      const letter = letters.get(panel.id) ?? ''
      const wait = waiting(panel)
      const key = JSON.stringify([{ ...panel, at: null }, letter, dpi])
      if (wait !== null) {
        shown.set(panel.id, pending(panel, letter, wait))
        continue
      }
      const from = needsOf(panel).map((need) => data.value.answers.get(needKey(need)))
      const before = known.get(key)
      const kept = before?.from.every((answer, i) => answer === from[i]) === true
      const drawing = kept ? before.drawing : draw(panel, letter, dpi)
      next.set(key, { drawing, from })
      shown.set(panel.id, drawing)
    }
    known = next
    return shown
  })

  function draw(panel: PagePanel, letter: string, dpi: number): Drawing {
    try {
      const drawn = panelDocument(panel, letter, data.value, dpi)
      if ('problem' in drawn)
        return { name: nameOf(letter, panel.show), svg: '', problem: drawn.problem, failed: false }
      return { name: nameOf(letter, drawn.heading || panel.show), svg: drawn.drawn, problem: '', failed: false }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      return { name: nameOf(letter, panel.show), svg: '', problem, failed: false }
    }
  }
}

const nameOf = (letter: string, what: string) => (letter === '' ? `Panel: ${what}` : `Panel ${letter}: ${what}`)

function pending(panel: PagePanel, letter: string, wait: 'loading' | { readonly summary: string }): Drawing {
  const failed = wait !== 'loading'
  return { name: nameOf(letter, panel.show), svg: '', problem: failed ? wait.summary : '', failed }
}
