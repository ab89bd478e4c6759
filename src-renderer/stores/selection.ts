/** What is looked at: which map, from where, in which colours. Everything a figure needs beside the data. */
import { computed, reactive, shallowRef, watch } from 'vue'
import type { MapSpec } from '../../src-main/contract/maps.ts'
import type { ScoreMap } from '../../src-main/contract/study.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { automaticLimits, automaticThreshold, type ColourScale, type Limits } from '../colormaps/scale.ts'
import type { ColormapName } from '../colormaps/tables.ts'
import { noOrbit, type Orbit, type View } from '../cortex/camera.ts'
import { discDiameter, type DiscLook } from '../cortex/discs.ts'
import { formsOf, morphAt, nearestForm, placeOf, type Form } from '../cortex/forms.ts'
import type { Place } from '../cortex/picking.ts'
import { modelNamed, nameText } from '../plots/models.ts'
import type { AxisScale } from '../plots/placeScale.ts'
import { useGridMaps } from './gridMaps.ts'
import { useStudy } from './study.ts'

export const everybody = 'mean'

interface Selection {
  /** A model's id, or that of one of its members. */
  model: string
  layer: string
  /** A subject's id, or `mean`. */
  subject: string
  view: View
  /** Place on the slider of forms: a whole number at each. */
  formAt: number
  orbit: Orbit
  colormap: ColormapName
  /** null: from the map's percentiles. */
  fixedLimits: Limits | null
  /** Of a diverging map with automatic limits. */
  centre: number
  /** `automatic`: from the map's percentiles; null: everything is coloured. */
  threshold: number | 'automatic' | null
  /** Shows what falls short of the threshold faintly. */
  fade: boolean
  /** Lines between regions, and their names. */
  outlines: boolean
  /** Of electrodes' discs, millimetres. */
  discs: number
  /** Of the axis along a training. */
  trainingScale: AxisScale
  /** Under the pointer or the keyboard's marker. */
  place: Place | null
  /** Of the cortex on screen, CSS pixels: an exported figure has the same. */
  drawing: { width: number; height: number }
}

const selection = reactive<Selection>({
  model: '',
  layer: '',
  subject: everybody,
  view: 'overview',
  formAt: 1,
  orbit: noOrbit,
  colormap: 'viridis',
  fixedLimits: null,
  centre: 0,
  threshold: 'automatic',
  fade: false,
  outlines: false,
  discs: discDiameter,
  trainingScale: 'log',
  place: null,
  drawing: { width: 0, height: 0 },
})

const { study, surface, revision } = useStudy()
const { load, mapKey, stateOf } = useGridMaps()
const map = shallowRef<ScoreMap | null>(null)
const mapState = shallowRef<'none' | 'missing' | 'loading' | 'ready' | 'failed'>('none')
const mapFailure = shallowRef<SerializedError | null>(null)

const model = computed(() => modelNamed(study.value?.models ?? [], selection.model) ?? null)
/** Layers of the member that is looked at, or of the model. */
const layers = computed(() => {
  const member = model.value?.members.find(({ id }) => id === selection.model)
  return (member ?? model.value)?.layers ?? []
})
const layer = computed(() => layers.value.find(({ name }) => name === selection.layer) ?? null)
/** The forms that the surface has. */
const forms = computed<readonly Form[]>(() => (surface.value ? formsOf(surface.value) : ['folded', 'inflated']))
const morph = computed(() => morphAt(selection.formAt, forms.value))
const form = computed(() => nearestForm(morph.value))
/** A subject's map shows its own electrodes. */
const discs = computed((): DiscLook => ({
  diameter: selection.discs,
  subject: selection.subject === everybody ? null : selection.subject,
}))

let tween = 0
/** Milliseconds from one form to the next. */
const pace = 250

/** Morphs to a form, or goes there at once for who wants no motion. */
function showForm(next: Form) {
  cancelAnimationFrame(tween)
  const start = selection.formAt
  const end = placeOf(next, forms.value)
  const began = performance.now()
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) selection.formAt = end
  else
    tween = requestAnimationFrame(function step(now) {
      const share = Math.min(1, (now - began) / (pace * Math.max(1, Math.abs(end - start))))
      selection.formAt = start + (end - start) * share
      if (share < 1) tween = requestAnimationFrame(step)
    })
}

/** "w2v-untrained, seed 2" */
const name = computed(() => nameText(study.value?.models ?? [], selection.model))

const scale = computed<ColourScale | null>(() => {
  if (map.value === null) return null
  const { colormap, fixedLimits, centre, threshold, fade } = selection
  const { percentiles } = map.value
  return {
    colormap,
    limits: fixedLimits ?? automaticLimits(percentiles, colormap, centre),
    threshold: threshold === 'automatic' ? automaticThreshold(percentiles, colormap) : threshold,
    fade,
  }
})

/** A study that opens or changes keeps the selection where it still exists. */
watch(study, (now) => {
  if (!modelNamed(now?.models ?? [], selection.model)) selection.model = now?.models[0]?.id ?? ''
  if (!now?.subjects.some(({ id }) => id === selection.subject)) selection.subject = everybody
})

watch([study, () => selection.model], () => {
  if (layer.value !== null) return
  const stored = layers.value.filter(({ state }) => state === 'stored')
  const choices = stored.length > 0 ? stored : layers.value
  selection.layer = choices[Math.floor(choices.length / 2)]?.name ?? ''
})

watch(
  () => study.value?.path,
  () => {
    selection.place = null
    selection.orbit = noOrbit
    selection.formAt = 1
    map.value = null
  },
)

/** The map that is chosen, as the grid would ask for it; null where the layer is not there. */
const spec = computed((): MapSpec | null =>
  layer.value === null || layer.value.state === 'missing'
    ? null
    : { kind: 'score', of: { models: [selection.model], layer: selection.layer, subject: selection.subject } },
)

// Before the window is drawn: the engine reads while it is.
watch([spec, revision], ([asked]) => {
  if (asked) void load([asked], 'none', 'cortex')
})

/** What was shown stays until the map that was asked for is there. */
watch(
  () => ({ own: layer.value, asked: spec.value, state: spec.value && stateOf(mapKey(spec.value, 'none')) }),
  ({ own, asked, state }) => {
    if (asked === null || state?.state === 'failed') map.value = null
    else if (state?.state === 'ready') map.value = state.map
    mapFailure.value = state?.state === 'failed' ? state.error : null
    if (asked === null) mapState.value = own === null ? 'none' : 'missing'
    // The layer is there for other subjects, or is being computed just now.
    else if (state?.state === 'failed') mapState.value = state.error.code === 'FILE_MISSING' ? 'missing' : 'failed'
    else mapState.value = state?.state ?? 'loading'
  },
)

function choose(modelId: string, layerName: string) {
  selection.model = modelId
  selection.layer = layerName
}

export const useSelection = () => ({
  ...{ selection, model, layers, layer, name, spec, map, mapState, mapFailure, scale, choose },
  ...{ forms, morph, form, showForm, discs },
})
