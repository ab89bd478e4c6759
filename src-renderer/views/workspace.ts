/** The views of an open study, in the order of their tabs. A view is loaded when it is first shown. */
import { defineAsyncComponent, type Component } from 'vue'

export interface WorkspaceTab {
  /** Kept as the tab that a study was left at. */
  readonly id: string
  readonly title: string
  readonly component: Component
  /** Takes the place of the results on the right as well. */
  readonly wide?: boolean
}

/** Ctrl or Cmd and a tab's number shows it; Alt and the number as well, since browsers keep the former for themselves. */
export const workspaceTabs: readonly WorkspaceTab[] = [
  { id: 'cortex', title: 'Cortex', component: defineAsyncComponent(() => import('./CortexTab.vue')) },
  { id: 'compare', title: 'Compare', component: defineAsyncComponent(() => import('./CompareTab.vue')), wide: true },
  { id: 'why', title: 'Why here', component: defineAsyncComponent(() => import('./WhyView.vue')), wide: true },
  { id: 'quality', title: 'Quality', component: defineAsyncComponent(() => import('./QualityView.vue')), wide: true },
  {
    ...{ id: 'figures', title: 'Figures', wide: true },
    component: defineAsyncComponent(() => import('./figures/FiguresTab.vue')),
  },
]

/** The tab of an id; the first where this version has none of it. */
export const shownTab = (id: string): WorkspaceTab => workspaceTabs.find((tab) => tab.id === id) ?? workspaceTabs[0]
