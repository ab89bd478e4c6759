/** What a waveform model's graph is fed: samples as the model was trained on them, and weights that hold their norm. */
import { Tensor } from 'onnxruntime-node'
import { foldNorm, patchStatistics } from './channelNorm.ts'
import type { SpeechConfig } from './config.ts'
import { foldedInputs, hasFoldedNorm } from './convolutions.ts'
import type { Weights } from './weights.ts'
import { affineOf, applied } from './window.ts'

/** The name of the graph's input for samples: float32 [samples]. */
export const audioInput = 'audio'

type Inputs = Readonly<Record<string, Tensor>>

/**
 * Inputs by scope and part: the norms (`do_normalize`, group norm) are those of the scope, in float64, and the part is what
 * is computed.
 * @returns a function of the scope's samples; it throws HeschlError AUDIO_INVALID where one is not finite
 */
export function frontInputs(
  config: SpeechConfig,
  normalize: boolean,
  weights: Weights,
): (scope: Float32Array) => (part: Float32Array) => Inputs {
  const name = 'feature_extractor.conv_layers.0'
  const units = config.conv_dim[0]
  const kernel = config.conv_kernel[0]
  let stored: Parameters<typeof foldNorm>[0] | undefined
  const folded = (...statistics: Parameters<typeof patchStatistics>): Inputs => {
    stored ??= {
      weight: weights.read(`${name}.conv.weight`),
      gain: weights.read(`${name}.layer_norm.weight`),
      offset: weights.read(`${name}.layer_norm.bias`),
    }
    const { weight, bias } = foldNorm(stored, patchStatistics(...statistics))
    return {
      [foldedInputs.weight]: new Tensor('float32', weight, [units, 1, 1, kernel]),
      [foldedInputs.bias]: new Tensor('float32', bias, [units]),
    }
  }
  return (scope) => {
    const affine = affineOf(scope, normalize)
    const norm = hasFoldedNorm(config) ? folded(scope, kernel, config.conv_stride[0], affine) : {}
    return (part) => {
      const audio = normalize ? applied(part, affine) : part
      return { [audioInput]: new Tensor('float32', audio, [audio.length]), ...norm }
    }
  }
}
