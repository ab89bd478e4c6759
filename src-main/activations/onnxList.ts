/** What can be tapped in an ONNX model: every value that it computes, with what is known of it. */
import { encodeTapped } from '../formats/onnxTap.ts'
import type { OnnxValue } from '../formats/onnxParts.ts'
import { openOnnx } from './onnxFile.ts'
import { notRun } from './onnxProbe.ts'
import { createSession } from './session.ts'

export interface TapValue {
  readonly name: string
  /** The operator of the node that computes it. */
  readonly op: string
  /** `float32`, `int64`…, null where it cannot be told. */
  readonly type: string | null
  /** Sizes, and names of free dimensions ('?' where they have none); null where it cannot be told. */
  readonly shape: readonly (number | string)[] | null
}

export interface TapList {
  readonly inputs: readonly Omit<TapValue, 'op'>[]
  /** The model's own outputs. */
  readonly outputs: readonly string[]
  /** In the order of computation, without constants. */
  readonly values: readonly TapValue[]
}

/**
 * Types and shapes are those that the file says, else those that ONNX Runtime infers when it opens the model with all
 * of its values as outputs.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID
 */
export async function listTaps(path: string): Promise<TapList> {
  const file = await openOnnx(path)
  const { model } = file
  const values = model.nodes
    .filter(({ op }) => op !== 'Constant')
    .flatMap(({ op, outputs }) => outputs.filter((name) => name !== '').map((name) => ({ name, op })))
  const said = new Map([...model.values, ...model.outputs].map((value) => [value.name, value]))
  const inferred = await infer(
    file,
    values.filter(({ name }) => !said.get(name)?.shape).map(({ name }) => name),
  )
  return {
    inputs: model.inputs.map(({ name, type, shape }) => ({ name, ...written({ type, shape }) })),
    outputs: model.outputs.map(({ name }) => name),
    values: values.map(({ name, op }) => ({ name, op, ...(inferred.get(name) ?? written(said.get(name))) })),
  }
}

type Facts = Pick<TapValue, 'type' | 'shape'>

const written = (value: Pick<OnnxValue, 'type' | 'shape'> | undefined): Facts => ({
  type: value?.type ?? null,
  shape: value?.shape?.map((size) => (typeof size === 'string' ? size : (size ?? '?'))) ?? null,
})

async function infer(
  { path, model, placeOf, folder }: Awaited<ReturnType<typeof openOnnx>>,
  names: readonly string[],
): Promise<ReadonlyMap<string, Facts>> {
  if (names.length === 0) return new Map()
  const taps = names.map((name) => ({ tensor: name, output: name, layout: undefined }))
  const encoded = { model: encodeTapped(model, taps, placeOf), memory: [], folder }
  const session = await createSession(encoded, {}).catch((error: unknown) => Promise.reject(notRun(error, path)))
  const facts = session.outputMetadata.map((output): [string, Facts] => [
    output.name,
    output.isTensor
      ? { type: output.type, shape: output.shape.map((size) => (size === '' ? '?' : size)) }
      : { type: null, shape: null },
  ])
  await session.release()
  return new Map(facts)
}
