/** Speech models: from a checkpoint, or an architecture and a seed, to the activations of their layers. */
export { layersNamed } from './layers.ts'
export { describeModel, modelFiles, openModel, passBytes } from './model.ts'
export { streamActivations } from './stream.ts'
export type { ModelDescription, ModelSource, SpeechModel } from './types.ts'
export { architectures } from './untrained.ts'
export { framesIn } from './window.ts'
