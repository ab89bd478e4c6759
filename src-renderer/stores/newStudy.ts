/** A new study in the making: what was found in a folder, what the user makes of it, and what it would cost. */
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { Draft, DraftCheck, DraftModel, FoundFolder, FoundModel } from '../../src-main/contract/newStudy.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import { recall, remember, remembered } from './remembered.ts'

/** A model as the form has it: fields of every kind of source, of which one kind counts. */
export interface ModelForm {
  id: string
  regime: string
  language: string
  kind: 'checkpoint' | 'onnx' | 'architecture'
  /** Of a checkpoint's folder or an ONNX file. */
  path: string
  /** What it is, as its headers say. */
  words: string
  /** Names or patterns of values, separated by commas. */
  taps: string
  normalize: boolean
  architecture: string
  seeds: number
}

interface DraftForm {
  name: string
  file: string
  surface: string
  preset: string
  tr: number | null
  tasks: string[]
  space: string
  /** By id, of subjects and of stimuli, where they differ from what was found. */
  languages: Record<string, string>
  spoken: Record<string, string>
  withoutSubjects: string[]
  withoutStimuli: string[]
  models: ModelForm[]
}

const host = useHost()
const making = ref(false)
const path = ref('')
const found = shallowRef<FoundFolder | null>(null)
const failure = shallowRef<SerializedError | null>(null)
/** Files seen so far while a folder is read; null while none is. */
const reading = ref<number | null>(null)
const form = reactive<DraftForm>(emptyForm())
const check = shallowRef<DraftCheck | null>(null)
const checkFailure = shallowRef<SerializedError | null>(null)
const checking = ref(false)
/** The user has stopped the last look: what is shown is of before, or nothing. */
const halted = ref(false)
let checkRequest = ''
const modelFailure = shallowRef<SerializedError | null>(null)
const searching = ref(false)
const writing = ref(false)
/** The form has corrections of before, which a closed window left. */
const restored = ref(false)
const noModel: FoundModel = { kind: 'checkpoint', id: '', path: '', words: '', usable: true }
let request = ''
let changed = false
let timer = 0

host.on('reading', (state) => {
  if (state.request === request && reading.value !== null) reading.value = state.files
})

function emptyForm(): DraftForm {
  return {
    ...{ name: '', file: '', surface: '', preset: '', tr: null, tasks: [], space: '' },
    ...{ languages: {}, spoken: {}, withoutSubjects: [], withoutStimuli: [], models: [] },
  }
}

/** Shows the form, with a folder that was dropped or chosen. */
async function begin(folder = '') {
  making.value = true
  if (folder === '') return
  path.value = folder
  await read()
}

function leave() {
  if (reading.value !== null) void stop()
  if (checking.value) void stopLooking()
  making.value = false
}

/** Reads the folder anew, with the tasks and the space that are chosen. What was corrected stays where it still fits. */
async function read(again = false) {
  request = crypto.randomUUID()
  const own = request
  const same = again && found.value !== null
  reading.value = 0
  failure.value = null
  try {
    const choice = same ? { tasks: [...form.tasks], space: form.space || null } : { tasks: [], space: null }
    const read = await host.call('readFolder', { path: path.value, ...choice, request: own })
    if (own !== request) return
    await recall(read.path)
    found.value = read
    if (!same) take(read)
  } catch (thrown) {
    if (own !== request) return
    const told = describeFailure(thrown)
    if (told.code !== 'CANCELLED') failure.value = told
    if (!same) found.value = null
  } finally {
    if (own === request) reading.value = null
  }
}

function take(read: FoundFolder) {
  path.value = read.path
  check.value = null
  const kept = remembered('draft', read.path)
  restored.value = isForm(kept) && JSON.stringify(kept) !== JSON.stringify(firstForm(read))
  Object.assign(form, isForm(kept) ? kept : firstForm(read))
}

const firstForm = (read: FoundFolder): DraftForm => ({
  ...emptyForm(),
  ...{ name: read.name, file: read.file, preset: read.preset, space: read.space },
  models: read.models.filter(({ usable }) => usable).map(modelForm),
})

/** What storage holds may be of another version: a form that is not whole is none. */
function isForm(kept: unknown): kept is DraftForm {
  if (typeof kept !== 'object' || kept === null) return false
  const fits = (like: object, value: object) =>
    Object.entries(like).every(([key, one]) => {
      const own = (value as Record<string, unknown>)[key]
      return one === null
        ? own === null || typeof own === 'number'
        : Array.isArray(one) === Array.isArray(own) && typeof one === typeof own
    })
  const { models } = kept as DraftForm
  return fits(emptyForm(), kept) && models.every((model) => fits(modelForm(noModel), model))
}

/** Forgets the corrections: the form is as the folder was understood. */
function startOver() {
  if (found.value) Object.assign(form, firstForm(found.value))
  restored.value = false
}

async function stop() {
  const own = request
  request = ''
  reading.value = null
  await host.call('stopReading', { request: own })
}

function modelForm({ id, kind, path: place, words }: FoundModel): ModelForm {
  return {
    ...{ id, regime: '', language: '', kind, path: place, words },
    ...{ taps: '', normalize: true, architecture: '', seeds: 1 },
  }
}

/** Names that no two models share. */
function freeId(wanted: string): string {
  const used = new Set(form.models.map(({ id }) => id))
  if (!used.has(wanted)) return wanted
  for (let n = 2; ; n++) if (!used.has(`${wanted}-${n}`)) return `${wanted}-${n}`
}

/** Models of a folder, each of which is added once. */
async function addModels(folder: string) {
  searching.value = true
  modelFailure.value = null
  try {
    const models = await host.call('findModels', { path: folder, request: crypto.randomUUID() })
    const known = new Set(form.models.map((model) => model.path))
    for (const model of models)
      if (model.usable && !known.has(model.path)) form.models.push({ ...modelForm(model), id: freeId(model.id) })
    const broken = models.find(({ usable }) => !usable)
    if (broken)
      modelFailure.value = {
        ...{ code: 'CHECKPOINT_INVALID', summary: `${broken.id} cannot be used`, message: broken.words },
        ...{ found: broken.words, where: { file: broken.path } },
      }
  } catch (thrown) {
    modelFailure.value = describeFailure(thrown)
  } finally {
    searching.value = false
  }
}

function addUntrained(architecture: string) {
  const words = 'random weights'
  const id = freeId(`${architecture}-untrained`)
  form.models.push({
    ...{ id, regime: 'untrained', language: '', kind: 'architecture', path: '', words },
    ...{ taps: '', normalize: true, architecture, seeds: 1 },
  })
}

function sourceOf({ kind, path: place, taps, normalize, architecture, seeds }: ModelForm): DraftModel['source'] {
  if (kind === 'checkpoint') return { checkpoint: place }
  if (kind === 'architecture') return { architecture, seeds }
  const patterns = taps.split(',').map((tap) => tap.trim())
  return { onnx: place, taps: patterns.filter((tap) => tap !== ''), normalize }
}

function draft(): Draft {
  const pairs = (languages: Record<string, string>) =>
    Object.entries(languages).map(([id, language]) => ({ id, language: language.trim() }))
  return {
    ...{ path: path.value, tasks: [...form.tasks], space: form.space || null },
    ...{ file: form.file.trim(), name: form.name.trim(), preset: form.preset, tr: form.tr },
    surface: form.surface.trim() || null,
    ...{ subjects: pairs(form.languages), stimuli: pairs(form.spoken) },
    ...{ withoutSubjects: [...form.withoutSubjects], withoutStimuli: [...form.withoutStimuli] },
    models: form.models.map((model) => ({
      ...{ id: model.id.trim(), regime: model.regime.trim(), language: model.language.trim() },
      source: sourceOf(model),
    })),
  }
}

/** One look at a time: what was changed meanwhile is looked at after it. */
async function look() {
  if (found.value === null || form.file.trim() === '') return
  changed = true
  if (checking.value) return
  checking.value = true
  halted.value = false
  while (changed) {
    changed = false
    checkRequest = crypto.randomUUID()
    try {
      const now = await host.call('checkDraft', { ...draft(), request: checkRequest })
      if (!changed) check.value = now
      checkFailure.value = null
    } catch (thrown) {
      const told = describeFailure(thrown)
      halted.value = told.code === 'CANCELLED'
      checkFailure.value = halted.value ? null : told
    }
  }
  checking.value = false
}

/** Ends the look into the draft's files, and what was to follow it. */
async function stopLooking() {
  changed = false
  window.clearTimeout(timer)
  await host.call('stopReading', { request: checkRequest })
}

// Looked at again once the user pauses.
watch([form, found], () => {
  if (found.value === null) return
  remember('draft', found.value.path, form)
  window.clearTimeout(timer)
  timer = window.setTimeout(() => void look(), 350)
})

/**
 * @param replace whether a study file that is there may be replaced
 * @returns where it was written
 * @throws Failure with what the host said
 */
async function write(replace: boolean): Promise<string> {
  writing.value = true
  try {
    const written = await host.call('writeDraft', { ...draft(), replace })
    if (found.value) remember('draft', found.value.path, null)
    found.value = null
    return written
  } finally {
    writing.value = false
  }
}

const errors = computed(() => check.value?.problems.filter(({ severity }) => severity === 'error').length ?? 0)

export const useNewStudy = () => ({
  ...{ making, path, found, failure, reading, form, check, checkFailure, checking, halted, errors, writing, restored },
  ...{
    modelFailure,
    searching,
    begin,
    leave,
    read,
    stop,
    stopLooking,
    addModels,
    addUntrained,
    write,
    look,
    startOver,
  },
})
