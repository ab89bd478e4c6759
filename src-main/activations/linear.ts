/** The two parts that every stage of a model is made of, on [frames, units]. */
import type { Graph } from './graph.ts'

export function layerNorm(graph: Graph, name: string, x: string, units: number, eps: number): string {
  const inputs = [x, graph.weight(`${name}.weight`, [units]), graph.weight(`${name}.bias`, [units])]
  return graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: eps } })
}

/** x Wᵀ + b on the weights as torch stores them, [outputs, inputs]. */
export function linear(graph: Graph, name: string, x: string, inputs: number, outputs: number): string {
  const weights = [graph.weight(`${name}.weight`, [outputs, inputs]), graph.weight(`${name}.bias`, [outputs])]
  return graph.node('Gemm', [x, ...weights], { transB: 1 })
}
