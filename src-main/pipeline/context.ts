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

/** A named result of a step, in the form in which it is stored. */
export interface NamedArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Uint8Array | Uint16Array
}

/** What a step gives back. */
export interface StepResult {
  readonly arrays: readonly NamedArray[]
  /** Versions, provider, counts of what could not be computed: stored with the result, not part of its key. */
  readonly provenance: Readonly<Record<string, unknown>>
}
