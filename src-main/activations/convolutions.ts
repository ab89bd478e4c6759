/** The feature encoder: strided convolutions over the waveform. */
import { convolutionNormEps } from './channelNorm.ts'
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { framesOf, imageOf } from './layouts.ts'
import { layerNorm } from './linear.ts'

/** Inputs of a graph whose first convolution has its norm folded in (channelNorm.ts): [units, 1, 1, kernel] and [units]. */
export const foldedInputs = { weight: 'conv0.weight', bias: 'conv0.bias' } as const

/** Whether the first layer's norm is folded into weights that depend on the audio. */
export const hasFoldedNorm = (config: SpeechConfig) => config.feat_extract_norm === 'group'

/** One layer's output in both layouts; the one that the layer does not give by itself is emitted when it is asked for. */
export interface Features {
  /** [1, channels, 1, frames]: ONNX Runtime's fast convolution takes images, here of height 1. */
  readonly image: () => string
  /** [frames, channels] */
  readonly frames: () => string
}

/**
 * Convolution, norm, GELU. The first convolution of a group-norm front end takes its weights from the graph's inputs.
 * @param image the layer's input as [1, channels, 1, frames]
 */
export function emitConvolution(graph: Graph, config: SpeechConfig, i: number, image: string): Features {
  const name = `feature_extractor.conv_layers.${i}`
  const units = config.conv_dim[i]
  const kernel = config.conv_kernel[i]
  const weights = () => [
    graph.weight(`${name}.conv.weight`, [units, i === 0 ? 1 : config.conv_dim[i - 1], 1, kernel]),
    ...(config.conv_bias ? [graph.weight(`${name}.conv.bias`, [units])] : []),
  ]
  const folded = i === 0 && hasFoldedNorm(config)
  const convolved = graph.node('Conv', [image, ...(folded ? [foldedInputs.weight, foldedInputs.bias] : weights())], {
    kernel_shape: [1, kernel],
    strides: [1, config.conv_stride[i]],
  })
  if (config.feat_extract_norm === 'layer') {
    const normed = layerNorm(graph, `${name}.layer_norm`, framesOf(graph, convolved), units, convolutionNormEps)
    const output = graph.node('Gelu', [normed])
    return { frames: () => output, image: once(() => imageOf(graph, output)) }
  }
  const output = graph.node('Gelu', [convolved])
  return { image: () => output, frames: once(() => framesOf(graph, output)) }
}

function once(emit: () => string): () => string {
  let name: string | undefined
  return () => (name ??= emit())
}
