/** How much more each region goes with one regime than with the one below it. */
import { specialization } from '../../../statistics/index.ts'
import type { Specialization } from '../../../statistics/specialization.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import { rolesIn } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import { nestedContrasts } from './contrasts.ts'
import { bootstrapOf } from './estimates.ts'
import type { Group } from './groups.ts'

export interface RegionSpecialisation {
  readonly group: string
  readonly region: string
  readonly higher: string
  readonly lower: string
  readonly found: Specialization
}

/** The index of every nested pair of regimes, in every group and region. @throws HeschlError CANCELLED */
export function specialisations(analysis: Analysis, context: StepContext): readonly RegionSpecialisation[] {
  const { groups, byRegion, regions, options } = analysis
  const pairs = groups.flatMap((group) =>
    nestedContrasts(new Set(rolesIn(analysis, group))).flatMap(({ higher, lower }) =>
      lower === null ? [] : [{ group, higher, lower }],
    ),
  )
  return pairs.flatMap(({ group, higher, lower }, i) => {
    context.progress({ fraction: i / pairs.length })
    return regions.names.map((region, r) => {
      throwIfCancelled(context)
      const [a, b] = [higher, lower].map((role) => columnOf(byRegion.get(role)!, r, group))
      return { group: group.name, region, higher, lower, found: specialization(a, b, bootstrapOf(options)) }
    })
  })
}

const columnOf = ({ data, cols }: { data: Float64Array; cols: number }, column: number, { rows }: Group) =>
  rows.map((row) => data[row * cols + column])
