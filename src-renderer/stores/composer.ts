/** The page that is being composed: its panels, what they are drawn from, what was before, and where it is saved. */
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { FigurePage, PagePanel, SavedPage } from '../../src-main/contract/figurePage.ts'
import type { ExportProgress } from '../../src-main/contract/figures.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, Failure, useHost } from '../bridge/index.ts'
import { aligned, distributed, sameSize, type Alignment, type Direction } from '../composer/align.ts'
import * as edit from '../composer/edit.ts'
import type { NewPanel } from '../composer/edit.ts'
import { began, changed, redone, undone, type History } from '../composer/history.ts'
import { answer, soundColumns, type Ask } from '../figures/composed/load.ts'
import { needKey, needsOf, pageNeeds, type Answers, type Need, type PageData } from '../figures/composed/needs.ts'
import { sourceChanges, sourcesOf } from '../figures/composed/sources.ts'
import { draftCaption, draftMethods } from '../figures/composed/words.ts'
import { useGridMaps } from './gridMaps.ts'
import { useSession } from './session.ts'
import { useStudy } from './study.ts'

const host = useHost()
const { study, surface, table, revision } = useStudy()
const { info } = useSession()
const { maps, mapKey } = useGridMaps()

const saved = shallowRef<readonly SavedPage[]>([])
const name = ref('')
const history = shallowRef<History<FigurePage> | null>(null)
const page = computed(() => history.value?.present ?? null)
const kept = shallowRef<FigurePage | null>(null)
const dirty = computed(() => page.value !== null && page.value !== kept.value)
/** Ids of the panels that are chosen, in the order in which they were. */
const chosen = shallowRef<readonly string[]>([])
/** The one panel that is chosen. */
const panel = computed(() =>
  chosen.value.length === 1 ? (page.value?.panels.find(({ id }) => id === chosen.value[0]) ?? null) : null,
)
/** What the page showed when it was saved and does not show now, in words. */
const differences = shallowRef<readonly string[]>([])

/** By the needs' keys; an error where one could not be loaded. */
const answers = shallowRef<ReadonlyMap<string, Answers[keyof Answers]>>(new Map())
const failures = reactive(new Map<string, SerializedError>())
const asked = new Set<string>()

const data = computed<PageData>(() => ({ notice: study.value?.notice ?? null, answers: answers.value }))

const ask: Ask = {
  surface: async () => surface.value ?? host.call('surface', { study: study.value!.path }),
  table: async () => table.value ?? host.call('scoreTable', { study: study.value!.path }),
  map: ({ subject, model, layer }) => host.call('scoreMap', { study: study.value!.path, subject, model, layer }),
  gridMap: async ({ spec, correction }) => {
    const known = maps.get(mapKey(spec, correction))
    if (known?.state === 'ready') return known.map
    const [answer] = await host.call('maps', { study: study.value!.path, maps: [spec], correction })
    if (answer.ok) return answer.map
    // As the host says it; `describeFailure` knows it again.
    throw new Failure(answer.error)
  },
  // Lanes of their own, so that what is looked at meanwhile does not end them.
  pointScores: ({ place }) =>
    host.call('pointScores', { study: study.value!.path, place, lane: `page ${crypto.randomUUID()}` }),
  inspection: ({ points, window }) =>
    host.call('inspect', {
      ...{ study: study.value!.path, lane: `page ${crypto.randomUUID()}`, points: [...points], window, weights: false },
    }),
  stimulus: ({ stimulus, from, to }) =>
    host.call('stimulusView', { study: study.value!.path, stimulus, from, to, columns: soundColumns }),
  recording: ({ subject, run }) => host.call('recordingQuality', { study: study.value!.path, subject, run }),
  finding: ({ figure, options }) => host.call('finding', { study: study.value!.path, figure, options }),
}

async function load(need: Need) {
  const [key, path, turn] = [needKey(need), study.value?.path, revision.value]
  if (asked.has(key) || path === undefined) return
  asked.add(key)
  try {
    const loaded = await answer(need, ask)
    if (study.value?.path !== path || revision.value !== turn) return
    failures.delete(key)
    answers.value = new Map([...answers.value, [key, loaded]])
  } catch (thrown) {
    if (study.value?.path === path && revision.value === turn) failures.set(key, describeFailure(thrown))
  }
}

watch(
  [page, revision],
  ([now, turn], [, before]) => {
    if (turn !== before) asked.clear()
    for (const need of now ? pageNeeds(now) : []) void load(need)
  },
  { flush: 'post' },
)

const loaded = computed(
  () => page.value !== null && pageNeeds(page.value).every((need) => answers.value.has(needKey(need))),
)

/** Why a panel has nothing to draw yet, or cannot be drawn. */
function waiting(one: PagePanel): 'loading' | SerializedError | null {
  for (const need of needsOf(one)) {
    const failure = failures.get(needKey(need))
    if (failure) return failure
    if (!answers.value.has(needKey(need))) return 'loading'
  }
  return null
}

/** Asks again for what could not be loaded. */
function retry(one: PagePanel) {
  for (const need of needsOf(one)) {
    if (!failures.delete(needKey(need))) continue
    asked.delete(needKey(need))
    void load(need)
  }
}

/** Once all is loaded: whether what was saved is what there is. */
watch([loaded, kept], async () => {
  const then = kept.value?.made
  if (!loaded.value || !then || page.value === null) return
  const now = await sourcesOf(kept.value!, data.value).catch(() => null)
  if (now) differences.value = sourceChanges(then.sources, now)
})

watch(
  () => study.value?.path,
  async (path) => {
    history.value = kept.value = null
    ;[saved.value, answers.value, differences.value] = [[], new Map(), []]
    asked.clear()
    failures.clear()
    chosen.value = []
    if (path !== undefined) await list()
  },
  { immediate: true },
)

/** Which pages are saved; the first is opened where none is. */
async function list() {
  const path = study.value?.path
  if (path === undefined) return
  const pages = await host.call('pages', { study: path }).catch(() => [])
  if (study.value?.path !== path) return
  saved.value = pages
  const first = pages.find((one) => one.page !== null)
  if (page.value === null && first) open(first.name)
}

function start(present: FigurePage, own: string, keptPage: FigurePage | null) {
  history.value = began(present)
  kept.value = keptPage
  name.value = own
  chosen.value = []
  differences.value = []
}

function open(own: string) {
  const found = saved.value.find((one) => one.name === own)?.page
  if (found) start(found, own, found)
}

/** A name that no page has yet. */
function create() {
  const names = saved.value.map((one) => one.name)
  for (let i = 1; ; i++) if (!names.includes(`Figure ${i}`)) return start(edit.emptyPage(''), `Figure ${i}`, null)
}

/** @param kind of changes that are taken back together, as typing */
function change(next: (page: FigurePage) => FigurePage, kind = '') {
  if (history.value) history.value = changed(history.value, next(history.value.present), kind)
}

const set = (part: Partial<FigurePage>, kind = '') => change((now) => ({ ...now, ...part }), kind)

/** @param at where it was dropped, millimetres; a free place is found where it is left out */
function add(one: NewPanel, at?: readonly [number, number]) {
  if (history.value === null) create()
  const added = edit.withPanel(page.value!, one, at)
  change(() => added.page)
  chosen.value = [added.id]
}

/** Alone, or with `more` beside those that are chosen already; chosen once more it is left out. */
function choose(id: string, more = false) {
  const others = chosen.value.filter((one) => one !== id)
  if (!more) chosen.value = [id]
  else chosen.value = others.length < chosen.value.length ? others : [...others, id]
}

function duplicate() {
  const copies = edit.duplicated(page.value!, chosen.value)
  change(() => copies.page)
  chosen.value = copies.ids
}

function remove() {
  const gone = chosen.value
  change((now) => edit.withoutPanels(now, gone))
  chosen.value = []
}

const update = (id: string, own: (panel: PagePanel) => PagePanel, kind = '') =>
  change((now) => edit.withChanged(now, id, own), kind)
const move = (dx: number, dy: number, kind = '') =>
  change((now) => edit.movedBy(now, chosen.value, dx, dy), kind && `${kind} ${chosen.value.join(' ')}`)
const grow = (dx: number, dy: number) =>
  change((now) => edit.grownBy(now, chosen.value, dx, dy), `grow ${chosen.value.join(' ')}`)
const align = (to: Alignment) => change((now) => aligned(now, chosen.value, to))
const distribute = (direction: Direction) => change((now) => distributed(now, chosen.value, direction))
const match = (side: 'width' | 'height') => change((now) => sameSize(now, chosen.value, side))

function undo() {
  if (history.value) history.value = undone(history.value)
}
function redo() {
  if (history.value) history.value = redone(history.value)
}

/** With the keys of what it shows, where all of it is loaded. @throws Failure */
async function save(): Promise<string> {
  const [path, now] = [study.value!.path, page.value!]
  const sources = loaded.value ? await sourcesOf(now, data.value) : null
  const made = sources && { heschl: info.value?.version ?? '', study: path.split(/[/\\]/).at(-1)!, sources }
  const written: FigurePage = { ...now, made }
  const { path: file } = await host.call('savePage', { study: path, name: name.value, page: written })
  // What it showed is no change that one would want to take back.
  if (history.value?.present === now) history.value = { ...history.value, present: written, kind: '' }
  kept.value = written
  differences.value = []
  await list()
  return file
}

/** @throws Failure */
async function draft(): Promise<void> {
  const now = page.value!
  const { paragraph } = await host.call('methods', { study: study.value!.path })
  set({ caption: draftCaption(now, data.value), methods: draftMethods(now, data.value, paragraph) })
}

/** What is exported now; null while nothing is. */
const exporting = shallowRef<ExportProgress | null>(null)
host.on('exporting', (told) => {
  if (told.export === exporting.value?.export) exporting.value = told
})

/** @returns null where it was stopped. @throws Failure */
async function exported(format: 'svg' | 'pdf' | 'png') {
  const id = crypto.randomUUID()
  exporting.value = { export: id, step: 'Looking at the study', fraction: 0 }
  try {
    const asked = { study: study.value!.path, name: name.value, page: page.value!, format, export: id }
    return await host.call('exportPage', asked)
  } catch (thrown) {
    if (describeFailure(thrown).code === 'CANCELLED') return null
    throw thrown
  } finally {
    exporting.value = null
  }
}

async function stopExport() {
  if (exporting.value) await host.call('stopExport', { export: exporting.value.export })
}

export const useComposer = () => ({
  ...{ saved, name, page, history, dirty, chosen, panel, differences, data, loaded, exporting },
  ...{
    waiting,
    retry,
    open,
    create,
    set,
    change,
    add,
    choose,
    duplicate,
    remove,
    update,
    move,
    grow,
    align,
    distribute,
    match,
  },
  ...{ undo, redo, save, draft, exported, stopExport },
})
