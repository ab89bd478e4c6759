/** What can be put on a page: what is looked at now, and panels of the figures that scores give. */
import { computed } from 'vue'
import type { FigureName } from '../../../src-main/contract/findings.ts'
import type { NewPanel } from '../../composer/edit.ts'
import { isSeries } from '../../plots/models.ts'
import { hasTraining } from '../../plots/trainingChart.ts'
import { useSelection } from '../../stores/selection.ts'
import { useComparePanels } from './comparePanels.ts'
import { useSeen } from './seen.ts'
import { useStudy } from '../../stores/study.ts'

export type ViewKind = 'map' | 'views' | 'compare' | 'layers' | 'training' | 'regions'

interface Choice {
  readonly words: string
  readonly panel: NewPanel
}

const findings: Readonly<
  Record<FigureName, { readonly title: string; readonly panels: Readonly<Record<string, string>> }>
> = {
  scores: {
    title: 'Brain scores',
    panels: { map: 'Map', regions: 'By region', cortex: 'Whole cortex', ceiling: 'Noise ceiling' },
  },
  hierarchy: {
    title: 'Preferred layers',
    panels: { map: 'Map', scores: 'Score by layer', regions: 'By region', distance: 'Distance' },
  },
  regimes: {
    title: 'Training regimes',
    panels: {
      ...{ regions: 'By region', languages: 'Languages', nested: 'Nested map' },
      ...{ specialisation: 'Specialisation', training: 'Along the training' },
    },
  },
  behaviour: {
    title: 'Behaviour',
    panels: { listeners: 'Listeners', models: 'Models', comparison: 'Models and listeners' },
  },
}

const maps: ReadonlySet<string> = new Set(['map', 'nested'])

/** Panels that a study may not give say so on the page: that is known once the analysis has run. */
export const findingChoices = Object.entries(findings).map(([figure, { title, panels }]) => ({
  title,
  choices: Object.entries(panels).map(([panel, words]): Choice => ({
    words,
    panel: {
      ...{ show: 'finding', figure: figure as FigureName, panel },
      size: maps.has(panel) ? [86, 72] : [86, 58],
    },
  })),
}))

export const textPanel: NewPanel = { show: 'text', words: 'Text', points: 8, bold: false, size: [60, 10] }

/** What the window shows now, by its kind; null where there is nothing of it. */
export function useViewPanels() {
  const { study, table } = useStudy()
  const { selection, map, scale } = useSelection()
  const { grid } = useComparePanels()
  const { formed, over } = useSeen()

  function panelOf(kind: ViewKind): NewPanel | null {
    const { model, layer, subject, view, orbit, trainingScale } = selection
    const of = { subject, model, layer }
    switch (kind) {
      case 'map': {
        if (map.value === null || scale.value === null) return null
        const turned = orbit.yaw !== 0 || orbit.pitch !== 0 || orbit.zoom !== 1
        const size: [number, number] = view === 'overview' ? [86, 70] : [86, 50]
        return {
          show: 'map',
          map: of,
          view,
          ...formed(),
          ...over(selection.outlines),
          outlines: selection.outlines,
          scale: scale.value,
          size,
          ...(turned ? { orbit: { ...orbit } } : {}),
        }
      }
      case 'views': {
        if (map.value === null || scale.value === null) return null
        const views = ['lateral', 'medial', 'dorsal', 'ventral'] as const
        return { show: 'grid', maps: [of], views: [...views], ...formed(), scale: scale.value, size: [176, 46] }
      }
      case 'compare':
        return grid.value
      case 'layers':
        return (table.value?.rows.length ?? 0) > 0 ? { show: 'layers', size: [86, 58] } : null
      case 'training': {
        const axis = (['steps', 'hours'] as const).find((one) => table.value && hasTraining(table.value, one, layer))
        return axis && study.value?.models.some(isSeries)
          ? { show: 'training', axis, layer, scale: trainingScale, size: [86, 58] }
          : null
      }
      case 'regions':
        return (table.value?.regions.length ?? 0) > 0 && (table.value?.rows.length ?? 0) > 0
          ? { show: 'regions', of: [{ model, layer }], most: 8, size: [86, 58] }
          : null
    }
  }
  const words: Readonly<Record<ViewKind, string>> = {
    ...{ map: 'Map on the cortex', views: 'Map from four sides', compare: 'Grid of Compare', layers: 'Score by layer' },
    ...{ training: 'Along the training', regions: 'Score by region' },
  }
  const viewChoices = computed(() =>
    (Object.keys(words) as ViewKind[]).map((kind) => ({ words: words[kind], panel: panelOf(kind) })),
  )
  return { viewChoices, panelOf }
}
