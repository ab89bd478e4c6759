import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import { decode, toCOrder } from './npy.ts'
import type { NpyArray } from './npy.ts'
import { parseNpyHeader } from './npyHeader.ts'

/**
 * Columns `from` to `to` (exclusive) of a matrix, reading no more than those: for files larger than memory. A vector is
 * one column.
 * @returns [rows, to − from], in C order
 * @throws HeschlError as `readNpy`, and OPTION_INVALID for columns that are not there
 */
export async function readNpyColumns(path: string, from: number, to: number): Promise<NpyArray> {
  return withFile(path, async (file) => {
    const header = await parseNpyHeader(file)
    const [rows, cols = 1] = header.shape
    const fit = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to >= from && to <= cols
    if (rows === undefined || header.shape.length > 2 || !fit)
      throw new HeschlError('OPTION_INVALID', 'These columns are not in the array', {
        where: { file: path },
        expected: `columns within shape (${header.shape.join(', ')})`,
        found: `columns ${from} to ${to}`,
      })
    const { dataStart, itemBytes, fortranOrder } = header
    const width = to - from
    const bytes = new Uint8Array(rows * width * itemBytes)
    if (fortranOrder) await file.read(dataStart + from * rows * itemBytes, bytes)
    else {
      for (let row = 0; row < rows; row++) {
        const part = bytes.subarray(row * width * itemBytes, (row + 1) * width * itemBytes)
        await file.read(dataStart + (row * cols + from) * itemBytes, part)
      }
    }
    const shape = [rows, width]
    const data = decode(bytes, header, path)
    return { shape, data: fortranOrder ? toCOrder(data, shape) : data }
  })
}
