/** Maps as they come from the host: asked for together, and kept for whoever shows them. */
import { shallowReactive, watch } from 'vue'
import type { GridMap, MapCorrection, MapSpec } from '../../src-main/contract/maps.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import { useStudy } from './study.ts'

export type MapState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly map: GridMap }
  | { readonly state: 'failed'; readonly error: SerializedError }

/** The grid, the one large cortex, or nobody yet. */
export type Viewer = 'grid' | 'cortex' | 'nobody'

/** Of 20,484 vertices about 80 MB. */
const mostKept = 512
/** What one request may hold, as the contract has it. */
const batch = 128
const host = useHost()
const { study, revision } = useStudy()
const maps = shallowReactive(new Map<string, MapState>())
/** What is on the screen: it is not forgotten, however long ago it came. */
const shown: Record<Viewer, ReadonlySet<string>> = { grid: new Set(), cortex: new Set(), nobody: new Set() }

watch([() => study.value?.path, revision], () => maps.clear(), { flush: 'sync' })

const mapKey = (spec: MapSpec, correction: MapCorrection) => `${correction} ${JSON.stringify(spec)}`

/** What is not computed yet stays so until the study changes; what a lost connection took is asked for again. */
const isMissing = (known: MapState | undefined) =>
  known === undefined || (known.state === 'failed' && known.error.code !== 'FILE_MISSING')

/** Asks for those that are not there, in one round trip. */
async function load(specs: readonly MapSpec[], correction: MapCorrection, viewer: Viewer): Promise<void> {
  const path = study.value?.path
  const asked = revision.value
  shown[viewer] = new Set(specs.map((spec) => mapKey(spec, correction)))
  const missing = specs.filter((spec) => isMissing(maps.get(mapKey(spec, correction))))
  if (path === undefined || missing.length === 0) return
  forgetOldest(missing.length)
  for (const spec of missing) maps.set(mapKey(spec, correction), { state: 'loading' })
  for (let at = 0; at < missing.length; at += batch) {
    const own = missing.slice(at, at + batch)
    try {
      const answers = await host.call('maps', { study: path, maps: own, correction })
      // Results that came meanwhile have emptied the list.
      if (study.value?.path !== path || revision.value !== asked) return
      own.forEach((spec, i) => {
        const answer = answers[i]
        if (!answer) return
        const state: MapState = answer.ok
          ? { state: 'ready', map: answer.map }
          : { state: 'failed', error: answer.error }
        maps.set(mapKey(spec, correction), state)
      })
    } catch (thrown) {
      const error = describeFailure(thrown)
      for (const spec of own) maps.set(mapKey(spec, correction), { state: 'failed', error })
    }
  }
}

function forgetOldest(coming: number) {
  for (const key of maps.keys()) {
    if (maps.size + coming <= mostKept) return
    if (!shown.grid.has(key) && !shown.cortex.has(key)) maps.delete(key)
  }
}

/** null where there is nothing to ask for, or nobody has asked. */
const stateOf = (key: string | null): MapState | null => (key === null ? null : (maps.get(key) ?? null))

export const useGridMaps = () => ({ maps, load, mapKey, stateOf })
