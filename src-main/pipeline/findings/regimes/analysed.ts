import type { Analysis } from './analysis.ts'
import type { GroupTests } from './groupTests.ts'
import type { LayerChoice } from './layers.ts'
import type { RegionModel } from './mixed.ts'
import type { NestedMap } from './nestedMap.ts'
import type { RegionSpecialisation } from './specialisation.ts'
import type { TrainingCurve } from './training.ts'

/** Everything that the tables and words are made of. */
export interface Analysed {
  readonly analysis: Analysis
  readonly layers: LayerChoice
  /** "Pearson r". */
  readonly measure: string
  readonly tests: readonly GroupTests[]
  readonly nested: readonly { readonly group: string; readonly map: NestedMap }[]
  readonly specialisation: readonly RegionSpecialisation[]
  readonly models: readonly RegionModel[]
  readonly curves: readonly TrainingCurve[]
}
