/**
 * An ONNX file and the files of weights beside it. A model is from anywhere: the names of files in it are followed
 * within its own folder alone, and every weight's place is checked against the file it is said to be in.
 */
import { realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { HeschlError } from '../errors.ts'
import { dataTypeName } from '../formats/onnxParts.ts'
import { readOnnx } from '../formats/onnxRead.ts'
import type { OnnxModel, OnnxTensor } from '../formats/onnxRead.ts'
import { weightBytes } from '../formats/onnxTap.ts'
import type { WeightPlace } from '../formats/onnxTap.ts'

export interface OnnxFile {
  readonly path: string
  readonly model: OnnxModel
  /** Where a weight's values lie, from `folder` on. */
  readonly placeOf: WeightPlace
  /** The real folder that holds all files: ONNX Runtime follows no link out of a folder, and caches are links. */
  readonly folder: string
}

/**
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID (a weight in a file that is not
 *   there, not in the folder, or shorter than the weight)
 */
export async function openOnnx(path: string): Promise<OnnxFile> {
  const model = await readOnnx(path)
  const own = realpathSync(path)
  const real = new Map<string, { readonly path: string; readonly bytes: number }>()
  for (const { name, external } of model.weights) {
    if (!external || real.has(external.location)) continue
    const file = locate(path, external.location, name)
    real.set(external.location, { path: realpathSync(file), bytes: statSync(file).size })
  }
  const folder = commonFolder([own, ...[...real.values()].map((file) => file.path)])
  const places = new Map<string, ReturnType<WeightPlace>>()
  for (const weight of model.weights) {
    const { name, external, raw } = weight
    if (raw) places.set(name, { location: within(folder, own), ...raw })
    if (!external) continue
    const file = real.get(external.location)!
    places.set(name, { location: within(folder, file.path), ...placeIn(path, weight, external, file.bytes) })
  }
  return { path, model, folder, placeOf: ({ name }) => places.get(name)! }
}

/** Every file that defines the model; of one that cannot be read, itself alone. */
export async function onnxFiles(path: string): Promise<readonly string[]> {
  const { weights } = await readOnnx(path)
  const locations = weights.flatMap(({ name, external }) => (external ? [locate(path, external.location, name)] : []))
  return [path, ...new Set(locations)]
}

function locate(path: string, location: string, tensor: string): string {
  const parts = location.split('/')
  const plain = location !== '' && !isAbsolute(location) && !/[\\:\0]/.test(location)
  if (!plain || parts.some((part) => part === '..' || part === ''))
    throw misplaced(path, tensor, "a file in the model's folder", JSON.stringify(location.slice(0, 200)))
  const file = join(dirname(path), location)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile()) return file
  throw misplaced(path, tensor, `the weights in ${file}`, found ? 'no file' : 'nothing there')
}

function placeIn(
  path: string,
  weight: OnnxTensor,
  { offset, length }: NonNullable<OnnxTensor['external']>,
  fileBytes: number,
): { readonly offset: number; readonly length: number } {
  const { name, type, dims } = weight
  const bytes = weightBytes(weight) ?? length ?? fileBytes - offset
  const what = `${dataTypeName(type)} [${dims.join(', ')}]`
  if (length !== undefined && length !== bytes) throw misplaced(path, name, `${bytes} bytes for ${what}`, `${length}`)
  if (!(offset + bytes <= fileBytes))
    throw misplaced(path, name, `bytes ${offset} to ${offset + bytes}`, `a file of ${fileBytes} bytes`)
  return { offset, length: bytes }
}

function misplaced(file: string, tensor: string, expected: string, found: string): HeschlError {
  return new HeschlError('CHECKPOINT_INVALID', 'A weight of this ONNX model is not where the model says it is', {
    expected,
    found,
    where: { file, tensor: tensor.slice(0, 200) },
    remedy: 'Keep all files of the export together in one folder, or copy or download them again',
  })
}

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0])
  while (!files.every((file) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep))) folder = dirname(folder)
  return folder
}

/** With slashes on every system, as ONNX has it. */
const within = (folder: string, file: string) => relative(folder, file).split(sep).join('/')
