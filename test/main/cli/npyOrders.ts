/** NPY files as numpy writes them: either precision, either order. */
import { writeFile } from 'node:fs/promises'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'

export interface Layout {
  readonly type: 'f4' | 'f8'
  readonly order: 'C' | 'F'
}

export const layouts: readonly Layout[] = [
  { type: 'f4', order: 'C' },
  { type: 'f8', order: 'F' },
  { type: 'f4', order: 'F' },
  { type: 'f8', order: 'C' },
]

export async function writeLayout(file: string, { data, rows, cols }: Matrix32, layout: Layout): Promise<void> {
  const turned = layout.order === 'F'
  const at = (k: number) => (turned ? (k % rows) * cols + Math.floor(k / rows) : k)
  const values = Array.from({ length: rows * cols }, (_, k) => data[at(k)])
  const bytes = layout.type === 'f4' ? Float32Array.from(values) : Float64Array.from(values)
  const dictionary = `{'descr': '<${layout.type}', 'fortran_order': ${turned ? 'True' : 'False'}, 'shape': (${rows}, ${cols}), }`
  const header = Buffer.alloc(128, ' ')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(118, 8)
  header.write(dictionary, 10)
  header.write('\n', 127)
  await writeFile(file, Buffer.concat([header, new Uint8Array(bytes.buffer)]))
}
