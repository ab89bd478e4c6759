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
import { emitConvolution, type Features } from './convolutions.ts'
import { Graph, type EncodedModel } from './graph.ts'
import { layerNorm, linear } from './linear.ts'
import { emitPosition } from './position.ts'
import { emitQuantizer, quantizerLayers } from './quantizer.ts'
import { emitRelativePositions } from './relativePosition.ts'
import { projectionNormed } from './tensors.ts'
import { emitBlock } from './transformer.ts'
import type { Weights } from './weights.ts'

/** The name of the graph's input: float32 [samples]. */
export const audioInput = 'audio'

/**
 * @param layers names that `layersOf(config)` has; what only later layers need is left out of the graph
 * @throws HeschlError when weights cannot be read
 */
export function emitSpeechModel(config: SpeechConfig, weights: Weights, layers: ReadonlySet<string>): EncodedModel {
  const graph = new Graph(weights)
  let remaining = layers.size
  for (const { name, units, value } of emitLayers(graph, config)) {
    if (!layers.has(name)) continue
    graph.output(name, value(), units)
    remaining -= 1
    if (remaining === 0) break
  }
  return graph.encode(config.model_type, { name: audioInput, shape: ['samples'] })
}

interface Tap {
  readonly name: string
  readonly units: number
  /** Emits what this tap alone needs, and names its value: [frames, units]. */
  readonly value: () => string
}

/** Emits the graph layer by layer; a consumer that stops early leaves the rest unwritten. */
function* emitLayers(graph: Graph, config: SpeechConfig): Generator<Tap> {
  const audio = graph.node('Reshape', [audioInput, graph.integers(1, 1, 1, -1)])
  let features: Features = { image: () => audio, frames: () => audio }
  for (const [i, units] of config.conv_dim.entries()) {
    features = emitConvolution(graph, config, i, features.image())
    yield { name: `conv${i}`, units, value: features.frames }
  }

  const units = config.hidden_size
  const eps = config.layer_norm_eps
  const channels = config.conv_dim.at(-1)!
  const last = features.frames()
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
