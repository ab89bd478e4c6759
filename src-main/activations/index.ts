/** Speech models: from a checkpoint, or an architecture and a seed, to the activations of their layers. */
export { layersNamed } from './layers.ts'
export { describeModel, modelFiles, openModel } from './model.ts'
export { streamActivations, type StreamOptions } from './stream.ts'
export type { LayerInfo, ModelDescription, ModelSource, SpeechModel } from './types.ts'
export { architectures } from './untrained.ts'
