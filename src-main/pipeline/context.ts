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
  /** Reads an array of a stored step; left out where nothing is stored. */
  readonly read?: (step: string, name: string) => Promise<NamedArray>
  /** Where a long step keeps what it has finished; nothing is kept where it is left out. */
  readonly parts?: StepParts
}

/** Some of a step's targets: all their results. */
export interface StepPart {
  /** pipeline/stripes.ts */
  readonly place: number
  readonly arrays: readonly NamedArray[]
}

/** What an interrupted step has left, and what it keeps as it goes on. */
export interface StepParts {
  readonly stored: readonly StepPart[]
  /** @param seconds that it took */
  readonly keep: (part: StepPart, seconds: number) => void
}

/** @throws HeschlError CANCELLED once the user has cancelled */
export function throwIfCancelled(context: StepContext): void {
  if (context.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
}

/** A named result of a step, in the form in which it is stored. */
export interface NamedArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array
}

/** What a step gives back. */
export interface StepResult {
  readonly arrays: readonly NamedArray[]
  /** Versions, provider, counts of what could not be computed: stored with the result, not part of its key. */
  readonly provenance: Readonly<Record<string, unknown>>
}
