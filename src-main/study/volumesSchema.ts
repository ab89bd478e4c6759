/** `volumes` and `resample`: how recordings that are not of the study's vertices become what is scored. */
import { z } from 'zod'

const path = z.string().min(1).max(4096)

/**
 * Recordings are NIfTI volumes. `mask` alone: scores are of its voxels. `sample`: they are sampled on the study's surface
 * as they are read, within the mask where there is one (surfaces/sampling).
 */
export const volumesSchema = z.strictObject({
  /** NIfTI, on the recordings' grid: 0 is outside. */
  mask: path.optional(),
  sample: z.enum(['depth', 'line', 'ball', 'point']).optional(),
  interpolation: z.enum(['linear', 'nearest']).optional(),
  /** Of `line` and `ball`, mm. */
  radius: z.number().positive().max(50).optional(),
  /** A vertex, of `depth` and `line`, evenly spaced. */
  points: z.number().int().min(1).max(100).optional(),
  /** In place of `points`: 0 is the pial surface, 1 the white; of `line`, shares of the radius inwards. */
  depths: z.array(z.number().min(-5).max(5)).min(1).max(100).optional(),
})

/** Recordings are of another mesh than the study's surface, whose spheres are registered with each other. */
export const resampleSchema = z.strictObject({
  /** A template's name or folder, or a sphere a hemisphere. */
  from: z.union([path, z.strictObject({ left: path, right: path })]),
  method: z.enum(['barycentric', 'nearest']).default('barycentric'),
})

export type Volumes = z.output<typeof volumesSchema>

/** Whether scores are of voxels, which have no surface. */
export const isOfVoxels = (volumes: Volumes | undefined): volumes is Volumes & { readonly mask: string } =>
  volumes?.mask !== undefined && volumes.sample === undefined
