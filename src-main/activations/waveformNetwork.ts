/** Models that take the waveform itself: wav2vec 2.0, HuBERT, WavLM, data2vec-audio. */
import type { SpeechConfig } from './config.ts'
import { frontInputs } from './frontInputs.ts'
import { layersOf } from './layers.ts'
import type { Network } from './network.ts'
import { emitSpeechModel, emitStages, featuresValue } from './speechModel.ts'
import { sizeOf, tensorsOf } from './tensors.ts'
import type { ModelDescription } from './types.ts'
import type { Weights } from './weights.ts'
import { checkWindow, framesIn } from './window.ts'

/**
 * @param what the model, in words
 * @param from where its weights come from, in words
 */
export function waveformNetwork(
  {
    config,
    normalize,
    weights,
    quantized = false,
  }: {
    readonly config: SpeechConfig
    readonly normalize: boolean
    readonly weights: Weights
    /** Whether wav2vec 2.0's quantizer is among the weights. */
    readonly quantized?: boolean
  },
  what: string,
  from: string,
): Network {
  const parameters = tensorsOf(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const description: ModelDescription = {
    description: `${what}, ${config.num_hidden_layers} blocks of ${config.hidden_size} units, ${from}`,
    layers: layersOf(config, quantized),
    parameters,
    sampleRate: 16000,
    normalize,
  }
  const inputs = frontInputs(config, normalize, weights)
  const described = new Map(description.layers.map((layer) => [layer.name, layer]))
  return {
    description,
    emit: (layers) => emitSpeechModel(config, weights, new Set(layers)),
    inputs(samples) {
      checkWindow(samples, config, description)
      return inputs(samples)(samples)
    },
    stages(layers, norm) {
      // Frames that depend on the samples around them, through a norm over the window, belong to that window.
      const overWindow = config.feat_extract_norm === 'group' || normalize
      if (overWindow && norm === 'window') return undefined
      return {
        ...emitStages(config, weights, new Set(layers)),
        features: { value: featuresValue, ...described.get(`conv${config.conv_dim.length - 1}`)! },
        inputs,
        check: (samples) => checkWindow(samples, config, description),
      }
    },
    passBytes: (layers, samples) => passBytes(config, description, layers, samples),
  }
}

/** Copies of the largest layer that are held at a time: a convolution's input and output, its norm's and GELU's. */
const copies = 4
/** Of a process that has ONNX Runtime loaded and does nothing, bytes. */
const processBytes = 0.15e9

/**
 * The weights, the layers asked for, the largest layer as often as ONNX Runtime holds it, and attention's scores before
 * and after the softmax. Of 30 s through wav2vec2-base it is 1.99 GB for all layers and 1.54 GB for the last; the
 * process's peak was 1.78 and 1.48 GB.
 */
function passBytes(
  config: SpeechConfig,
  { layers: described, parameters }: ModelDescription,
  layers: readonly string[],
  samples: number,
): number {
  const sizes = new Map(described.map((layer) => [layer.name, framesIn(samples, layer) * layer.units]))
  const kept = layers.reduce((sum, name) => sum + sizes.get(name)!, 0)
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0)
  const scores = config.num_attention_heads * framesIn(samples, described.at(-1)!) ** 2
  // WavLM's gated positions and their bias are as large as the scores.
  const scoreCopies = config.model_type === 'wavlm' ? 4 : 2
  return processBytes + 4 * (parameters + samples + kept + copies * largest + scoreCopies * scores)
}
