/** The hardware interfaces through which ONNX Runtime computes: its execution providers, ranked. */
import { listSupportedBackends } from 'onnxruntime-node'
import type { InferenceSession } from 'onnxruntime-node'

/** In the order in which `auto` tries them. */
export const providers = ['cuda', 'webgpu', 'dml', 'coreml', 'cpu'] as const

export type Provider = (typeof providers)[number]

interface ProviderEntry {
  readonly title: string
  /** Session options that it needs beside the common ones. */
  readonly options: InferenceSession.SessionOptions
}

/**
 * CUDA, DirectML and Core ML have been tried on no machine: what they compute counts only after the checks
 * (providerCheck.ts, verify.ts), as everywhere but on the CPU.
 */
const table: Readonly<Record<Provider, ProviderEntry>> = {
  cuda: { title: 'NVIDIA CUDA', options: { executionProviders: ['cuda'] } },
  webgpu: {
    title: 'WebGPU',
    options: {
      // In the other layout, NHWC, version 1.30 gives wrong convolutions without an error: differences as large as the
      // values where a group has inputs divisible by 3 but not by 4, and outputs divisible by 4 (6 to 8, 9 to 8).
      executionProviders: [{ name: 'webgpu', preferredLayout: 'NCHW' }],
    },
  },
  // Both are conditions of the provider: onnxruntime.ai, "DirectML Execution Provider".
  dml: {
    title: 'DirectML',
    options: { executionProviders: ['dml'], enableMemPattern: false, executionMode: 'sequential' },
  },
  coreml: { title: 'Apple Core ML', options: { executionProviders: ['coreml'] } },
  cpu: { title: 'CPU', options: { executionProviders: ['cpu'] } },
}

export const titleOf = (provider: Provider): string => table[provider].title

export function sessionOptions(provider: Provider): InferenceSession.SessionOptions {
  const { options } = table[provider]
  // Elsewhere than on the CPU it warns of every node of shapes that stays there, as it should.
  return provider === 'cpu' ? options : { ...options, logSeverityLevel: 3 }
}

/** Those that this ONNX Runtime was built with, whether or not the machine has what they need. */
export function builtProviders(): readonly Provider[] {
  const built = new Set(listSupportedBackends().map(({ name }) => name))
  return providers.filter((name) => built.has(name))
}
