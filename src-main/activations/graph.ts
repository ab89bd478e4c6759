/** Collects an ONNX graph node by node; values are known by name. */
import { basename, dirname } from 'node:path'
import {
  encodeOnnx,
  type Attribute,
  type Constant,
  type ExternalTensor,
  type InlineTensor,
  type Node,
  type Value,
} from '../formats/onnx.ts'
import type { Weights } from './weights.ts'

export interface EncodedModel {
  readonly model: Uint8Array
  /** Weights for the session's `externalData`, each under its own name. */
  readonly memory: readonly { readonly path: string; readonly data: Uint8Array }[]
  /** Where the files lie that the graph's other weights are read from; undefined where there are none. */
  readonly folder: string | undefined
}

export class Graph {
  readonly #weights: Weights
  readonly #nodes: Node[] = []
  readonly #inFile = new Map<string, ExternalTensor>()
  readonly #computed = new Map<string, InlineTensor>()
  readonly #constants = new Map<string, Constant>()
  readonly #outputs: Value[] = []
  #folder: string | undefined

  constructor(weights: Weights) {
    this.#weights = weights
  }

  /** Adds a node with one output and gives the output's name. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `${op}_${this.#nodes.length}`
    this.#nodes.push({ op, inputs, outputs: [output], attributes })
    return output
  }

  /**
   * A weight by its tensor's name, under a shape of as many elements: row-major bytes serve [512, 512, 3] and
   * [512, 512, 1, 3] alike.
   */
  weight(name: string, shape: readonly number[]): string {
    if (this.#inFile.has(name) || this.#computed.has(name)) return name
    const place = this.#weights.place(name)
    if (place) {
      this.#folder = dirname(place.file)
      this.#inFile.set(name, { name, shape, location: basename(place.file), offset: place.offset, bytes: place.bytes })
    } else {
      const { buffer, byteOffset, byteLength } = this.#weights.read(name)
      this.#computed.set(name, { name, shape, data: new Uint8Array(buffer, byteOffset, byteLength) })
    }
    return name
  }

  /**
   * A weight computed from another.
   * @param name of the new one
   * @param from the tensor's name
   * @param derive from its row-major values to those of `shape`
   */
  derived(
    name: string,
    shape: readonly number[],
    from: string,
    derive: (values: Float32Array) => Float32Array,
  ): string {
    const { buffer, byteOffset, byteLength } = derive(this.#weights.read(from))
    this.#computed.set(name, { name, shape, data: new Uint8Array(buffer, byteOffset, byteLength) })
    return name
  }

  /** A constant vector of integers: a shape, axes. */
  integers(...values: number[]): string {
    const name = `integers_${values.join('_')}`
    this.#constants.set(name, { name, integers: values })
    return name
  }

  /** A constant number. */
  float(value: number): string {
    const name = `float_${value}`
    this.#constants.set(name, { name, float: value })
    return name
  }

  /** Makes a value of shape [frames, units] an output under a name of its own. */
  output(name: string, value: string, units: number): void {
    this.#nodes.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {} })
    this.#outputs.push({ name, shape: [`${name}_frames`, units] })
  }

  /**
   * The model, and the weights to hand over beside it. ONNX Runtime takes external weights either from files or from
   * memory, not from both, so beside weights in a file the few that were computed go inside the model.
   */
  encode(name: string, ...inputs: readonly Value[]): EncodedModel {
    const computed = [...this.#computed.values()]
    const inside = this.#inFile.size > 0
    const model = encodeOnnx({
      name,
      nodes: this.#nodes,
      weights: [...this.#inFile.values(), ...(inside ? computed : computed.map(inMemory))],
      constants: [...this.#constants.values()],
      inputs,
      outputs: this.#outputs,
    })
    return {
      model,
      memory: inside ? [] : computed.map(({ name: path, data }) => ({ path, data })),
      folder: this.#folder,
    }
  }
}

const inMemory = ({ name, shape, data }: InlineTensor): ExternalTensor => ({
  name,
  shape,
  location: name,
  offset: 0,
  bytes: data.length,
})
