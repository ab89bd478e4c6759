/**
 * The cortex that Heschl draws itself, kept among a study's results once it is drawn: drawing it takes longer than everything
 * else that opening a study does.
 */
import { HeschlError } from '../errors.ts'
import { drawnFacts, drawnVersion, schematicCortex } from '../pipeline/facts.ts'
import type { CorticalSurface } from '../pipeline/facts.ts'
import type { StoredArray } from '../store/arrays.ts'
import { contentKey } from '../store/keys.ts'
import type { Store } from '../store/store.ts'

type Hemisphere = CorticalSurface['left']

const identity = { kind: 'cortex', version: drawnVersion, parameters: null, inputs: [] }

export function storedCortex(store: Store): CorticalSurface {
  const key = contentKey(identity)
  const known = store.has(key) ? readCortex(store, key) : undefined
  if (known) return known
  const cortex = schematicCortex()
  try {
    store.put(
      { key, kind: 'cortex', label: 'Schematic cortex', inputs: identity, provenance: {}, seconds: 0, work: 0 },
      [...arraysOf('left', cortex.left), ...arraysOf('right', cortex.right)],
    )
  } catch (error) {
    // On a full disk it is drawn again the next time.
    if (!(error instanceof HeschlError) || error.code !== 'DISK_FULL') throw error
  }
  return cortex
}

function arraysOf(side: string, { folded, inflated, sphere, sulc, labels, triangles }: Hemisphere): StoredArray[] {
  const named = { folded, inflated, sphere: sphere!, sulc, labels, triangles: new Int32Array(triangles.buffer) }
  return Object.entries(named).map(([name, data]) => ({ name: `${side} ${name}`, shape: [data.length], data }))
}

/** undefined where it is damaged: it is drawn again. */
function readCortex(store: Store, key: string): CorticalSurface | undefined {
  const sideOf = (side: string): Hemisphere => {
    const array = (name: string) => store.array(key, `${side} ${name}`).data
    return {
      folded: array('folded') as Float32Array,
      inflated: array('inflated') as Float32Array,
      sphere: array('sphere') as Float32Array,
      sulc: array('sulc') as Float32Array,
      labels: array('labels') as Uint16Array,
      triangles: new Uint32Array(array('triangles').buffer),
    }
  }
  try {
    return { ...drawnFacts, left: sideOf('left'), right: sideOf('right') }
  } catch (error) {
    if (!(error instanceof HeschlError) || error.code !== 'STORE_CORRUPT') throw error
    return undefined
  }
}
