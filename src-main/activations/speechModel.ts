/**
 * A speech model as an ONNX graph that gives every requested layer: wav2vec 2.0 (Baevski et al. 2020), HuBERT (Hsu et
 * al. 2021), WavLM (Chen et al. 2022) and data2vec-audio (Baevski et al. 2022).
 * Follows transformers' `modeling_wav2vec2.py`, `modeling_hubert.py`, `modeling_wavlm.py` and
 * `modeling_data2vec_audio.py`: base (group norm, post-norm blocks), large (layer norm, pre-norm or "stable" blocks),
 * and the other two combinations. Taps are the reference's: convolutions after their norm and GELU, `quantizer.…` beside
 * the way to the blocks (quantizer.ts), `projection` after the linear layer, `embedding` = hidden_states[0],
 * `transfI` = hidden_states[I + 1].
 *
 * Pre-norm models have one more norm after the last block N. `transfN` is the block's output, as every other `transfI`,
 * and `transfN.norm` is after that norm, the reference's last_hidden_state. transformers 5 ends hidden_states with the
 * former; transformers 4 ended it with the latter, and left the former out.
 */
import type { SpeechConfig } from './config.ts'
import { emitConvolution, foldedInputs, hasFoldedNorm, type Features } from './convolutions.ts'
import { audioInput } from './frontInputs.ts'
import type { Value } from '../formats/onnx.ts'
import { Graph, type EncodedModel } from './graph.ts'
import { layerNorm, linear } from './linear.ts'
import { emitPosition } from './position.ts'
import { emitQuantizer, quantizerLayers } from './quantizer.ts'
import { emitRelativePositions } from './relativePosition.ts'
import { projectionNormed } from './tensors.ts'
import { emitBlock } from './transformer.ts'
import type { Weights } from './weights.ts'

/** The convolutions' features [frames, channels], where the front and the encoder are graphs of their own. */
export const featuresValue = 'features'

/**
 * @param layers names that `layersOf(config)` has; what only later layers need is left out of the graph
 * @throws HeschlError when weights cannot be read
 */
export function emitSpeechModel(config: SpeechConfig, weights: Weights, layers: ReadonlySet<string>): EncodedModel {
  const graph = new Graph(weights)
  const later = laterThanFront(config, layers)
  const features = emitFront(graph, config, layers)
  if (later.size > 0) emitEncoder(graph, config, features(), later)
  return graph.encode(config.model_type, ...inputsOf(config))
}

/**
 * The same in two graphs, so that frames of the convolutions need not be computed in every window that they are in:
 * the front's last output is `features`, which is the encoder's input. A front alone where no later layer is asked for.
 */
export function emitStages(config: SpeechConfig, weights: Weights, layers: ReadonlySet<string>): StagedGraphs {
  const graph = new Graph(weights)
  const later = laterThanFront(config, layers)
  const channels = config.conv_dim.at(-1)!
  const features = emitFront(graph, config, layers)
  if (later.size > 0) graph.output(featuresValue, features(), channels)
  const front = graph.encode(config.model_type, ...inputsOf(config))
  if (later.size === 0) return { front, encoder: undefined }
  const second = new Graph(weights)
  emitEncoder(second, config, featuresValue, later)
  return { front, encoder: second.encode(config.model_type, { name: featuresValue, shape: ['frames', channels] }) }
}

export interface StagedGraphs {
  readonly front: EncodedModel
  readonly encoder: EncodedModel | undefined
}

function inputsOf(config: SpeechConfig): readonly Value[] {
  const [units] = config.conv_dim
  const audio = { name: audioInput, shape: ['samples'] }
  if (!hasFoldedNorm(config)) return [audio]
  const weight = { name: foldedInputs.weight, shape: [units, 1, 1, config.conv_kernel[0]] }
  return [audio, weight, { name: foldedInputs.bias, shape: [units] }]
}

function laterThanFront(config: SpeechConfig, layers: ReadonlySet<string>): ReadonlySet<string> {
  return layers.difference(new Set(config.conv_dim.map((_, i) => `conv${i}`)))
}

/** Emits convolutions up to the last that is asked for, or all for later layers; gives the last one's frames. */
function emitFront(graph: Graph, config: SpeechConfig, layers: ReadonlySet<string>): () => string {
  const audio = graph.node('Reshape', [audioInput, graph.integers(1, 1, 1, -1)])
  let features: Features = { image: () => audio, frames: () => audio }
  let remaining = layers.size
  for (const [i, units] of config.conv_dim.entries()) {
    if (remaining === 0) break
    features = emitConvolution(graph, config, i, features.image())
    if (!layers.has(`conv${i}`)) continue
    graph.output(`conv${i}`, features.frames(), units)
    remaining -= 1
  }
  return () => features.frames()
}

/** Makes outputs of the layers asked for; stops at the last of them, so that the rest is not written. */
function emitEncoder(graph: Graph, config: SpeechConfig, features: string, layers: ReadonlySet<string>): void {
  let remaining = layers.size
  for (const { name, units, value } of encoderLayers(graph, config, features)) {
    if (!layers.has(name)) continue
    graph.output(name, value(), units)
    remaining -= 1
    if (remaining === 0) break
  }
}

interface Tap {
  readonly name: string
  readonly units: number
  /** Emits what this tap alone needs, and names its value: [frames, units]. */
  readonly value: () => string
}

/**
 * Emits what comes after the convolutions layer by layer; a consumer that stops early leaves the rest unwritten.
 * @param last the convolutions' features [frames, channels]
 */
function* encoderLayers(graph: Graph, config: SpeechConfig, last: string): Generator<Tap> {
  const units = config.hidden_size
  const eps = config.layer_norm_eps
  const channels = config.conv_dim.at(-1)!
  const normed = projectionNormed(config)
    ? layerNorm(graph, 'feature_projection.layer_norm', last, channels, eps)
    : last
  if (config.model_type === 'wav2vec2') {
    for (const { name, units } of quantizerLayers(config)) {
      yield { name, units, value: () => emitQuantizer(graph, config, normed, name) }
    }
  }
  const projected = linear(graph, 'feature_projection.projection', normed, channels, units)
  yield { name: 'projection', units, value: () => projected }

  const encoderNorm = (x: string) => layerNorm(graph, 'encoder.layer_norm', x, units, eps)
  const placed = graph.node('Add', [projected, emitPosition(graph, config, projected)])
  const embedding = config.do_stable_layer_norm ? placed : encoderNorm(placed)
  yield { name: 'embedding', units, value: () => embedding }

  const positions = config.model_type === 'wavlm' ? emitRelativePositions(graph, config, embedding) : undefined
  let hidden = embedding
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const block = emitBlock(graph, config, `encoder.layers.${i}`, hidden, positions)
    yield { name: `transf${i}`, units, value: () => block }
    hidden = block
  }
  if (config.do_stable_layer_norm) {
    yield { name: `transf${config.num_hidden_layers - 1}.norm`, units, value: () => encoderNorm(hidden) }
  }
}
