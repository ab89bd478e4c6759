/** A model before it is opened: what it is, and how its graph is written and fed. One implementation a kind of front end. */
import type { Tensor } from 'onnxruntime-node'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { EncodedModel } from './graph.ts'
import type { LayerInfo, ModelDescription, Norm } from './types.ts'

export interface Network {
  readonly description: ModelDescription
  /**
   * Writes the graph that gives these layers as outputs under their own names, [frames, units] each; what only other
   * layers need is left out.
   * @param layers names as `layersNamed` gives them
   * @throws HeschlError when weights cannot be read
   */
  emit(layers: readonly string[]): EncodedModel
  /**
   * The graph's inputs for one window, checked and normalised as the model was trained.
   * @param samples 16 kHz mono
   * @throws HeschlError AUDIO_INVALID (too short, not finite), OPTION_INVALID (too long)
   */
  inputs(samples: Float32Array): Readonly<Record<string, Tensor>>
  /**
   * The outputs of one window as layers, checked, for a graph whose outputs are not the layers as they are; left out,
   * `takeOutputs` does it.
   * @param samples of the window
   */
  take?(
    outputs: Readonly<Record<string, Tensor>>,
    layers: readonly string[],
    samples: number,
  ): ReadonlyMap<string, Matrix32>
  /**
   * The model in two graphs, where frames of its convolutions are the same in every window that they are in, so that they
   * can be computed once; undefined where they are not. Left out by a model whose norms are not over a recording.
   * @throws HeschlError when weights cannot be read
   */
  stages?(layers: readonly string[], norm: Norm): Stages | undefined
  /** Memory of one pass over so many samples, in bytes, weights and process counted. */
  passBytes(layers: readonly string[], samples: number): number
}

export interface Stages {
  /** From samples to those layers that are convolutions, and to `features` for the encoder. */
  readonly front: EncodedModel
  /** From `features` to the other layers; undefined where there are none. */
  readonly encoder: EncodedModel | undefined
  /** The last convolution's frames, under `value`: the front's output and the encoder's input. */
  readonly features: LayerInfo & { readonly value: string }
  /**
   * The front's inputs by recording and part of it.
   * @throws HeschlError AUDIO_INVALID for a sample that is not finite
   */
  inputs(recording: Float32Array): (part: Float32Array) => Readonly<Record<string, Tensor>>
  /** @throws HeschlError AUDIO_INVALID (too short), OPTION_INVALID (too long) */
  check(window: { readonly length: number }): void
}
