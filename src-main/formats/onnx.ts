/**
 * Writes ONNX models: the few messages of `onnx.proto3` that a graph of our own needs.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 (field numbers), IR version 10, opset 20.
 *
 * Weights can be external data, a place in a file or in memory, so that protobuf's limit of 2 GiB does not apply.
 */
import { Message } from './protobuf.ts'

export type Attribute = number | string | readonly number[] | { readonly float: number }

export interface Node {
  readonly op: string
  /** An empty string leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Numbers are integers (`{ float }` is a float), arrays are lists of integers. */
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** Float32 weights that lie somewhere else. */
export interface ExternalTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** A file's name in the session's folder, or a name among the session's `externalData`. */
  readonly location: string
  readonly offset: number
  readonly bytes: number
}

/** Float32 weights inside the model. */
export interface InlineTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Little-endian, row-major. */
  readonly data: Uint8Array
}

/** Small constants inside the model: a shape, a scale. */
export type Constant =
  { readonly name: string; readonly integers: readonly number[] } | { readonly name: string; readonly float: number }

/** An input or output, float32 unless it says otherwise; named dimensions are free. */
export interface Value {
  readonly name: string
  readonly shape: readonly (number | string)[]
  readonly type?: 'float' | 'int64'
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly weights: readonly (ExternalTensor | InlineTensor)[]
  readonly constants: readonly Constant[]
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
}

const irVersion = 10
const opset = 20
const dataType = { float: 1, int64: 7 } as const
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const

/** The model as the bytes of a ModelProto. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const encoded = new Message()
  for (const node of graph.nodes) encoded.message(1, encodeNode(node))
  encoded.string(2, graph.name)
  for (const weight of graph.weights) encoded.message(5, encodeWeight(weight))
  for (const constant of graph.constants) encoded.message(5, encodeConstant(constant))
  for (const input of graph.inputs) encoded.message(11, encodeValue(input))
  for (const output of graph.outputs) encoded.message(12, encodeValue(output))
  return new Message()
    .integer(1, irVersion)
    .string(2, 'heschl')
    .message(7, encoded)
    .message(8, new Message().string(1, '').integer(2, opset))
    .bytes()
}

/** A node as the body of a NodeProto. */
export function encodeNode({ op, inputs, outputs, attributes }: Node): Message {
  const node = new Message()
  for (const input of inputs) node.string(1, input)
  for (const output of outputs) node.string(2, output)
  node.string(4, op)
  for (const [name, value] of Object.entries(attributes)) node.message(5, encodeAttribute(name, value))
  return node
}

function encodeAttribute(name: string, value: Attribute): Message {
  const attribute = new Message().string(1, name)
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, attributeType.int)
  if (typeof value === 'string') return attribute.string(4, value).integer(20, attributeType.string)
  if ('float' in value) return attribute.float(2, value.float).integer(20, attributeType.float)
  for (const item of value) attribute.integer(8, item)
  return attribute.integer(20, attributeType.ints)
}

function encodeWeight(weight: ExternalTensor | InlineTensor): Message {
  const tensor = new Message()
  for (const size of weight.shape) tensor.integer(1, size)
  tensor.integer(2, dataType.float).string(8, weight.name)
  if ('data' in weight) return tensor.raw(9, weight.data)
  const { location, offset, bytes } = weight
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(bytes) })) {
    tensor.message(13, new Message().string(1, key).string(2, value))
  }
  return tensor.integer(14, 1) // data_location = EXTERNAL
}

function encodeConstant(constant: Constant): Message {
  const tensor = new Message()
  if ('float' in constant) return tensor.integer(2, dataType.float).float(4, constant.float).string(8, constant.name)
  tensor.integer(1, constant.integers.length).integer(2, dataType.int64)
  for (const value of constant.integers) tensor.integer(7, value)
  return tensor.string(8, constant.name)
}

function encodeValue({ name, shape, type = 'float' }: Value): Message {
  const dimensions = new Message()
  for (const size of shape) {
    const dimension = new Message()
    dimensions.message(1, typeof size === 'number' ? dimension.integer(1, size) : dimension.string(2, size))
  }
  const tensor = new Message().integer(1, dataType[type]).message(2, dimensions)
  return new Message().string(1, name).message(2, new Message().message(1, tensor))
}
