/** ONNX Runtime's session of a graph; the only place where activations choose how it runs. */
import { InferenceSession } from 'onnxruntime-node'
import type { EncodedModel } from './graph.ts'

/** @param threads within one computation; left out, ONNX Runtime takes one a physical core */
export function createSession(
  { model, memory, folder }: EncodedModel,
  { threads }: { readonly threads?: number },
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    externalData: memory,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    extra: {
      session: {
        // Copies of the weights in another layout: 0.3 GB and 1.5 s to open a base model, and no faster to run.
        disable_prepacking: '1',
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
    },
  })
}
