import type { Model } from './schema.ts'

interface OnnxModel {
  readonly onnx: string
  readonly taps: NonNullable<Model['taps']>
  readonly input: { readonly normalize: boolean; readonly name?: string; readonly rank?: 1 | 2 | 3 }
  readonly hop?: number
}

interface RandomModel {
  readonly architecture: string
  readonly seed: number
  readonly tokenizer?: string
}

/** Where one set of weights comes from, as activations take it. */
export type WeightSource = { readonly checkpoint: string } | RandomModel | OnnxModel

/**
 * @param model a member (members.ts) of a model in a valid study
 * @param absolute makes a path of the study file absolute
 */
export function weightSource(model: Model, absolute: (path: string) => string): WeightSource {
  const { checkpoint, onnx, taps, input, hop, architecture, seed, tokenizer } = model
  if (checkpoint !== undefined) return { checkpoint: absolute(checkpoint) }
  if (onnx === undefined) {
    const split = tokenizer === undefined ? {} : { tokenizer: absolute(tokenizer) }
    return { architecture: architecture!, seed: seed!, ...split }
  }
  const { name, normalize, rank } = input!
  return {
    onnx: absolute(onnx),
    taps: taps!,
    input: { normalize, ...(name === undefined ? {} : { name }), ...(rank === undefined ? {} : { rank }) },
    ...(hop === undefined ? {} : { hop }),
  }
}
