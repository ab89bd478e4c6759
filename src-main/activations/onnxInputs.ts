/** What an ONNX model is given: the audio, and beside it masks and lengths that follow from it. */
import { Tensor } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import type { OnnxValue } from '../formats/onnxParts.ts'
import type { OnnxFile } from './onnxFile.ts'
import type { OnnxSource } from './types.ts'

/** The tensors of one window. */
export type OnnxFeed = (samples: Float32Array) => Record<string, Tensor>

const audioTypes = ['float32', 'float16', 'float64']
const integerTypes = ['int64', 'int32']

/**
 * How to feed a model, from what its inputs say.
 * @param needed the names that the chosen layers need: other inputs are left out
 * @throws HeschlError CONFIG_UNSUPPORTED (no audio input, an input that Heschl cannot fill, a fixed length)
 */
export function feedFor(
  { path, model }: OnnxFile,
  needed: ReadonlySet<string>,
  { name, rank }: OnnxSource['input'],
): OnnxFeed {
  const inputs = model.inputs.filter((input) => needed.has(input.name))
  const audio = audioInput(inputs, name, path)
  const shape = audioShape(audio, rank, path)
  const others = inputs
    .filter((input) => input !== audio)
    .map((input) => [input.name, fillerFor(input, audio, path)] as const)
  return (samples) => {
    const feed: Record<string, Tensor> = { [audio.name]: audioTensor(audio, samples, [...shape, samples.length]) }
    for (const [other, fill] of others) feed[other] = fill(samples.length)
    return feed
  }
}

function audioInput(inputs: readonly OnnxValue[], name: string | undefined, file: string): OnnxValue {
  const floats = inputs.filter((input) => name === undefined && audioTypes.includes(input.type ?? ''))
  const [audio, second] = name === undefined ? floats : inputs.filter((input) => input.name === name)
  if (audio && !second && audioTypes.includes(audio.type ?? '')) return audio
  throw unsupported(
    file,
    name === undefined
      ? 'one input of floating-point numbers, for the audio'
      : `an input ${name} of floating-point numbers`,
    inputs.length === 0 ? 'no inputs on the way to these layers' : inputs.map(described).join(', '),
    name === undefined ? 'Name the input that takes the audio' : 'Name one of these inputs',
  )
}

/** The dimensions before the samples: ones. */
function audioShape(audio: OnnxValue, rank: 1 | 2 | 3 | undefined, file: string): readonly number[] {
  const { shape } = audio
  const ranks = shape?.length ?? rank
  if (ranks === undefined || ranks < 1 || ranks > 3 || (rank !== undefined && rank !== ranks))
    throw unsupported(
      file,
      'audio as [samples], [1, samples] or [1, 1, samples]',
      described(audio),
      shape
        ? 'Export the model so that it takes the waveform itself'
        : 'Say how many dimensions the audio has (`rank`)',
    )
  const before = shape?.slice(0, -1) ?? []
  // Some exporters write -1 for a dimension that is free.
  if (before.some((size) => typeof size === 'number' && size !== 1 && size > 0) || isFixed(shape?.at(-1)))
    throw unsupported(
      file,
      'audio of any length, one recording at a time',
      described(audio),
      'Export the model with free dimensions for batch and samples (dynamic_axes, dynamic_shapes)',
    )
  return Array.from({ length: ranks - 1 }, () => 1)
}

const isFixed = (size: number | string | null | undefined) => typeof size === 'number' && size > 0

function audioTensor({ type }: OnnxValue, samples: Float32Array, dims: readonly number[]): Tensor {
  if (type === 'float64') return new Tensor('float64', Float64Array.from(samples), dims)
  if (type === 'float16') {
    const halves = Float16Array.from(samples)
    return new Tensor('float16', new Uint16Array(halves.buffer), dims)
  }
  return new Tensor('float32', samples, dims)
}

/**
 * Masks are ones: every sample of a window is audio. Lengths are the number of samples.
 * @throws HeschlError CONFIG_UNSUPPORTED for anything else
 */
function fillerFor(input: OnnxValue, audio: OnnxValue, file: string): (samples: number) => Tensor {
  const { name, type = '', shape = [] } = input
  const free = shape.slice(0, -1).every((size) => !isFixed(size) || size === 1)
  const asLong = shape.length > 0 && free && !isFixed(shape.at(-1)) && sameLength(shape.at(-1), audio)
  // Where a padding mask is 1, there is no audio.
  if (asLong && /mask/i.test(name) && !/pad/i.test(name)) {
    const dims = (samples: number) => [...shape.slice(0, -1).map(() => 1), samples]
    if (type === 'bool') return (samples) => new Tensor('bool', new Uint8Array(samples).fill(1), dims(samples))
    if (type === 'int64') return (samples) => new Tensor('int64', new BigInt64Array(samples).fill(1n), dims(samples))
    if (type === 'int32') return (samples) => new Tensor('int32', new Int32Array(samples).fill(1), dims(samples))
    if (type === 'float32') return (samples) => new Tensor('float32', new Float32Array(samples).fill(1), dims(samples))
  }
  const single = shape.length <= 1 && (shape.length === 0 || !isFixed(shape[0]) || shape[0] === 1)
  if (single && integerTypes.includes(type) && /len/i.test(name)) {
    const dims = shape.map(() => 1)
    if (type === 'int64') return (samples) => new Tensor('int64', BigInt64Array.of(BigInt(samples)), dims)
    return (samples) => new Tensor('int32', Int32Array.of(samples), dims)
  }
  throw unsupported(
    file,
    'the audio alone, and masks and lengths beside it',
    described(input),
    'Export the model without this input, or with its value fixed',
  )
}

/** By the name of the free dimension, where both have one. */
function sameLength(size: number | string | null | undefined, { shape }: OnnxValue): boolean {
  const samples = shape?.at(-1)
  return typeof size !== 'string' || typeof samples !== 'string' || size === samples || !/frame|token|word/i.test(size)
}

const described = ({ name, type = 'no tensor', shape }: OnnxValue) =>
  `${name.slice(0, 100)}: ${type}${shape ? ` [${shape.map((size) => size ?? '?').join(', ')}]` : ', of no stated shape'}`

function unsupported(file: string, expected: string, found: string, remedy: string): HeschlError {
  return new HeschlError('CONFIG_UNSUPPORTED', 'Heschl cannot give this ONNX model what it takes', {
    expected,
    found,
    where: { file },
    remedy,
  })
}
