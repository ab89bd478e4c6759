/** Progress of what a command computes in its own process: shown once it takes over a second. */
import type { Job } from '../contract/study.ts'
import type { Output } from './output.ts'
import { createProgress } from './progress.ts'

export interface OwnWork {
  /** @param fraction 0 to 1 */
  readonly tell: (step: string, fraction: number) => void
  readonly end: () => void
}

const quietSeconds = 1

export function ownWork({ stderr }: Output, label: string): OwnWork {
  const display = createProgress(stderr)
  const began = performance.now()
  return {
    tell(step, fraction) {
      const seconds = (performance.now() - began) / 1000
      if (seconds < quietSeconds) return
      const job: Job = {
        ...{ id: label, study: '', label, state: 'running', step, fraction, rate: '', error: null },
        ...{ asked: 0, began: 0, ended: null, place: null },
        ...{ stepsDone: 0, stepsTotal: 1, stepsCached: 0, secondsElapsed: seconds },
        secondsLeft: fraction > 0 ? (seconds * (1 - fraction)) / fraction : null,
        memoryBytes: process.memoryUsage().rss,
      }
      display.show(job)
    },
    end: () => display.end(),
  }
}
