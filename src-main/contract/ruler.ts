/** A distance along the cortex: what a window asks for, and what it draws. */
import { z } from 'zod'

const vertex = z.int().min(0).max(10_000_000)

export const rulerArgument = z.strictObject({
  study: z.string().max(4096),
  /** As of `inspect`: what is asked for in a lane takes the place of what was asked for there before. */
  lane: z.string().max(100),
  hemisphere: z.enum(['left', 'right']),
  from: vertex,
  to: vertex,
})

/** The shortest path over the faces of the folded surface. Each of its points lies on an edge, wherever the edge goes. */
export interface RulerPath {
  /** Millimetres; null where no path leads from one to the other. */
  readonly length: number | null
  /** uint32 [points]: the vertices of each point's edge; the same where it is a vertex. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** float32 [points]: 0 at the first vertex, 1 at the second. */
  readonly shares: Float32Array
}
