/** What hosts need of scoring, so that they depend on the pipeline alone. */
export { percentiles, summarize } from '../scoring/index.ts'
