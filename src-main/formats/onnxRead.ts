/**
 * Reads ONNX models without their weights, which are passed over in the file: a model of gigabytes takes the memory of
 * its graph. What is read is written again by `onnxTap.ts`.
 */
import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'
import { checkFunction, checkSparse, NameCount, parseNode, parseTensorHead, parseValue } from './onnxParts.ts'
import { dataTypeBytes, dataTypeName } from './onnxParts.ts'
import type { OnnxNode, OnnxTensorHead, OnnxValue } from './onnxParts.ts'
import { ProtobufInvalid, protobufFields, protobufFieldsOf } from './protobufRead.ts'
import type { ProtobufField } from './protobufRead.ts'

/** A weight: its values stand in the model's graph (`bytes`), at a place in the model's file, or in another file. */
export interface OnnxTensor extends OnnxTensorHead {
  /** The body of its TensorProto, where the values are small or not raw bytes. */
  readonly bytes: Uint8Array | undefined
  /** Of raw values within the model's own file. */
  readonly raw: { readonly offset: number; readonly length: number } | undefined
}

export interface OnnxModel {
  /** Fields of the model but its graph, with their tags: versions, operator sets, functions. */
  readonly head: readonly Uint8Array[]
  /** Fields of the graph that are none of the following, with their tags. */
  readonly rest: readonly Uint8Array[]
  /** In the order of computation. */
  readonly nodes: readonly OnnxNode[]
  readonly weights: readonly OnnxTensor[]
  /** What a caller gives: inputs that are no weights. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** What the model says of values in between; often nothing. */
  readonly values: readonly OnnxValue[]
}

/** Held in memory of one model, beside the objects for at most a million names. */
const mostHeld = 256 * 1024 * 1024
const mostParts = 200_000
/** Smaller weights stay in the graph: shapes are computed from some of them. */
const leastRaw = 1024

/**
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID (not a whole ONNX model, or one with a graph of
 *   more than 256 MiB beside its weights)
 */
export function readOnnx(path: string): Promise<OnnxModel> {
  return withFile(path, async (file) => {
    try {
      return await new Reader(file).read()
    } catch (error) {
      if (error instanceof ProtobufInvalid) throw invalid(file.path, 'a whole ONNX model', error.message, error)
      throw error
    }
  })
}

class Reader {
  readonly #file: FileBytes
  readonly #names = new NameCount()
  #left = mostHeld
  #parts = 0
  readonly #head: Uint8Array[] = []
  readonly #rest: Uint8Array[] = []
  readonly #nodes: OnnxNode[] = []
  readonly #weights: OnnxTensor[] = []
  readonly #inputs: OnnxValue[] = []
  readonly #outputs: OnnxValue[] = []
  readonly #values: OnnxValue[] = []

  constructor(file: FileBytes) {
    this.#file = file
  }

  async read(): Promise<OnnxModel> {
    const { path, size } = this.#file
    let end = 0
    let graphs = 0
    for await (const field of protobufFieldsOf(this.#file, 0, size)) {
      this.#count()
      if (field.number === 7) {
        graphs++
        await this.#graph(field)
      } else await this.#model(field, end)
      end = field.end
    }
    if (graphs === 0 || this.#nodes.length === 0) throw invalid(path, 'an ONNX model with a graph', 'none')
    const weights = new Set(this.#weights.map(({ name }) => name))
    return {
      head: this.#head,
      rest: this.#rest,
      nodes: this.#nodes,
      weights: this.#weights,
      inputs: this.#inputs.filter(({ name }) => !weights.has(name)),
      outputs: this.#outputs,
      values: this.#values,
    }
  }

  /** @param start of the field, its tag counted */
  async #model(field: ProtobufField, start: number): Promise<void> {
    // Texts for people, and what is needed for training alone
    if ([6, 14, 20].includes(field.number)) return
    const whole = await this.#bytes(start, field.end)
    if (field.number === 25) checkFunction(whole.subarray(field.start - start), this.#names)
    this.#head.push(whole)
  }

  async #graph(graph: ProtobufField): Promise<void> {
    if (graph.kind !== 'bytes') throw new ProtobufInvalid('a number where the graph stands')
    let end = graph.start
    for await (const field of protobufFieldsOf(this.#file, graph.start, graph.end)) {
      this.#count()
      await this.#part(field, end)
      end = field.end
    }
  }

  async #part(field: ProtobufField, start: number): Promise<void> {
    const { number, kind } = field
    // Texts for people, and notes of quantizers
    if (number === 10 || number === 14 || number === 16) return
    if (kind !== 'bytes') throw new ProtobufInvalid(`a number where field ${number} of the graph stands`)
    if (number === 5) {
      this.#weights.push(await this.#weight(field))
    } else if (number === 1) {
      this.#nodes.push(parseNode(await this.#bytes(field.start, field.end), this.#names))
    } else if (number === 11 || number === 12 || number === 13) {
      const value = parseValue(await this.#bytes(field.start, field.end), this.#names)
      ;(number === 11 ? this.#inputs : number === 12 ? this.#outputs : this.#values).push(value)
    } else {
      const whole = await this.#bytes(start, field.end)
      if (number === 15) checkSparse(whole.subarray(field.start - start))
      this.#rest.push(whole)
    }
  }

  async #weight(field: ProtobufField): Promise<OnnxTensor> {
    if (field.end - field.start > 4 * leastRaw) {
      const large = await this.#largeWeight(field)
      if (large) return large
    }
    const bytes = await this.#bytes(field.start, field.end)
    const head = parseTensorHead(protobufFields(bytes), bytes)
    return { ...head, bytes: head.external ? undefined : bytes, raw: undefined }
  }

  /** A weight whose raw values are passed over; undefined where they are not raw. */
  async #largeWeight({ start, end }: ProtobufField): Promise<OnnxTensor | undefined> {
    const pieces: Uint8Array[] = []
    let raw: OnnxTensor['raw']
    let from = start
    for await (const field of protobufFieldsOf(this.#file, start, end)) {
      this.#count()
      if (field.number === 9 && field.kind === 'bytes') raw = { offset: field.start, length: field.end - field.start }
      else if ([4, 5, 6, 7, 10, 11].includes(field.number)) return undefined
      else pieces.push(await this.#bytes(from, field.end))
      from = field.end
    }
    if (!raw || raw.length < leastRaw) return undefined
    const bytes = Buffer.concat(pieces)
    const head = parseTensorHead(protobufFields(bytes), bytes)
    if (head.external) throw new ProtobufInvalid(`values both here and in another file, of ${head.name.slice(0, 200)}`)
    const expected = head.dims.reduce((product, size) => product * size, dataTypeBytes(head.type))
    if (expected !== raw.length)
      throw new ProtobufInvalid(
        `${raw.length} bytes for ${dataTypeName(head.type)} [${head.dims.join(', ')}] of ${head.name.slice(0, 200)}`,
      )
    return { ...head, bytes: undefined, raw }
  }

  async #bytes(start: number, end: number): Promise<Uint8Array> {
    this.#left -= end - start
    if (this.#left < 0)
      throw new ProtobufInvalid(`a graph of more than ${mostHeld.toLocaleString('en')} bytes beside its weights`)
    const bytes = new Uint8Array(end - start)
    await this.#file.read(start, bytes)
    return bytes
  }

  #count(): void {
    if (++this.#parts > mostParts) throw new ProtobufInvalid(`more than ${mostParts.toLocaleString('en')} parts`)
  }
}

function invalid(file: string, expected: string, found: string, cause?: unknown): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not an ONNX model that Heschl reads', {
    expected,
    found,
    where: { file },
    remedy: 'Export the model again, or copy or download the file again',
    ...(cause === undefined ? {} : { cause }),
  })
}
