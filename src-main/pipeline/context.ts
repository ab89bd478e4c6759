import { HeschlError } from '../errors.ts'

/** What a step tells whoever watches it. */
export interface StepProgress {
  /** 0–1 within the step. */
  readonly fraction: number
  /** Work per second, in words: "9.8 s of audio/s". */
  readonly rate?: string
}

/** What a step is given beside its inputs. */
export interface StepContext {
  readonly progress: (progress: StepProgress) => void
  /** True once the user has cancelled; looked at between units of work of well under a second. */
  readonly cancelled: () => boolean
}

/** @throws HeschlError CANCELLED once the user has cancelled */
export function throwIfCancelled(context: StepContext): void {
  if (context.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
}
