/** What a study would cost that has no results yet: its plan without content keys, for which every file is read whole. */
import type { DraftCheck } from '../../contract/newStudy.ts'
import { measurePace } from '../../pipeline/cost.ts'
import type { Pace } from '../../pipeline/cost.ts'
import type { Facts } from '../../pipeline/facts.ts'
import { computeThreads } from '../compute.ts'
import { Estimator } from '../estimates.ts'
import { specsOf } from '../keyedPlan.ts'
import type { Survey } from '../session.ts'

/** Of this machine; measured once. */
let pace: Promise<Pace> | undefined

/** null where nothing can be planned. */
export async function estimateStudy({ basis, seconds }: Survey, facts: Facts): Promise<DraftCheck['plan']> {
  if (!basis) return null
  const steps = specsOf(basis)
  const threads = computeThreads()
  pace ??= measurePace(threads)
  const store = { pace: () => undefined }
  const lengths = (stimulus: string) => seconds.get(stimulus) ?? 0
  const estimator = new Estimator(basis, lengths, { store, facts }, { pace: await pace, threads })
  const totals = { seconds: 0, memoryBytes: 0, diskBytes: 0 }
  for (const step of steps) {
    const cost = await estimator.cost(step)
    totals.seconds += cost.seconds
    totals.memoryBytes = Math.max(totals.memoryBytes, cost.memoryBytes)
    totals.diskBytes += cost.diskBytes
  }
  return { steps: steps.length, totals, provider: basis.provider }
}
