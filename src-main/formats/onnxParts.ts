/**
 * The parts of an ONNX graph as they stand in its bytes: nodes, tensors, values.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 (field numbers).
 */
import { ProtobufInvalid, protobufFields, protobufIntegers, protobufText } from './protobufRead.ts'
import type { ProtobufField } from './protobufRead.ts'

/** TensorProto.DataType: its name, and bytes an element; 0 where elements are no whole bytes, or texts. */
const dataTypes: Readonly<Record<number, readonly [name: string, bytes: number]>> = {
  1: ['float32', 4],
  2: ['uint8', 1],
  3: ['int8', 1],
  4: ['uint16', 2],
  5: ['int16', 2],
  6: ['int32', 4],
  7: ['int64', 8],
  8: ['string', 0],
  9: ['bool', 1],
  10: ['float16', 2],
  11: ['float64', 8],
  12: ['uint32', 4],
  13: ['uint64', 8],
  16: ['bfloat16', 2],
}

/** The name of a TensorProto.DataType; that of one that Heschl does not know is its number. */
export const dataTypeName = (type: number) => dataTypes[type]?.[0] ?? `type ${type}`
export const dataTypeBytes = (type: number) => dataTypes[type]?.[1] ?? 0

/** What computes something: the body of a NodeProto. */
export interface OnnxNode {
  readonly bytes: Uint8Array
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Names that the graphs inside it (of `If`, `Loop`, `Scan`) mention: some of them are values of the graph around. */
  readonly mentioned: readonly string[]
}

/** An input, an output or another value of which the model says what it is: the body of a ValueInfoProto. */
export interface OnnxValue {
  readonly bytes: Uint8Array
  readonly name: string
  /** `float32`, `int64`…; undefined where the model does not say, or where it is no tensor. */
  readonly type: string | undefined
  /** Numbers, names of free dimensions, or null for one of which nothing is said; undefined where there is no shape. */
  readonly shape: readonly (number | string | null)[] | undefined
}

/** Where a tensor's values lie, as the model says. */
export interface OnnxExternal {
  readonly location: string
  readonly offset: number
  /** Undefined: to the end of the file. */
  readonly length: number | undefined
}

/** What stands before a tensor's values. */
export interface OnnxTensorHead {
  readonly name: string
  readonly type: number
  readonly dims: readonly number[]
  readonly external: OnnxExternal | undefined
}

const mostNames = 1_000_000
const mostDepth = 32
const mostDims = 64

/** Counts names over a whole model, so that two bytes of a file never become more than a bounded number of objects. */
export class NameCount {
  #left = mostNames

  take(): void {
    if (this.#left-- === 0) throw new ProtobufInvalid(`more than ${mostNames.toLocaleString('en')} names`)
  }
}

/** @throws ProtobufInvalid */
export function parseNode(bytes: Uint8Array, names: NameCount): OnnxNode {
  let op = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const mentioned: string[] = []
  for (const field of protobufFields(bytes)) {
    if (field.number === 1 || field.number === 2) {
      names.take()
      ;(field.number === 1 ? inputs : outputs).push(protobufText(bytes, field))
    } else if (field.number === 4) op = protobufText(bytes, field)
    else if (field.number === 5) scanAttribute(bytes, field, mentioned, names, 0)
  }
  return { bytes, op, inputs, outputs, mentioned }
}

/** The names that a function's nodes need are its own; it is looked through for data in files. */
export function checkFunction(bytes: Uint8Array, names: NameCount): void {
  for (const field of protobufFields(bytes)) if (field.number === 7) scanNode(bytes, field, [], names, 0)
}

function scanAttribute(bytes: Uint8Array, at: ProtobufField, found: string[], names: NameCount, depth: number): void {
  for (const field of fieldsIn(bytes, at)) {
    // A tensor, tensors; a graph, graphs; a sparse tensor, sparse tensors
    if (field.number === 5 || field.number === 10) refuseExternal(bytes, field)
    else if (field.number === 6 || field.number === 11) scanGraph(bytes, field, found, names, depth + 1)
    else if (field.number === 22 || field.number === 23) checkSparse(bytes, field.start, field.end)
  }
}

function scanGraph(bytes: Uint8Array, at: ProtobufField, found: string[], names: NameCount, depth: number): void {
  if (depth > mostDepth) throw new ProtobufInvalid(`graphs nested more than ${mostDepth} deep`)
  for (const field of fieldsIn(bytes, at)) {
    if (field.number === 1) scanNode(bytes, field, found, names, depth)
    else if (field.number === 5) refuseExternal(bytes, field)
    else if (field.number === 12) {
      // An output may be a value of the graph around, without any node.
      for (const part of fieldsIn(bytes, field)) if (part.number === 1) mention(bytes, part, found, names)
    } else if (field.number === 15) checkSparse(bytes, field.start, field.end)
  }
}

function scanNode(bytes: Uint8Array, at: ProtobufField, found: string[], names: NameCount, depth: number): void {
  for (const field of fieldsIn(bytes, at)) {
    if (field.number === 1) mention(bytes, field, found, names)
    else if (field.number === 5) scanAttribute(bytes, field, found, names, depth)
  }
}

function mention(bytes: Uint8Array, field: ProtobufField, found: string[], names: NameCount): void {
  names.take()
  found.push(protobufText(bytes, field))
}

/** Values and indices of a sparse tensor. */
export function checkSparse(bytes: Uint8Array, start = 0, end = bytes.length): void {
  for (const field of protobufFields(bytes, start, end))
    if (field.number === 1 || field.number === 2) refuseExternal(bytes, field)
}

/** Data in files is followed for weights of the graph alone: nothing else of a model may name a file. */
function refuseExternal(bytes: Uint8Array, at: ProtobufField): void {
  for (const field of fieldsIn(bytes, at)) {
    if (field.number === 13 || (field.number === 14 && field.value !== 0))
      throw new ProtobufInvalid('data in another file, of a tensor that is no weight of the graph')
  }
}

function fieldsIn(bytes: Uint8Array, field: ProtobufField): Generator<ProtobufField> {
  if (field.kind !== 'bytes') throw new ProtobufInvalid(`a number where a message stands (field ${field.number})`)
  return protobufFields(bytes, field.start, field.end)
}

/** @throws ProtobufInvalid */
export function parseValue(bytes: Uint8Array, names: NameCount): OnnxValue {
  let name = ''
  let type: string | undefined
  let shape: OnnxValue['shape']
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) name = protobufText(bytes, field)
    if (field.number !== 2) continue
    for (const kind of fieldsIn(bytes, field)) {
      if (kind.number !== 1) continue
      for (const part of fieldsIn(bytes, kind)) {
        if (part.number === 1) type = dataTypeName(part.value)
        else if (part.number === 2) shape = parseShape(bytes, part)
      }
    }
  }
  names.take()
  return { bytes, name, type, shape }
}

function parseShape(bytes: Uint8Array, at: ProtobufField): readonly (number | string | null)[] {
  const shape: (number | string | null)[] = []
  for (const field of fieldsIn(bytes, at)) {
    if (field.number !== 1) continue
    if (shape.length === mostDims) throw new ProtobufInvalid(`more than ${mostDims} dimensions`)
    let size: number | string | null = null
    for (const part of fieldsIn(bytes, field)) {
      if (part.number === 1) size = part.value
      else if (part.number === 2) size = protobufText(bytes, part)
    }
    shape.push(size)
  }
  return shape
}

/**
 * A tensor's name, type, dimensions and place, from the fields that are not its values.
 * @param fields of the tensor; those that hold values are passed over
 * @param bytes what the fields' places count in
 * @throws ProtobufInvalid
 */
export function parseTensorHead(fields: Iterable<ProtobufField>, bytes: Uint8Array): OnnxTensorHead {
  let name = ''
  let type = 0
  let isExternal = false
  const dims: number[] = []
  const entries = new Map<string, string>()
  for (const field of fields) {
    if (field.number === 1) dims.push(...protobufIntegers(bytes, field, mostDims))
    else if (field.number === 2) type = field.value
    else if (field.number === 8) name = protobufText(bytes, field)
    else if (field.number === 13) {
      const [key, value] = parseEntry(bytes, field)
      entries.set(key, value)
    } else if (field.number === 14) isExternal = field.value === 1
    if (dims.length > mostDims) throw new ProtobufInvalid(`more than ${mostDims} dimensions`)
  }
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new ProtobufInvalid(`the dimensions [${dims.join(', ')}] of ${name.slice(0, 200)}`)
  return { name, type, dims, external: isExternal ? externalOf(entries, name) : undefined }
}

function parseEntry(bytes: Uint8Array, at: ProtobufField): [string, string] {
  const entry: [string, string] = ['', '']
  for (const field of fieldsIn(bytes, at)) {
    if (field.number === 1) entry[0] = protobufText(bytes, field)
    else if (field.number === 2) entry[1] = protobufText(bytes, field)
  }
  return entry
}

function externalOf(entries: ReadonlyMap<string, string>, name: string): OnnxExternal {
  const integer = (key: string) => {
    const text = entries.get(key)
    if (text === undefined) return undefined
    if (!/^\d{1,15}$/.test(text))
      throw new ProtobufInvalid(`the ${key} "${text.slice(0, 40)}" of ${name.slice(0, 200)}`)
    return Number(text)
  }
  return { location: entries.get('location') ?? '', offset: integer('offset') ?? 0, length: integer('length') }
}
