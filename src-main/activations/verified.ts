/** A model's session on any provider; off the CPU its first window is computed on the CPU too, and compared. */
import type { Tensor } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import { differenceOf } from './difference.ts'
import type { Difference } from './difference.ts'
import type { EncodedModel } from './graph.ts'
import { titleOf } from './providers.ts'
import type { Provider } from './providers.ts'
import { createSession } from './session.ts'

/**
 * The largest difference between a provider and the CPU in a model's first window, in SDs of a layer. Ten times what
 * the small models of the check may have, for sums over thousands of units round differently: on SwiftShader
 * wav2vec2-base is at 2.4e-5.
 */
export const modelTolerance = 1e-3

type Outputs = Readonly<Record<string, Tensor>>

interface Session {
  /** @throws HeschlError PROVIDER_UNAVAILABLE where the provider fails, or gives other numbers than the CPU */
  readonly run: (inputs: Outputs) => Promise<Outputs>
  release(): Promise<void>
  /** What the first window's comparison gave; undefined before it, and on the CPU. */
  difference(): Difference | undefined
}

interface SessionChoice {
  readonly threads?: number
  readonly provider?: Provider
}

/**
 * Which kernels a provider takes depends on a model's shapes and on the window's length, so that a check of other
 * models does not vouch for this one. The comparison costs one window's time and, while it lasts, the CPU's memory.
 * @throws HeschlError PROVIDER_UNAVAILABLE
 */
export async function openSession(
  encoded: EncodedModel,
  { provider = 'cpu', ...options }: SessionChoice,
): Promise<Session> {
  if (provider === 'cpu') {
    const session = await createSession(encoded, options)
    return { run: (inputs) => session.run(inputs), release: () => session.release(), difference: () => undefined }
  }
  const session = await createSession(encoded, { ...options, provider }).catch((error: unknown) => {
    throw providerFailed(provider, error)
  })
  let unverified: EncodedModel | undefined = encoded
  let difference: Difference | undefined
  return {
    async run(inputs) {
      const outputs = await session.run(inputs).catch((error: unknown) => {
        throw providerFailed(provider, error)
      })
      if (unverified) {
        difference = acceptDifference(provider, outputs, await onCpu(unverified, inputs, options))
        unverified = undefined
      }
      return outputs
    },
    release: () => session.release(),
    difference: () => difference,
  }
}

async function onCpu(encoded: EncodedModel, inputs: Outputs, options: SessionChoice): Promise<Outputs> {
  const session = await createSession(encoded, options)
  try {
    return await session.run(inputs)
  } finally {
    await session.release()
  }
}

const remedy = 'Take another provider, for example `cpu`; `heschl doctor` lists those that work'

function providerFailed(provider: Provider, error: unknown): HeschlError {
  return new HeschlError('PROVIDER_UNAVAILABLE', `${titleOf(provider)} failed`, {
    expected: `a model computed by the provider \`${provider}\``,
    found: failureText(error),
    remedy,
    cause: error,
  })
}

/** @throws HeschlError PROVIDER_UNAVAILABLE where the provider's outputs are not the CPU's */
export function acceptDifference(provider: Provider, found: Outputs, expected: Outputs): Difference {
  const difference = differenceOf(found, expected)
  const { largest, layer } = difference
  if (largest <= modelTolerance) return difference
  throw new HeschlError('PROVIDER_UNAVAILABLE', `${titleOf(provider)} gives other numbers than the CPU`, {
    expected: `layers within ${modelTolerance} SD of the CPU's`,
    found: `${largest.toPrecision(2)} SD in ${layer}`,
    remedy,
  })
}

/** The end of ONNX Runtime's message, which says what was wrong; before it are places in its sources. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message
    .split('\n')[0]
    .replace(/^.* was false\. /, '')
    .slice(-300)
}
