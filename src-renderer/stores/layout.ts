/** How this window is arranged: kept by the host, so that the next one starts like it, and by names of one's own. */
import { computed, reactive, shallowRef, watch } from 'vue'
import type { Layouts } from '../../src-main/contract/work.ts'
import { useHost } from '../bridge/index.ts'
import { useWorkspace } from './workspace.ts'

/** Sizes in CSS pixels. */
export interface LayoutState {
  left: number
  right: number
  jobs: number
  leftOpen: boolean
  rightOpen: boolean
  jobsOpen: boolean
  /** Parts of the side bar that are open, by their names, separated by commas. */
  sections: string
  /** The tab of the results. */
  results: string
}

/** How the first window of all begins. */
const first: Readonly<LayoutState> = {
  left: 256,
  right: Math.round(Math.min(520, Math.max(320, 0.27 * window.innerWidth))),
  jobs: 220,
  leftOpen: true,
  rightOpen: true,
  jobsOpen: false,
  sections: 'problems,models,subjects,stimuli',
  results: 'layers',
}
/** What a bar may be made to be. */
export const limits = { left: [180, 560], right: [260, 900], jobs: [120, 700] } as const

/** Of the window's width, for a bar that was kept. */
const mostOfWindow = 0.4

const host = useHost()
const { tab, show } = useWorkspace()
const layout = reactive<LayoutState>({ ...first })
const saved = shallowRef<Layouts['saved']>([])
const names = computed(() => saved.value.map(({ name }) => name))
let loaded = false
let timer = 0

host.on('layouts', (now) => (saved.value = now.saved))

/** What storage holds may be of another version: what does not fit is left as it is. */
function apply(from: Readonly<Record<string, unknown>>) {
  for (const key of Object.keys(first) as (keyof LayoutState)[]) {
    const value = from[key]
    if (typeof value !== typeof first[key]) continue
    const range = limits[key as keyof typeof limits] as readonly [number, number] | undefined
    const fitted = range ? Math.min(range[1], Math.max(range[0], Number(value))) : value
    Object.assign(layout, { [key]: fitted })
  }
  if (typeof from['tab'] === 'string' && from['tab'] !== '') show(from['tab'])
}

/** As it is now, with the view that is shown. */
const present = () => ({ ...layout, tab: tab.value })

async function loadLayouts() {
  const now = await host.call('layouts', {}).catch(() => ({ current: null, saved: [] }))
  saved.value = now.saved
  if (!loaded && now.current) apply({ ...now.current, tab: '' })
  // What was kept may be of a far wider window: the cortex has the most of this one.
  if (layout.right > mostOfWindow * window.innerWidth) layout.right = first.right
  if (layout.left > mostOfWindow * window.innerWidth) layout.left = first.left
  loaded = true
}

watch(layout, () => {
  if (!loaded) return
  window.clearTimeout(timer)
  timer = window.setTimeout(() => void host.call('keepLayout', { layout: present() }).catch(() => undefined), 400)
})

const reset = () => apply({ ...first })

function use(name: string) {
  const found = saved.value.find((one) => one.name === name)
  if (found) apply(found.layout)
}

async function save(name: string) {
  saved.value = (await host.call('nameLayout', { name, layout: present() })).saved
}

async function forget(name: string) {
  saved.value = (await host.call('nameLayout', { name, layout: null })).saved
}

const isOpen = (section: string) => layout.sections.split(',').includes(section)
function setOpen(section: string, open: boolean) {
  const others = layout.sections.split(',').filter((one) => one !== '' && one !== section)
  layout.sections = [...others, ...(open ? [section] : [])].join(',').slice(0, 200)
}

export const useLayout = () => ({ layout, first, names, loadLayouts, reset, use, save, forget, isOpen, setOpen, apply })
