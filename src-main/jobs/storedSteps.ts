import type { Store } from '../store/store.ts'
import type { KeyedStep } from './keyedPlan.ts'

interface Looked {
  readonly changes: number
  readonly stored: Uint8Array
}

const looked = new WeakMap<readonly KeyedStep[], Looked>()

/** uint8 [steps]: 1 where a step is stored. Looked up once for all who ask, until something is stored. */
export function storedSteps(store: Store, steps: readonly KeyedStep[]): Uint8Array {
  const { changes } = store
  const known = looked.get(steps)
  if (known?.changes === changes) return known.stored
  const stored = Uint8Array.from(steps, ({ key }) => (store.has(key) ? 1 : 0))
  looked.set(steps, { changes, stored })
  return stored
}
