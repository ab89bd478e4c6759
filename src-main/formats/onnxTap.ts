/**
 * Writes a model that gives values from within another as its outputs. Nodes are copied byte for byte, without those
 * that no output needs; weights are pointed at where they lie, not copied.
 */
import { encodeNode } from './onnx.ts'
import type { Node } from './onnx.ts'
import { dataTypeBytes } from './onnxParts.ts'
import type { OnnxModel, OnnxTensor } from './onnxRead.ts'
import { Message } from './protobuf.ts'

/**
 * An output to add: a value of the model, as it is under its own name, or under another name brought to float32 and, where
 * `layout` is given, to [frames, units].
 */
export interface OnnxTap {
  readonly tensor: string
  /** The value's own name, or one that no value of the model has. */
  readonly output: string
  readonly layout: { readonly rank: number; readonly framesAxis: number; readonly units: number } | undefined
}

/** Where a weight's values lie: the file's path from the session's folder. */
export type WeightPlace = (weight: OnnxTensor) => {
  readonly location: string
  readonly offset: number
  readonly length: number
}

const float32 = 1
const int64 = 7

/** The model as the bytes of a ModelProto, with the taps as its only outputs. */
export function encodeTapped(model: OnnxModel, taps: readonly OnnxTap[], placeOf: WeightPlace): Uint8Array {
  const { nodes, needed } = nodesFor(
    model,
    taps.map(({ tensor }) => tensor),
  )
  const graph = new Message()
  for (const bytes of model.rest) graph.encoded(bytes)
  for (const { bytes } of nodes) graph.raw(1, bytes)
  for (const weight of model.weights) if (needed.has(weight.name)) encodeWeight(graph, weight, placeOf)
  for (const { name, bytes } of model.inputs) if (needed.has(name)) graph.raw(11, bytes)
  for (const { name, bytes } of model.values) if (needed.has(name)) graph.raw(13, bytes)
  for (const tap of taps) encodeTap(graph, tap)
  const whole = new Message()
  for (const bytes of model.head) whole.encoded(bytes)
  return whole.message(7, graph).bytes()
}

/** The nodes on the way to these values, in order, and every name that they use. */
export function nodesFor(
  { nodes }: OnnxModel,
  tensors: readonly string[],
): { readonly nodes: OnnxModel['nodes']; readonly needed: ReadonlySet<string> } {
  const needed = new Set(tensors)
  // Nodes come after those whose outputs they use, so that one pass from the end finds all.
  const kept = nodes.toReversed().filter(({ inputs, outputs, mentioned }) => {
    if (!outputs.some((name) => name !== '' && needed.has(name))) return false
    for (const name of inputs) needed.add(name)
    for (const name of mentioned) needed.add(name)
    return true
  })
  return { nodes: kept.reverse(), needed }
}

function encodeWeight(graph: Message, weight: OnnxTensor, placeOf: WeightPlace): void {
  if (weight.bytes) {
    graph.raw(5, weight.bytes)
    return
  }
  const { location, offset, length } = placeOf(weight)
  const tensor = new Message()
  for (const size of weight.dims) tensor.integer(1, size)
  tensor.integer(2, weight.type).string(8, weight.name)
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) }))
    tensor.message(13, new Message().string(1, key).string(2, value))
  graph.message(5, tensor.integer(14, 1)) // data_location = EXTERNAL
}

function encodeTap(graph: Message, { tensor, output, layout }: OnnxTap): void {
  const add = (op: string, inputs: readonly string[], to: string, attributes: Node['attributes']) =>
    graph.message(1, encodeNode({ op, inputs, outputs: [to], attributes }))
  if (output === tensor) {
    graph.message(12, new Message().string(1, output))
    return
  }
  if (!layout) add('Cast', [tensor], output, { to: float32 })
  else {
    const { rank, framesAxis, units } = layout
    const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== framesAxis)
    add('Cast', [tensor], `${output}/float`, { to: float32 })
    add('Transpose', [`${output}/float`], `${output}/frames`, { perm: [framesAxis, ...others] })
    graph.message(
      5,
      new Message().integer(1, 2).integer(2, int64).integer(7, -1).integer(7, units).string(8, `${output}/shape`),
    )
    add('Reshape', [`${output}/frames`, `${output}/shape`], output, {})
  }
  // Without a shape: ONNX Runtime infers it.
  const type = new Message().message(1, new Message().integer(1, float32))
  graph.message(12, new Message().string(1, output).message(2, type))
}

/** Bytes of a weight's values, by its type and shape; undefined for types whose elements are no whole bytes. */
export function weightBytes({ type, dims }: OnnxTensor): number | undefined {
  const each = dataTypeBytes(type)
  return each === 0 ? undefined : dims.reduce((product, size) => product * size, each)
}
