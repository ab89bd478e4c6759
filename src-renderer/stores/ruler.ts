/** The distance between two pinned points along the cortex, and the path. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { RulerPath } from '../../src-main/contract/ruler.ts'
import type { Hemisphere } from '../../src-main/contract/study.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import { electrodeOf } from '../cortex/points.ts'
import { usePins, type Pin } from './pins.ts'
import { useStudy } from './study.ts'

export interface RulerLine extends RulerPath {
  readonly hemisphere: Hemisphere
}

const host = useHost()
const { study, surface } = useStudy()
const { pins } = usePins()
/** Off until it is asked for. */
const measuring = ref(false)
/** Ids of pins; null: the last two of one hemisphere. */
const from = ref<number | null>(null)
const to = ref<number | null>(null)
/** Each window measures in a lane of its own. */
const lane = `ruler ${crypto.randomUUID()}`
/** 0–1, once a person has waited. */
const progress = ref<number | null>(null)
const line = shallowRef<RulerLine | null>(null)
const failure = shallowRef<SerializedError | null>(null)

const pinNamed = (id: number | null) => pins.value.find((pin) => pin.id === id)

/** What is measured between: chosen, or the latest two that a path can join. */
const ends = computed<readonly [Pin, Pin] | null>(() => {
  const [a, b] = [pinNamed(from.value), pinNamed(to.value)]
  if (a && b && a.hemisphere === b.hemisphere && a.id !== b.id) return [a, b]
  const last = pins.value.at(-1)
  const other = last && pins.value.findLast((pin) => pin.id !== last.id && pin.hemisphere === last.hemisphere)
  return last && other ? [other, last] : null
})

host.on('inspecting', (told) => {
  if (told.lane === lane) progress.value = told.fraction
})

/** An electrode's nearest vertex. */
const vertexOf = (pin: Pin) => (surface.value && electrodeOf(surface.value, pin)?.vertex) ?? pin.vertex

let asked = 0
watch([measuring, ends, () => study.value?.path], async ([on, both, path]) => {
  const ask = ++asked
  line.value = null
  failure.value = null
  progress.value = null
  if (path === undefined) return
  if (!on || !both) return void stop()
  const [a, b] = both
  const { hemisphere } = a
  try {
    const ends = { from: vertexOf(a), to: vertexOf(b) }
    const found = await host.call('ruler', { study: path, lane, hemisphere, ...ends })
    if (ask === asked) line.value = { ...found, hemisphere: a.hemisphere }
  } catch (thrown) {
    if (ask === asked) failure.value = describeFailure(thrown)
  }
})

/** Ends what is being measured. */
const stop = () => host.call('stopInspecting', { lane }).catch(() => null)

export const useRuler = () => ({ measuring, from, to, ends, line, progress, failure, stop })
