/** Maps and labels of one hemisphere, a row a map, as the command line reads and writes them. */
import { HeschlError } from '../errors.ts'
import { readHeld } from '../formats/convert/read.ts'
import { formatOf, rowsOf, writeHeld } from '../formats/convert/write.ts'
import { readGifti } from '../formats/gifti.ts'
import type { GiftiLabel } from '../formats/gifti.ts'
import { giftiFunctional, giftiLabels, writeGifti } from '../formats/giftiWrite.ts'
import { sniffFormat } from '../formats/sniff.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { Side } from './types.ts'

export interface MapFile {
  /** [maps, vertices]. */
  readonly values: Matrix32
  readonly names?: readonly string[]
  /** Of a file of labels: its table. */
  readonly labels?: readonly GiftiLabel[]
}

const isLabels = (file: string) => file.toLowerCase().endsWith('.label.gii')

/** @throws HeschlError OPTION_INVALID for a name that says no format */
export function checkMapName(file: string): void {
  if (!isLabels(file)) formatOf(file)
}

/**
 * Maps in any format that `heschl convert` reads, or GIFTI labels.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID; SHAPE_MISMATCH for a volume
 */
export async function readMapFile(file: string): Promise<MapFile> {
  const gifti = (await sniffFormat(file)) === 'gifti' ? await readGifti(file) : undefined
  const [first] = gifti?.arrays ?? []
  if (first?.intent === 'NIFTI_INTENT_LABEL' && gifti!.arrays.length === 1)
    return { values: matrixOf(first.data, 1, first.data.length), labels: gifti!.labels }
  const held = await readHeld(file)
  const { data, count, vertices } = rowsOf(held, file)
  return { values: matrixOf(data, count, vertices), ...(held.names && { names: held.names }) }
}

const matrixOf = (data: ArrayLike<number>, rows: number, cols: number): Matrix32 => ({
  ...{ data: Float32Array.from(data), rows, cols },
})

/**
 * Writes maps whole or not at all, in the format of the name's end.
 * @param tr seconds between maps that are a run's volumes; 0 for maps
 * @throws HeschlError OPTION_INVALID as `checkMapName`, and for labels under another name than .label.gii; DISK_FULL
 */
export async function writeMapFile(file: string, maps: MapFile, side: Side, tr = 0): Promise<void> {
  const { values, names, labels } = maps
  if (isLabels(file) !== (labels !== undefined))
    throw new HeschlError('OPTION_INVALID', 'Labels are written as labels, and numbers as numbers', {
      where: { file },
      expected: labels ? 'a name that ends in .label.gii' : 'a name that ends in another way than .label.gii',
      found: file,
    })
  if (labels) return writeGifti(file, giftiLabels(Int32Array.from(values.data), labels))
  if (tr > 0 && formatOf(file) === 'func.gii') return writeGifti(file, giftiFunctional(values, tr))
  const { rows, cols } = values
  const held = { shape: [rows, cols], data: Float32Array.from(values.data), ...(names && { names }), notes: [] }
  await writeHeld(file, [held], { hemisphere: side, round: true })
}
