/** The open study: its overview, surface, scores and jobs. Large arrays are kept out of deep reactivity. */
import { computed, ref, shallowRef } from 'vue'
import type { ScoreTable, StudyOverview, SurfaceData } from '../../src-main/contract/study.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, putAddressStudy, useHost } from '../bridge/index.ts'
import { useJobs } from './jobs.ts'
import { recall } from './remembered.ts'
import { useSession } from './session.ts'

const host = useHost()
const study = shallowRef<StudyOverview | null>(null)
const surface = shallowRef<SurfaceData | null>(null)
const table = shallowRef<ScoreTable | null>(null)
const { jobs, loadJobs, runStudy, cancel } = useJobs()
const { recent } = useSession()
const surfaceFailure = shallowRef<SerializedError | null>(null)
const tableFailure = shallowRef<SerializedError | null>(null)
const opening = ref(false)
/** Counts the changes of what is stored, so that what was asked before is asked again. */
const revision = ref(0)

/** The job to show: the one at work, else the one that waits, else the study's latest. */
const job = computed(() => jobs.value.find((one) => one.study === study.value?.path) ?? null)

/** Errors in the study file, which are to be corrected before anything runs. */
const errors = computed(() => (study.value?.problems ?? []).filter(({ severity }) => severity === 'error').length)

host.on('studyChanged', (change) => {
  if (change.study === study.value?.path) void refresh()
})

async function open(path: string) {
  opening.value = true
  try {
    const asked = host.call('openStudy', { path })
    // Of a study that is known by this path, the cortex and what was kept come while the engine makes its plan.
    const isKnown = recent.value?.some((entry) => entry.path === path) === true
    const early = isKnown ? { surface: host.call('surface', { study: path }), recalled: recall(path) } : null
    early?.surface.catch(() => undefined)
    const opened = await asked
    const own = early && opened.path === path ? early : null
    await (own?.recalled ?? recall(opened.path))
    close()
    study.value = opened
    revision.value++
    putAddressStudy(opened.path)
    // The map comes first, which the selection asks for, then what it is drawn on.
    await Promise.all([loadSurface(opened.path, own?.surface).then(() => loadTable(opened.path)), loadJobs()])
  } finally {
    opening.value = false
  }
}

function close() {
  study.value = null
  putAddressStudy(null)
  surface.value = null
  table.value = null
  surfaceFailure.value = null
  tableFailure.value = null
}

/** Asks again for what may have changed; the surface does not, but for the electrodes on it. */
async function refresh() {
  const path = study.value?.path
  if (path === undefined) return
  try {
    const opened = await host.call('openStudy', { path })
    if (study.value?.path !== path) return
    const same = study.value.surface.electrodes === opened.surface.electrodes
    study.value = opened
    revision.value++
    await Promise.all([surface.value && same ? null : loadSurface(opened.path), loadTable(opened.path), loadJobs()])
  } catch (thrown) {
    tableFailure.value = describeFailure(thrown)
  }
}

/** @param asked where it was asked for already */
async function loadSurface(path: string, asked?: Promise<SurfaceData>) {
  try {
    const loaded = await (asked ?? host.call('surface', { study: path }))
    if (study.value?.path === path) surface.value = loaded
    surfaceFailure.value = null
  } catch (thrown) {
    surfaceFailure.value = describeFailure(thrown)
  }
}

async function loadTable(path: string) {
  try {
    const loaded = await host.call('scoreTable', { study: path })
    if (study.value?.path === path) table.value = loaded
    tableFailure.value = null
  } catch (thrown) {
    tableFailure.value = describeFailure(thrown)
  }
}

async function run() {
  if (study.value) await runStudy(study.value.path)
}

export const useStudy = () => ({
  study,
  surface,
  table,
  job,
  opening,
  errors,
  revision,
  surfaceFailure,
  tableFailure,
  open,
  close,
  refresh,
  run,
  cancel,
})
