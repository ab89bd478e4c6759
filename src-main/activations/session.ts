/** ONNX Runtime's session of a graph; the only place where activations choose how it runs. */
import { InferenceSession } from 'onnxruntime-node'
import type { EncodedModel } from './graph.ts'
import { sessionOptions } from './providers.ts'
import type { Provider } from './providers.ts'

/**
 * @param threads within one computation; left out, ONNX Runtime takes one a physical core
 * @param provider what computes; the CPU where it is left out
 */
export function createSession(
  { model, memory, folder }: EncodedModel,
  { threads, provider = 'cpu' }: { readonly threads?: number; readonly provider?: Provider },
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    ...sessionOptions(provider),
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
