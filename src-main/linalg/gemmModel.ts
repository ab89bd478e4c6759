/**
 * The ONNX model of one matrix product, Y = op(A) op(B): a single Gemm node with free dimensions. Written by hand
 * because four messages of the format are all it needs.
 * Source: onnx/onnx.proto3 (field numbers) and the operator Gemm, opset 13.
 */

/** TensorProto.DataType. */
const elementTypes = { float32: 1, float64: 11 } as const
export type ElementType = keyof typeof elementTypes

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
const integer = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)]
const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
]
const text = (field: number, value: string): number[] => bytes(field, [...new TextEncoder().encode(value)])

/** AttributeProto of type INT (2). */
const attribute = (name: string, value: number): number[] => [...text(1, name), ...integer(3, value), ...integer(20, 2)]

/** ValueInfoProto of a matrix whose two dimensions are free. */
function matrixInfo(name: string, type: ElementType): number[] {
  const dimensions = ['rows', 'cols'].flatMap((dimension) => bytes(1, text(2, `${name}_${dimension}`)))
  const tensorType = [...integer(1, elementTypes[type]), ...bytes(2, dimensions)]
  return [...text(1, name), ...bytes(2, bytes(1, tensorType))]
}

/** @returns the bytes of a ModelProto with inputs `A`, `B` and output `Y` */
export function gemmModel(type: ElementType, transposeA: boolean, transposeB: boolean): Uint8Array {
  const node = [
    ...text(1, 'A'),
    ...text(1, 'B'),
    ...text(2, 'Y'),
    ...text(4, 'Gemm'),
    ...bytes(5, attribute('transA', transposeA ? 1 : 0)),
    ...bytes(5, attribute('transB', transposeB ? 1 : 0)),
  ]
  const graph = [
    ...bytes(1, node),
    ...text(2, 'gemm'),
    ...bytes(11, matrixInfo('A', type)),
    ...bytes(11, matrixInfo('B', type)),
    ...bytes(12, matrixInfo('Y', type)),
  ]
  const opset = [...text(1, ''), ...integer(2, 13)]
  return Uint8Array.from([...integer(1, 8), ...text(2, 'heschl'), ...bytes(7, graph), ...bytes(8, opset)])
}
