import type { SurfaceData } from '../contract/study.ts'

export type { FlatPatch, HemisphereSurface, Region } from '../contract/study.ts'

export type Side = 'left' | 'right'

/** A cortex with what a reader of its maps should know; triangles are counter-clockwise from outside. */
export interface CorticalSurface extends SurfaceData {
  /** A missing inflated form, a missing parcellation, hemispheres that were moved apart. */
  readonly notes: readonly string[]
}
