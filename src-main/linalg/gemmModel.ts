/**
 * The ONNX model of one matrix product, Y = op(A) op(B): a single Gemm node with free dimensions, in float32 or float64
 * (which `formats/onnx.ts` does not write, as no checkpoint needs it).
 * Source: onnx/onnx.proto3 (field numbers) and the operator Gemm, opset 13.
 */
import { Message } from '../formats/protobuf.ts'

/** TensorProto.DataType. */
const elementTypes = { float32: 1, float64: 11 } as const

/** AttributeProto of type INT (2). */
const attribute = (name: string, value: number) => new Message().string(1, name).integer(3, value).integer(20, 2)

/** ValueInfoProto of a matrix whose two dimensions are free. */
function matrixInfo(name: string, type: keyof typeof elementTypes): Message {
  const shape = new Message()
  for (const side of ['rows', 'cols']) shape.message(1, new Message().string(2, `${name}_${side}`))
  const tensorType = new Message().integer(1, elementTypes[type]).message(2, shape)
  return new Message().string(1, name).message(2, new Message().message(1, tensorType))
}

/** AttributeProto of type FLOAT (1), of which the default 1 is left out. */
const factor = (name: string, value: number) => new Message().string(1, name).float(2, value).integer(20, 1)

/**
 * @param third Y = C - op(A) op(B), where C may be the very memory of Y, or C + op(A) op(B)
 * @returns the bytes of a ModelProto with inputs `A`, `B` (and `C`) and output `Y`
 */
export function gemmModel(
  type: keyof typeof elementTypes,
  transposeA: boolean,
  transposeB: boolean,
  third: 'less' | 'plus' | undefined,
): Uint8Array {
  const node = new Message().string(1, 'A').string(1, 'B')
  if (third) node.string(1, 'C')
  if (third === 'less') node.message(5, factor('alpha', -1))
  node
    .string(2, 'Y')
    .string(4, 'Gemm')
    .message(5, attribute('transA', transposeA ? 1 : 0))
    .message(5, attribute('transB', transposeB ? 1 : 0))
  const graph = new Message()
    .message(1, node)
    .string(2, 'gemm')
    .message(11, matrixInfo('A', type))
    .message(11, matrixInfo('B', type))
  if (third) graph.message(11, matrixInfo('C', type))
  graph.message(12, matrixInfo('Y', type))
  const opset = new Message().string(1, '').integer(2, 13)
  return new Message().integer(1, 8).string(2, 'heschl').message(7, graph).message(8, opset).bytes()
}
