/** A model before it is opened: what it is, and how its graph is written and fed. One implementation a kind of front end. */
import type { Tensor } from 'onnxruntime-node'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { EncodedModel } from './graph.ts'
import type { ModelDescription } from './types.ts'

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
  /** Memory of one pass over so many samples, in bytes, weights and process counted. */
  passBytes(layers: readonly string[], samples: number): number
}
