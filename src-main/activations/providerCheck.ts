/**
 * Whether a provider computes what the CPU computes: two small random models of the kinds that there are, on 1.5 s of
 * noise. Wrong kernels give no error, and which kernel is taken depends on shapes, so the models have 74 frames
 * (attention over more than 64) and convolutions of odd widths, and every layer is compared: convolutions, norms,
 * attention, gated positions.
 */
import type { Tensor } from 'onnxruntime-node'
import { parseConfig } from './config.ts'
import { differenceOf } from './difference.ts'
import type { Difference } from './difference.ts'
import type { Network } from './network.ts'
import type { Provider } from './providers.ts'
import { fillNormal, generatorFor } from './random.ts'
import { createSession } from './session.ts'
import { sizeOf, tensorsOf } from './tensors.ts'
import { waveformNetwork } from './waveformNetwork.ts'

/**
 * The largest difference that counts as the same numbers, in SDs of a layer: the one within which the CPU agrees with
 * transformers. WebGPU on SwiftShader is at 1e-5; wrong kernels were at 0.2 and more.
 */
export const checkTolerance = 1e-4

export interface CheckResult extends Difference {
  /** Of both models' second pass, when kernels are compiled. */
  readonly seconds: number
}

const common = {
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_conv_pos_embeddings: 16,
  num_conv_pos_embedding_groups: 4,
}
const configs = {
  'group norm': {
    model_type: 'wav2vec2',
    hidden_size: 64,
    intermediate_size: 160,
    conv_dim: [32, 32, 32, 32, 32, 32, 32],
  },
  'layer norm': {
    model_type: 'wavlm',
    feat_extract_norm: 'layer',
    do_stable_layer_norm: true,
    conv_bias: true,
    hidden_size: 48,
    intermediate_size: 80,
    conv_dim: [6, 8, 12, 9, 8, 10, 24],
    num_buckets: 16,
    max_bucket_distance: 40,
  },
}
const samples = 24_000

/**
 * @returns how far the provider is from the CPU, whatever the distance
 * @throws whatever ONNX Runtime throws where the provider cannot be used
 */
export async function checkProvider(provider: Provider): Promise<CheckResult> {
  const audio = new Float32Array(samples)
  fillNormal(audio, 0.1, generatorFor(1, 'audio'))
  const results: CheckResult[] = []
  for (const [name, config] of Object.entries(configs))
    results.push(await checkNetwork(smallNetwork(name, { ...common, ...config }), audio, provider))
  const worst = results.reduce((a, b) => (b.largest > a.largest ? b : a))
  return { ...worst, seconds: results.reduce((sum, { seconds }) => sum + seconds, 0) }
}

async function checkNetwork(network: Network, audio: Float32Array, provider: Provider): Promise<CheckResult> {
  const layers = network.description.layers.map(({ name }) => name)
  const inputs = network.inputs(audio)
  const run = async (on: Provider, passes: number) => {
    const session = await createSession(network.emit(layers), { threads: 1, provider: on })
    let outputs: Readonly<Record<string, Tensor>> = {}
    let began = 0
    for (let pass = 0; pass < passes; pass++) {
      began = performance.now()
      outputs = await session.run(inputs, layers)
    }
    const seconds = (performance.now() - began) / 1000
    await session.release()
    return { outputs, seconds }
  }
  const expected = await run('cpu', 1)
  const found = await run(provider, 2)
  return { ...differenceOf(found.outputs, expected.outputs), seconds: found.seconds }
}

/** Every weight is random, norms' and biases too, at a scale that keeps the activations' own. */
function smallNetwork(name: string, values: object): Network {
  const config = parseConfig(JSON.stringify(values), name)
  const shapes = new Map(tensorsOf(config).map(({ name: tensor, shape }) => [tensor, shape]))
  const weights = {
    place: () => null,
    read(tensor: string) {
      const [outputs, ...rest] = shapes.get(tensor)!
      const drawn = new Float32Array(outputs * sizeOf(rest))
      fillNormal(drawn, rest.length === 0 ? 0.5 : 1 / Math.sqrt(sizeOf(rest)), generatorFor(1, tensor))
      return drawn
    },
  }
  return waveformNetwork({ config, normalize: false, weights }, name, 'random weights')
}
