/** What files of several arrays hold, by the names under which `withArray` finds it: sizes and types in words. */
import { withFile } from './fileBytes.ts'
import { withHdf5 } from './hdf5/file.ts'
import type { Hdf5File, ListedSet } from './hdf5/file.ts'
import { findMatrix, matVariables, openMat5 } from './mat/mat5.ts'
import { mat73Text, matClass } from './mat/mat73.ts'
import type { MatBytes } from './mat/elements.ts'
import { countOf, fieldsOf, textOf } from './mat/matrix.ts'
import type { MatMatrix } from './mat/matrix.ts'

const by = (shape: readonly number[]) => (shape.length === 0 ? 'one' : shape.join(' x '))
const quoted = (text: string) => JSON.stringify(text)
/** Longer texts are told by their length. */
const longestText = 100

/** By path; of MATLAB's files as MATLAB has sizes. @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function describeHdf5(path: string): Promise<ReadonlyMap<string, string>> {
  return withHdf5(path, async (file) => {
    const found = new Map<string, string>()
    for (const [name, set] of await file.list())
      if (!name.startsWith('/#')) found.set(name, await describeSet(file, set))
    return found
  })
}

async function describeSet(file: Hdf5File, { object, dataSet }: ListedSet): Promise<string> {
  const { shape, type } = dataSet
  const name = await matClass(file, object)
  if (name === 'char' && countOf(shape) <= longestText) return quoted(await mat73Text(dataSet))
  if (name !== undefined) {
    const isEmpty = (await file.attributes(object)).has('MATLAB_empty')
    return `${isEmpty ? 'empty' : by(shape.toReversed())} ${name}`
  }
  return `${by(shape)} ${type.kind === 'number' ? type.layout.type : type.name}`
}

/** By name. @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function describeMat(path: string): Promise<ReadonlyMap<string, string>> {
  return withFile(path, async (file) => {
    const bytes = await openMat5(file)
    const found = new Map<string, string>()
    for (const [name, head] of await matVariables(bytes)) found.set(name, await describeMatrix(bytes, head))
    return found
  })
}

async function describeMatrix(bytes: MatBytes, head: MatMatrix): Promise<string> {
  const { name, className, shape, complex } = head
  if (className === 'char' && countOf(shape) <= longestText) return quoted(await textOf(await findMatrix(bytes, name)))
  const plain = `${by(shape)} ${complex ? 'complex ' : ''}${className}`
  if (className !== 'struct') return plain
  const { names } = await fieldsOf(await findMatrix(bytes, name))
  return `${plain}: ${names.slice(0, 20).join(', ')}`
}
