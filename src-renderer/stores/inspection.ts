/** Why the pinned points score as they do: what is asked of the engine for them, and how their time is looked at. */
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { InspectedPlace, Inspection, InspectionProgress, PointScores } from '../../src-main/contract/inspect.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import { electrodeOf, hasElectrodes } from '../cortex/points.ts'
import type { Place } from '../cortex/picking.ts'
import { within, type Span } from '../plots/time/span.ts'
import { usePins, type Pin } from './pins.ts'
import { everybody, useSelection } from './selection.ts'
import { useStudy } from './study.ts'

/** Points side by side: more have no room, and the engine takes no more. */
export const mostCompared = 6

export interface Inspected {
  readonly pin: Pin
  readonly found: Inspection
}

const host = useHost()
const { study, surface, revision } = useStudy()
const { selection, layer } = useSelection()
const { pins } = usePins()

/** Each window asks in a lane of its own, so that one does not end what another asks for. */
const lane = `window ${crypto.randomUUID()}`

const looked = reactive({
  /** A subject's id; empty: the selection's, or the first. */
  subject: '',
  /** Seconds of a window that is left out. */
  window: 10,
  /** Which of the subject's runs. */
  run: 0,
  /** Whether responses are drawn so much earlier as they take. */
  shifted: false,
  /** Whether both series are drawn as z-scores. */
  scaled: true,
  weights: false,
})
const span = ref<Span>({ from: 0, to: 1 })

const state = ref<'none' | 'loading' | 'ready' | 'failed'>('none')
const failure = shallowRef<SerializedError | null>(null)
const progress = shallowRef<InspectionProgress | null>(null)
const inspected = shallowRef<readonly Inspected[]>([])
const scores = shallowRef<ReadonlyMap<number, PointScores>>(new Map())
/** Whether a view shows any of it: nothing is computed before. */
const watched = ref(false)

/** Whose electrode a pin is; null for a vertex and for a region. */
const ownerOf = (pin: Pin) =>
  pin.wholeRegion || !surface.value ? null : (electrodeOf(surface.value, pin)?.subject ?? null)
const subject = computed(() => {
  const ids = study.value?.subjects.map(({ id }) => id) ?? []
  if (ids.includes(looked.subject)) return looked.subject
  if (selection.subject !== everybody) return selection.subject
  const owners = pins.value.map((pin) => ownerOf(pin))
  return owners.find((owner) => owner !== null) ?? ids[0] ?? ''
})
/** Electrodes are a subject's: those of others are left out. */
const shownPins = computed(() =>
  (pins.value as readonly Pin[]).filter((pin) => [null, subject.value].includes(ownerOf(pin))),
)
const compared = computed(() => shownPins.value.slice(0, mostCompared))

/** A region; an electrode; else the vertex. */
function placeOf({ hemisphere, vertex, wholeRegion = false }: Place & { wholeRegion?: boolean }): InspectedPlace {
  const label = surface.value?.[hemisphere].labels[vertex] ?? 0
  const region = surface.value?.regions[label]?.name
  if (wholeRegion && label > 0 && region !== undefined) return { region, hemisphere }
  const electrode = surface.value && electrodeOf(surface.value, { hemisphere, vertex })
  return electrode ? { electrode: electrode.name, subject: electrode.subject } : { hemisphere, vertex }
}

host.on('inspecting', (told) => {
  if (told.lane === lane) progress.value = told
})

let asked = 0
async function load() {
  const ask = ++asked
  const path = study.value?.path
  if (!watched.value || path === undefined || compared.value.length === 0 || layer.value === null) {
    inspected.value = []
    state.value = 'none'
    return
  }
  state.value = 'loading'
  progress.value = null
  const shown = compared.value
  const { model, layer: name } = selection
  const points = shown.map((pin) => ({ subject: subject.value, model, layer: name, place: placeOf(pin) }))
  const { window, weights } = looked
  try {
    const found = await host.call('inspect', { study: path, lane, points, window, weights })
    if (ask !== asked) return
    inspected.value = found.map((one, i) => ({ pin: shown[i], found: one }))
    failure.value = null
    state.value = 'ready'
  } catch (thrown) {
    if (ask !== asked) return
    const error = describeFailure(thrown)
    inspected.value = []
    failure.value = error.code === 'CANCELLED' ? null : error
    state.value = error.code === 'CANCELLED' ? 'none' : 'failed'
  }
  progress.value = null
}

/** Studies whose first point was asked for ahead. */
const begun = new Set<string>()

/**
 * What the first point of a session waits for is nearly all the same for any point (a thread with ONNX Runtime, the
 * recordings of a subject, a layer's regressors): it is asked for once somebody is about to look, in a lane of its own.
 */
async function ahead(at: Place & { wholeRegion?: boolean }) {
  // Of electrodes, whose they are is chosen with the pin.
  if (hasElectrodes(surface.value)) return
  const place = placeOf(at)
  const path = study.value?.path
  if (path === undefined || begun.has(path) || layer.value?.state !== 'stored') return
  begun.add(path)
  const { model, layer: name } = selection
  const points = [{ subject: subject.value, model, layer: name, place }]
  await host
    .call('inspect', { study: path, lane: `${lane} ahead`, points, window: looked.window, weights: false })
    .catch(() => undefined) // Whoever asks for it in earnest is told.
}

/** A point that is pinned in another view is likely to be asked about. */
watch(pins, ([first]) => {
  if (first && !watched.value) void ahead(first)
})

async function loadScores() {
  const path = study.value?.path
  if (!watched.value || path === undefined) return
  const found = new Map<number, PointScores>()
  for (const pin of compared.value) {
    try {
      found.set(pin.id, await host.call('pointScores', { study: path, place: placeOf(pin) }))
    } catch {
      // The time courses tell what is wrong with a place; another place may have been asked for meanwhile.
    }
  }
  if (study.value?.path === path) scores.value = found
}

watch(
  [
    watched,
    compared,
    () => selection.model,
    () => selection.layer,
    subject,
    () => looked.window,
    () => looked.weights,
    revision,
  ],
  () => void load(),
  { flush: 'post' },
)
watch([watched, compared, revision], () => void loadScores(), { flush: 'post' })
watch(
  () => study.value?.path,
  () => {
    scores.value = new Map()
    looked.subject = ''
    looked.run = 0
  },
)

/** The run that is looked at, of the first point; all points are of one subject. */
const run = computed(() => inspected.value[0]?.found.runs[looked.run] ?? inspected.value[0]?.found.runs[0] ?? null)
/** All that there is of it: the audio, and the responses that follow it. */
const whole = computed<Span>(() => {
  if (run.value === null) return { from: 0, to: 1 }
  const { first, samples, tr, seconds } = run.value
  return { from: Math.min(0, first), to: Math.max(seconds ?? 0, first + samples * tr) }
})
watch(whole, (now, before) => {
  const same = before.from === now.from && before.to === now.to
  if (!same) span.value = { ...now }
})

const setSpan = (next: Span) => (span.value = within(next, whole.value))
const stop = () => host.call('stopInspecting', { lane })

export const useInspection = () => ({
  looked,
  span,
  state,
  failure,
  progress,
  inspected,
  scores,
  watched,
  compared,
  shownPins,
  subject,
  run,
  whole,
  setSpan,
  stop,
  load,
  ahead,
})
