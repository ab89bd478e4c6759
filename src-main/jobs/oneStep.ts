import type { RunOptions } from './runner.ts'

/** Seconds and share of the work after which the time left can be told. */
const leastSeconds = 2
const leastShare = 0.01

/** Tells the progress of a job that is one step, with the time left. */
export function oneStep({ progress }: RunOptions): (step: string, fraction: number, rate?: string) => void {
  const began = performance.now()
  return (step, fraction, rate = '') => {
    const seconds = (performance.now() - began) / 1000
    const known = seconds > leastSeconds && fraction > leastShare
    const secondsLeft = known ? (seconds * (1 - fraction)) / fraction : null
    progress({ step, stepsDone: 0, stepsTotal: 1, stepsCached: 0, fraction, secondsLeft, rate })
  }
}
