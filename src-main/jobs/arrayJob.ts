import { performance } from 'node:perf_hooks'
import { HeschlError } from '../errors.ts'
import type { StepProgress } from '../pipeline/context.ts'
import type { ArrayJob, ArrayReport } from './engineHandle.ts'
import { versions } from './provenance.ts'
import type { RunOptions } from './runner.ts'

/** Before this much has passed, in seconds, and this share is done, no time left is better than a wrong one. */
const leastSeconds = 2
const leastShare = 0.01

/**
 * Computes tasks that belong to no study. They write files; nothing is stored.
 * @returns a report a task, with versions
 * @throws HeschlError PROVIDER_UNAVAILABLE; what a task throws; CANCELLED
 */
export async function runArrayJob(request: ArrayJob, options: RunOptions): Promise<readonly ArrayReport[]> {
  const { steps, provider: choice = 'cpu' } = request
  const began = performance.now()
  const reports: ArrayReport[] = []
  const tell = (label: string, within: number, rate: string) => {
    const fraction = (reports.length + within) / steps.length
    const seconds = (performance.now() - began) / 1000
    const known = seconds > leastSeconds && fraction > leastShare
    options.progress({
      step: label,
      stepsDone: reports.length,
      stepsTotal: steps.length,
      stepsCached: 0,
      fraction,
      secondsLeft: known ? (seconds * (1 - fraction)) / fraction : null,
      rate,
    })
  }
  if (choice !== 'cpu') tell(`Checking ${choice}`, 0, '')
  const provider = await options.providers.resolve(choice)
  await options.providers.require(provider)
  for (const { label, task: asked } of steps) {
    const task = asked.kind === 'extract' || asked.kind === 'abx' ? { ...asked, provider } : asked
    if (options.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled')
    tell(label, 0, '')
    const progress = ({ fraction, rate = '' }: StepProgress) => tell(label, fraction, rate)
    const { provenance } = await options.compute.run(task, { progress })
    reports.push({ ...versions(), ...provenance })
  }
  tell('', 0, '')
  return reports
}
