import type { Job } from '../../../src-main/contract/study.ts'

/** A job in the middle of its run. */
export const job: Job = {
  id: 'job-1',
  study: '/study.yaml',
  label: 'Run of Example',
  state: 'running',
  asked: 1_800_000_000_000,
  began: 1_800_000_000_500,
  ended: null,
  place: null,
  step: 'Fit of native transf3, sub-02',
  stepsDone: 7,
  stepsTotal: 40,
  stepsCached: 2,
  fraction: 0.437,
  secondsLeft: 80,
  secondsElapsed: 60,
  rate: '9.8 s of audio/s',
  memoryBytes: 1.2e9,
  error: null,
}
