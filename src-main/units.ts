/**
 * Branded numbers: a time in seconds cannot be passed where samples, frames or volumes are meant.
 * The brands exist for the compiler only; at run time these are plain numbers.
 */
declare const unit: unique symbol
type Branded<Name extends string> = number & { readonly [unit]: Name }

/** Time in seconds. */
export type Seconds = Branded<'seconds'>
/** A count or an index of audio samples. */
export type Samples = Branded<'samples'>
/** A count or an index of activation frames. */
export type Frames = Branded<'frames'>
/** A count or an index of fMRI volumes (TRs). */
export type Volumes = Branded<'volumes'>

export const seconds = (value: number) => value as Seconds
export const samples = (value: number) => value as Samples
export const frames = (value: number) => value as Frames
export const volumes = (value: number) => value as Volumes
