/** The feature encoder: strided convolutions over the waveform. */
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { framesOf, imageOf } from './layouts.ts'
import { layerNorm } from './linear.ts'

/** torch's default, which the norms of the convolutions use whatever `layer_norm_eps` says. */
const normEps = 1e-5

/** One layer's output in both layouts; the one that the layer does not give by itself is emitted when it is asked for. */
export interface Features {
  /** [1, channels, 1, frames]: ONNX Runtime's fast convolution takes images, here of height 1. */
  readonly image: () => string
  /** [frames, channels] */
  readonly frames: () => string
}

/**
 * Convolution, norm, GELU.
 * @param image the layer's input as [1, channels, 1, frames]
 */
export function emitConvolution(graph: Graph, config: SpeechConfig, i: number, image: string): Features {
  const name = `feature_extractor.conv_layers.${i}`
  const units = config.conv_dim[i]
  const kernel = config.conv_kernel[i]
  const weight = graph.weight(`${name}.conv.weight`, [units, i === 0 ? 1 : config.conv_dim[i - 1], 1, kernel])
  const bias = config.conv_bias ? [graph.weight(`${name}.conv.bias`, [units])] : []
  const convolved = graph.node('Conv', [image, weight, ...bias], {
    kernel_shape: [1, kernel],
    strides: [1, config.conv_stride[i]],
  })
  if (config.feat_extract_norm === 'layer') {
    const normed = layerNorm(graph, `${name}.layer_norm`, framesOf(graph, convolved), units, normEps)
    const output = graph.node('Gelu', [normed])
    return { frames: () => output, image: once(() => imageOf(graph, output)) }
  }
  const output = graph.node('Gelu', [i === 0 ? channelNorm(graph, `${name}.layer_norm`, convolved, units) : convolved])
  return { image: () => output, frames: once(() => framesOf(graph, output)) }
}

/** Group norm with a group a channel: each channel is brought to zero mean and unit variance over the whole window. */
function channelNorm(graph: Graph, name: string, image: string, units: number): string {
  const inputs = [image, graph.weight(`${name}.weight`, [units]), graph.weight(`${name}.bias`, [units])]
  return graph.node('InstanceNormalization', inputs, { epsilon: { float: normEps } })
}

function once(emit: () => string): () => string {
  let name: string | undefined
  return () => (name ??= emit())
}
