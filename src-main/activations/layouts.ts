/** The two layouts of a window: images for convolutions, frames for everything else. */
import type { Graph } from './graph.ts'

/** [1, channels, 1, frames] -> [frames, channels] */
export const framesOf = (graph: Graph, image: string) =>
  graph.node('Transpose', [graph.node('Squeeze', [image, graph.integers(0, 2)])], { perm: [1, 0] })

/** [frames, channels] -> [1, channels, 1, frames] */
export const imageOf = (graph: Graph, frames: string) =>
  graph.node('Unsqueeze', [graph.node('Transpose', [frames], { perm: [1, 0] }), graph.integers(0, 2)])
