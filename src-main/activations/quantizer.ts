/**
 * wav2vec 2.0's quantizer (Baevski et al. 2020, section 2), which pre-training checkpoints have beside the model: each
 * frame of the normed features chooses one code in each group. Follows transformers' `Wav2Vec2GumbelVectorQuantizer` as
 * it computes when not training: the largest logit is chosen, nothing is sampled.
 */
import type { Matrix32 } from '../linalg/matrix.ts'
import type { SpeechConfig } from './config.ts'
import type { Graph } from './graph.ts'
import { linear } from './linear.ts'
import type { StoredTensors } from './shards.ts'

type Wav2Vec2Config = Extract<SpeechConfig, { model_type: 'wav2vec2' }>

/** [frames, groups], code numbers from 0 on within each group, as float32. */
const indices = 'quantizer.indices'
/** [frames, codevector_dim], the chosen codevectors, group beside group. */
const chosen = 'quantizer.codevectors'
/** [frames, proj_codevector_dim], what the context network is trained to tell apart: `project_q` of the former. */
const projected = 'quantizer.projected'

/** Whether a layer is the quantizer's: beside the way to the last block, and given only when it is named. */
export const isQuantizers = (layer: string) => layer.startsWith('quantizer.')

/** Whether a layer's values are names, of which no mean is taken. */
export const isNominal = (layer: string) => layer === indices

/** What the graph calls the table of all codevectors, for a layer has the tensor's own name. */
const table = 'quantizer.table'

interface QuantizerTensor {
  /** In the file, at its root, beside `wav2vec2.`. */
  readonly stored: string
  /** Among the weights. */
  readonly name: string
  readonly shape: readonly number[]
}

export function quantizerTensors(config: Wav2Vec2Config): readonly QuantizerTensor[] {
  const codes = config.num_codevector_groups * config.num_codevectors_per_group
  const { codevector_dim: units, proj_codevector_dim: out } = config
  const same = (name: string, ...shape: readonly number[]) => ({ stored: name, name, shape })
  return [
    { stored: 'quantizer.codevectors', name: table, shape: [1, codes, units / config.num_codevector_groups] },
    same('quantizer.weight_proj.weight', codes, config.conv_dim.at(-1)!),
    same('quantizer.weight_proj.bias', codes),
    same('project_q.weight', out, units),
    same('project_q.bias', out),
  ]
}

/** Whether a file has all of its tensors; fine-tuned models have none, and some conversions a part. */
export function hasQuantizer(config: SpeechConfig, root: string, { tensors }: StoredTensors): boolean {
  if (config.model_type !== 'wav2vec2') return false
  return quantizerTensors(config).every(({ stored }) => tensors.has(root + stored))
}

/** Its layers with their number of units, in the order of computation. */
export const quantizerLayers = (
  config: Wav2Vec2Config,
): readonly { readonly name: string; readonly units: number }[] => [
  { name: indices, units: config.num_codevector_groups },
  { name: chosen, units: config.codevector_dim },
  { name: projected, units: config.proj_codevector_dim },
]

/**
 * Emits one of its layers.
 * @param features the normed features, [frames, channels]
 */
export function emitQuantizer(graph: Graph, config: Wav2Vec2Config, features: string, layer: string): string {
  const { num_codevector_groups: groups, num_codevectors_per_group: codes, codevector_dim: units } = config
  const logits = linear(graph, 'quantizer.weight_proj', features, config.conv_dim.at(-1)!, groups * codes)
  const grouped = graph.node('Reshape', [logits, graph.integers(0, groups, codes)])
  const largest = graph.node('ArgMax', [grouped], { axis: 2, keepdims: 0 })
  if (layer === indices) return graph.node('Cast', [largest], { to: 1 })
  const offsets = graph.integers(...Array.from({ length: groups }, (_, group) => group * codes))
  const rows = graph.weight(table, [groups * codes, units / groups])
  const vectors = graph.node('Gather', [rows, graph.node('Add', [largest, offsets])], { axis: 0 })
  const joined = graph.node('Reshape', [vectors, graph.integers(0, units)])
  return layer === chosen ? joined : linear(graph, 'project_q', joined, units, config.proj_codevector_dim)
}

/** How evenly codes are used: from the number of groups (one code each) to the number of codes (all alike often). */
export class CodePerplexity {
  /** How often each code was chosen, one map a group. */
  readonly #counts: Map<number, number>[] = []
  #frames = 0

  /** @param block [frames, groups] of `quantizer.indices` */
  add({ data, rows, cols }: Matrix32): void {
    this.#frames += rows
    for (let group = 0; group < cols; group++) {
      const counts = (this.#counts[group] ??= new Map<number, number>())
      for (let row = 0; row < rows; row++) {
        const code = data[row * cols + group]
        counts.set(code, (counts.get(code) ?? 0) + 1)
      }
    }
  }

  /** Σ over groups of exp(−Σ p log(p + 1e-7)), as transformers' `_compute_perplexity`; undefined without a frame. */
  value(): number | undefined {
    if (this.#frames === 0) return undefined
    let perplexity = 0
    for (const counts of this.#counts) {
      let entropy = 0
      for (const count of counts.values()) entropy -= (count / this.#frames) * Math.log(count / this.#frames + 1e-7)
      perplexity += Math.exp(entropy)
    }
    return perplexity
  }
}
