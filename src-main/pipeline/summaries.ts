/** What hosts need of scoring, so that they depend on the pipeline alone. */
export { percentiles, reliableTargets, shareOfCeiling, sharesOfCeiling, summarize } from '../scoring/index.ts'
export { histogramOf } from '../scoring/quality.ts'
export { partName, spaceSets } from '../scoring/partition.ts'
