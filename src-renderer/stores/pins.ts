/** Points and regions that the user keeps an eye on: shown on every cortex, compared in every view, kept with the study. */
import { readonly, ref, watch } from 'vue'
import { categoryColour } from '../colormaps/categories.ts'
import type { Place } from '../cortex/picking.ts'
import { electrodeOf, hasElectrodes } from '../cortex/points.ts'
import { useSession } from './session.ts'
import { remember, remembered } from './remembered.ts'
import { useStudy } from './study.ts'

export interface Pin extends Place {
  readonly id: number
  /** The whole region that holds the vertex, and not the vertex alone. */
  readonly wholeRegion: boolean
  readonly name: string
  /** `#rrggbb`. */
  readonly colour: string
}

/** More cannot be told apart. */
const most = 21
const { study, surface } = useStudy()
const { said } = useSession()
const pins = ref<readonly Pin[]>([])

watch(
  () => study.value?.path,
  (path) => (pins.value = path === undefined ? [] : readPins(remembered('pins', path))),
  { immediate: true, flush: 'sync' },
)

/** What storage holds may be from another version, or edited: what is no pin is left out. */
function readPins(kept: unknown): Pin[] {
  if (!Array.isArray(kept)) return []
  return (kept as unknown[])
    .flatMap((one) => {
      const { hemisphere, vertex, wholeRegion, name } = (one ?? {}) as Partial<Pin>
      if (hemisphere !== 'left' && hemisphere !== 'right') return []
      if (!Number.isInteger(vertex) || vertex! < 0 || typeof name !== 'string') return []
      return [{ hemisphere, vertex: vertex!, wholeRegion: wholeRegion === true, name }]
    })
    .slice(0, most)
    .map((pin, i) => ({ ...pin, id: i + 1, colour: categoryColour(i) }))
}

function change(now: readonly Pin[]) {
  pins.value = now
  if (study.value)
    remember(
      'pins',
      study.value.path,
      now.map(({ hemisphere, vertex, wholeRegion, name }) => ({ hemisphere, vertex, wholeRegion, name })),
    )
}

const same = (pin: Pin, { hemisphere, vertex }: Place, wholeRegion: boolean) => {
  if (pin.hemisphere !== hemisphere || pin.wholeRegion !== wholeRegion) return false
  if (!wholeRegion) return pin.vertex === vertex
  const labels = surface.value?.[hemisphere].labels
  return labels !== undefined && labels[pin.vertex] === labels[vertex]
}

/**
 * @returns the pin, which may have been there; null where there are as many as can be told apart, and for a vertex where
 *   recordings are of electrodes
 */
function addPin(place: Place, wholeRegion = false): Pin | null {
  const known = pins.value.find((pin) => same(pin, place, wholeRegion))
  if (known) return known
  if (pins.value.length >= most) return null
  if (!wholeRegion && surface.value && hasElectrodes(surface.value) && !electrodeOf(surface.value, place)) {
    said.value = 'Pin an electrode: nothing was recorded between them. Shift and click pin a region'
    return null
  }
  const used = new Set(pins.value.map(({ colour }) => colour))
  const free = Array.from({ length: most }, (_, i) => categoryColour(i)).find((colour) => !used.has(colour))
  const { hemisphere, vertex } = place
  const pin: Pin = {
    ...{ hemisphere, vertex, wholeRegion, name: nameOf(place, wholeRegion) },
    id: Math.max(0, ...pins.value.map(({ id }) => id)) + 1,
    colour: free ?? categoryColour(pins.value.length),
  }
  change([...pins.value, pin])
  return pin
}

/** Pins a place, or takes away the pin that is there. */
function togglePin(place: Place, wholeRegion = false) {
  const known = pins.value.find((pin) => same(pin, place, wholeRegion))
  if (known) removePin(known.id)
  else addPin(place, wholeRegion)
}

function removePin(id: number) {
  change(pins.value.filter((pin) => pin.id !== id))
}

/** An empty name gives it back the one that it had at first. */
function renamePin(id: number, name: string) {
  const written = name.trim().slice(0, 80)
  change(pins.value.map((pin) => (pin.id === id ? { ...pin, name: written || nameOf(pin, pin.wholeRegion) } : pin)))
}

const clearPins = () => change([])
/** Takes pins as they stood before. */
const putPins = (before: readonly Pin[]) => change(before)

/** "superiortemporal, left" for a region; with its vertex for a point; "G12, superiortemporal, left" for an electrode. */
function nameOf({ hemisphere, vertex }: Place, wholeRegion: boolean): string {
  const label = surface.value?.[hemisphere].labels[vertex] ?? 0
  const region = label === 0 ? 'no region' : (surface.value?.regions[label]?.name ?? `region ${label}`)
  const electrode = wholeRegion || !surface.value ? null : electrodeOf(surface.value, { hemisphere, vertex })
  if (electrode) return `${electrode.title}, ${region}, ${hemisphere}`
  return `${region}, ${hemisphere}${wholeRegion ? '' : ` ${vertex}`}`
}

export const usePins = () => ({ pins: readonly(pins), addPin, togglePin, removePin, renamePin, clearPins, putPins })
