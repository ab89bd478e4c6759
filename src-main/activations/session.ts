/** ONNX Runtime's session of a graph; the only place where activations choose how it runs. */
import { InferenceSession } from 'onnxruntime-node'
import type { EncodedModel } from './graph.ts'
import { sessionOptions } from './providers.ts'
import type { Provider } from './providers.ts'

/**
 * @param threads within one computation; left out, ONNX Runtime takes one a physical core
 * @param provider what computes; the CPU where it is left out
 * @param profile where ONNX Runtime writes the time of every node: the start of a file's path
 */
export function createSession(
  { model, memory, folder }: EncodedModel,
  {
    threads,
    provider = 'cpu',
    profile,
  }: { readonly threads?: number; readonly provider?: Provider; readonly profile?: string },
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    ...sessionOptions(provider),
    graphOptimizationLevel: 'all',
    // Plans of memory for shapes seen before take 0.07 GB more for a base model, and are no faster.
    enableMemPattern: false,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    externalData: memory,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    extra: {
      session: {
        // Copies of the weights in another layout: 0.3 GB and 1.5 s to open a base model, and no faster to run.
        disable_prepacking: '1',
        // Threads that wait spin before they sleep. The default is so long that they take the processor from whatever
        // else runs: on a busy machine a window took 1.2 (base) to 1.9 times as long (demo), 1.2 to 1.5 times the work.
        intra_op: { spin_duration_us: '100' },
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
    },
  })
}
