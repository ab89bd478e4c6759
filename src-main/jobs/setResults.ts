/** Stored results of spaces that were fitted together: means over vertices and subjects, and of regions. */
import type { NamedScore, SetRow } from '../contract/study.ts'
import { partName, spaceSets, summarize } from '../pipeline/summaries.ts'
import type { Store } from '../store/store.ts'
import { resolveEncoding } from '../study/encoding.ts'
import type { SetStep } from '../study/plan.ts'
import { electrodeTargets } from './electrodeTargets.ts'
import type { KeyedStep } from './keyedPlan.ts'
import type { Snapshot } from './session.ts'

/**
 * One row a set that has results.
 * @param labels [targets], the region of each
 */
export function setRows(store: Store, snapshot: Snapshot, labels: Uint16Array, nRegions: number): readonly SetRow[] {
  const { study, steps } = snapshot
  const electrodes = electrodeTargets(snapshot)
  const { measure } = resolveEncoding(study.encoding).score
  return study.sets.flatMap(({ id, of, solver, partition }) => {
    const stored = steps.filter(isSet).filter(({ spec, key }) => spec.set === id && store.has(key))
    if (stored.length === 0) return []
    /** Row `i` of an array [rows, targets], averaged over subjects. */
    const score = (name: string, array: string, i: number): NamedScore => {
      const each = stored.map(({ spec, key }) => {
        const { data, shape } = store.array(key, array)
        const targets = shape.at(-1)!
        const own = data.subarray(i * targets, (i + 1) * targets) as Float32Array
        return summarize(electrodes ? electrodes.place(spec.subject, own) : own, labels, nRegions)
      })
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      const byRegion = Array.from({ length: nRegions }, (_, region) => mean(each.map((one) => one.byRegion[region])))
      return { name, mean: mean(each.map((one) => one.mean)), byRegion }
    }
    const sets = partition ? spaceSets(of.length) : []
    const union = (set: readonly number[]) => set.map((space) => of[space]).join(' + ')
    return [
      {
        ...{ id, of, solver, subjects: stored.length, score: score(id, 'r', 0) },
        partition: partition
          ? {
              measure: measure === 'r-squared' ? measure : ('r2' as const),
              unions: sets.map((set, i) => score(union(set), 'unions', i)),
              parts: sets.map((set, i) => score(partName(set, of), 'parts', i)),
            }
          : null,
      },
    ]
  })
}

const isSet = (step: KeyedStep): step is KeyedStep & { readonly spec: SetStep } => step.spec.kind === 'set'
