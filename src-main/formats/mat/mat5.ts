/** What a Level 5 MAT-file holds: its variables, and whatever a path leads to. */
import { HeschlError } from '../../errors.ts'
import { runsOf } from '../blocks.ts'
import type { FileBytes } from '../fileBytes.ts'
import { decode } from '../npy.ts'
import type { StoredArray } from '../storedArray.ts'
import { columnMajor, typed } from '../storedArray.ts'
import { elementAt, elementTypes, headerBytes, matInvalid, matOrder, unpacked } from './elements.ts'
import type { Element, MatBytes } from './elements.ts'
import { cellAt, countOf, fieldsOf, numbersOf, readMatrixHead } from './matrix.ts'
import type { MatMatrix } from './matrix.ts'
import { matPathText, parseMatPath } from './path.ts'

const mostVariables = 100_000

/** @throws HeschlError FORMAT_INVALID */
export async function openMat5(file: FileBytes): Promise<MatBytes> {
  const start = new Uint8Array(Math.min(headerBytes, file.size))
  await file.read(0, start)
  const order = matOrder(start)
  if (!order) throw matInvalid(file, 'a MATLAB file of version 5 to 7', 'another format')
  return { ...file, bigEndian: order === 'big' }
}

/** Heads of the variables, by name; MATLAB's own, without a name, are passed over. @throws HeschlError FORMAT_INVALID */
export async function matVariables(bytes: MatBytes): Promise<ReadonlyMap<string, MatMatrix>> {
  const found = new Map<string, MatMatrix>()
  for await (const { element, head } of variables(bytes)) {
    void element
    if (head.name !== '') found.set(head.name, head)
  }
  return found
}

interface Variable {
  readonly element: Element
  /** Of a compressed one, of its first bytes alone. */
  readonly head: MatMatrix
}

async function* variables(bytes: MatBytes): AsyncGenerator<Variable> {
  let at = headerBytes
  for (let count = 0; at < bytes.size; count++) {
    if (count === mostVariables) throw matInvalid(bytes, `at most ${mostVariables} variables`, 'more')
    const element = await elementAt(bytes, at)
    if (element.type === elementTypes.compressed) {
      const start = await unpacked(bytes, element, true)
      yield { element, head: await readMatrixHead(start, await firstOf(start)) }
    } else yield { element, head: await readMatrixHead(bytes, element) }
    at = element.end
  }
}

/** The element that unpacked bytes are; it may end beyond the first of them. */
const firstOf = async (bytes: MatBytes) => elementAt(bytes, 0, Infinity)

/**
 * The matrix that a path leads to.
 * @throws HeschlError OPTION_INVALID where there is none, with what there is; FORMAT_INVALID
 */
export async function findMatrix(bytes: MatBytes, path: string): Promise<MatMatrix> {
  const [first, ...rest] = parseMatPath(path, bytes.path)
  let here: MatMatrix | undefined
  const names: string[] = []
  for await (const { element, head } of variables(bytes)) {
    if (first?.kind !== 'field' || head.name !== first.name) {
      if (head.name !== '') names.push(head.name)
      continue
    }
    if (element.type !== elementTypes.compressed) here = head
    else {
      const whole = await unpacked(bytes, element, false)
      here = await readMatrixHead(whole, await elementAt(whole, 0))
    }
    break
  }
  if (!here) throw noSuch(bytes, path, names)
  const done = [first]
  let index = 0
  for (const [i, step] of rest.entries()) {
    const place = matPathText(done)
    if (step.kind === 'field') {
      if (here.className !== 'struct') throw noSuch(bytes, `${place}.${step.name}`, [`${place}, a ${here.className}`])
      const fields = await fieldsOf(here)
      const found = await fields.at(step.name, index)
      if (!found)
        throw noSuch(
          bytes,
          `${place}.${step.name}`,
          fields.names.map((name) => `${place}.${name}`),
        )
      here = found
      index = 0
    } else {
      const sizes = here.shape.join(' x ')
      if (step.index >= countOf(here.shape)) throw noSuch(bytes, matPathText([...done, step]), [`${place} of ${sizes}`])
      if (here.className === 'cell') here = await cellAt(here, step.index)
      else if (here.className === 'struct' && rest[i + 1]?.kind === 'field') index = step.index
      else throw noSuch(bytes, matPathText([...done, step]), [`${place}, a ${here.className} of ${sizes}`])
    }
    done.push(step)
  }
  return here
}

/** @param there what could be named instead */
export const noSuch = ({ path: file }: { readonly path: string }, path: string, there: readonly string[]) =>
  new HeschlError('OPTION_INVALID', 'The file does not hold what was named', {
    where: { file },
    expected: there.length === 0 ? 'a variable' : `one of ${there.slice(0, 20).join(', ')}`,
    found: path.slice(0, 200),
  })

/** @param what the path that was named @throws HeschlError FORMAT_INVALID where it is no full array of real numbers */
export async function mat5Array(matrix: MatMatrix, what: string): Promise<StoredArray> {
  const { bytes, className, type, complex, shape } = matrix
  if (type === undefined || complex) throw notNumbers(bytes.path, what, complex ? 'complex numbers' : className)
  const numbers = await numbersOf(matrix)
  const reversed = shape.toReversed()
  return columnMajor(shape, type, async (from, sizes) => {
    const out = new Uint8Array(countOf(sizes) * numbers.itemBytes)
    if (out.length > 0)
      for (const run of runsOf(reversed, { from, sizes }, numbers.itemBytes))
        await bytes.read(numbers.at + run.at, out.subarray(run.to, run.to + run.bytes))
    return typed(decode(out, numbers, bytes.path), type)
  })
}

export const notNumbers = (file: string, what: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a full array of real numbers', {
    where: { file },
    expected: `numbers in ${what}`,
    found,
    remedy: 'Name another variable, or save it as numbers: full(x), real(x), double(x)',
  })
