/**
 * MATLAB's files of version 7.3: HDF5 with conventions of their own. A variable says its class in an attribute; sizes stand
 * the other way round; a cell array and the fields of a structure array are references to what they hold.
 */
import { decode } from '../npy.ts'
import type { Attribute } from '../hdf5/attributes.ts'
import type { Hdf5DataSet } from '../hdf5/dataset.ts'
import type { Hdf5File, Hdf5Object } from '../hdf5/file.ts'
import { columnMajor } from '../storedArray.ts'
import type { StoredArray } from '../storedArray.ts'
import { noSuch, notNumbers } from './mat5.ts'
import { matPathText, parseMatPath } from './path.ts'

/** MATLAB's class of an object; undefined where it has none, and the object is as HDF5 has it. */
export async function matClass(file: Hdf5File, object: Hdf5Object): Promise<string | undefined> {
  return textIn((await file.attributes(object)).get('MATLAB_class'))
}

const textIn = (attribute: Attribute | undefined) =>
  attribute?.type.kind === 'text' ? attribute.data.toString('latin1').replace(/\0.*$/s, '') : undefined

/** Whether the path leads to a variable of MATLAB's: its first step does. */
export async function isMatlab(file: Hdf5File, path: string): Promise<boolean> {
  const name = /^\/?([A-Za-z]\w*)/.exec(path)?.[1]
  const object = name === undefined ? undefined : await file.find(name)
  return object !== undefined && (await matClass(file, object)) !== undefined
}

/**
 * The object that a path as `runs{2}.data` leads to.
 * @throws HeschlError OPTION_INVALID where there is none, with what there is; FORMAT_INVALID
 */
export async function findMat73(file: Hdf5File, path: string): Promise<Hdf5Object> {
  const { source } = file
  const steps = parseMatPath(path, source.path)
  let here = (await file.find('/'))!
  /** Of the structure array whose field comes next. */
  let index: number | undefined
  for (const [i, step] of steps.entries()) {
    const place = matPathText(steps.slice(0, i))
    const wanted = matPathText(steps.slice(0, i + 1))
    if (step.kind === 'field') {
      const links = await file.links(here)
      const link = links?.get(step.name)
      if (link?.kind !== 'hard') throw noSuch(source, wanted, fieldNames(links, place))
      here = await file.object(link.address)
      if (index !== undefined) here = await referred(file, here, index, wanted)
      index = undefined
      continue
    }
    if ((await file.links(here)) && steps[i + 1]?.kind === 'field') index = step.index
    else here = await referred(file, here, step.index, wanted)
  }
  return here
}

const fieldNames = (links: ReadonlyMap<string, unknown> | undefined, place: string) =>
  [...(links?.keys() ?? [])].filter((name) => !name.startsWith('#')).map((name) => (place ? `${place}.${name}` : name))

/** What one of the references of a cell array, or of a field of a structure array, leads to. */
async function referred(file: Hdf5File, object: Hdf5Object, index: number, wanted: string): Promise<Hdf5Object> {
  const { source } = file
  const refers = await file.dataSet(object)
  const count = refers?.shape.reduce((product, n) => product * n, 1) ?? 0
  // A structure array of one element has its fields' values, not references to them
  if (refers?.type.kind !== 'reference') {
    if (index === 0) return object
    throw noSuch(source, wanted, ['what is no cell array'])
  }
  if (index >= count) throw noSuch(source, wanted, [`${count} elements`])
  const from = refers.shape.map(() => 0)
  let left = index
  for (let axis = from.length - 1; axis >= 0; axis--) {
    from[axis] = left % refers.shape[axis]
    left = Math.floor(left / refers.shape[axis])
  }
  const bytes = Buffer.from(
    await refers.read(
      from,
      refers.shape.map(() => 1),
    ),
  )
  return file.object(bytes.readUIntLE(0, Math.min(6, bytes.length)))
}

const numberClasses = 'double,single,int8,uint8,int16,uint16,int32,uint32,int64,uint64,logical'.split(',')

/** @param what the path that was named @throws HeschlError FORMAT_INVALID where it is no full array of real numbers */
export async function mat73Array(file: Hdf5File, object: Hdf5Object, what: string): Promise<StoredArray> {
  const path = file.source.path
  const attributes = await file.attributes(object)
  const name = textIn(attributes.get('MATLAB_class'))
  const dataSet = await file.dataSet(object)
  if (attributes.has('MATLAB_sparse')) throw notNumbers(path, what, 'a sparse array')
  if (!dataSet || name === undefined || !numberClasses.includes(name))
    throw notNumbers(path, what, name ?? 'a structure')
  const { type } = dataSet
  if (type.kind !== 'number') throw notNumbers(path, what, type.name === 'compound' ? 'complex numbers' : type.name)
  const { layout } = type
  // Of an empty array the sizes are stored in place of numbers
  if (attributes.has('MATLAB_empty')) {
    const stored = decode(
      await dataSet.read(
        dataSet.shape.map(() => 0),
        dataSet.shape,
      ),
      layout,
      path,
    )
    return columnMajor([...stored].slice(0, 32), layout.type, async () => decode(new Uint8Array(0), layout, path))
  }
  const read = async (from: readonly number[], sizes: readonly number[]) =>
    decode(await dataSet.read(from, sizes), layout, path)
  return columnMajor(dataSet.shape.toReversed(), layout.type, read)
}

/** Text of a variable of MATLAB's class `char`. */
export async function mat73Text(dataSet: Hdf5DataSet): Promise<string> {
  const { shape, type } = dataSet
  if (type.kind !== 'number' || type.layout.type !== 'u2') return ''
  return Buffer.from(
    await dataSet.read(
      shape.map(() => 0),
      shape,
    ),
  ).toString('utf16le')
}
