/** An array of numbers in a file of any format, of which blocks are read. */
import { HeschlError } from '../errors.ts'
import { toCOrder } from './npy.ts'
import type { NpyArray, NpyData } from './npy.ts'
import type { NpyType } from './npyHeader.ts'

export interface StoredArray {
  readonly shape: readonly number[]
  /** Of its numbers, as NPY names it. */
  readonly type: NpyType
  /**
   * Some of its numbers, in C order; 64-bit integers as float64, float16 as float32, booleans as uint8.
   * @param from first index along each dimension
   * @param sizes of the block, within the array
   */
  readonly block: (from: readonly number[], sizes: readonly number[]) => Promise<NpyData>
}

/** @throws HeschlError OPTION_INVALID for a block that is not in the array, or as its format has it */
export async function readBlock(
  array: StoredArray,
  path: string,
  from: readonly number[],
  sizes: readonly number[],
): Promise<NpyArray> {
  const { shape } = array
  const fits = (n: number, axis: number) => Number.isInteger(n) && n >= 0 && n + sizes[axis] <= shape[axis]
  if (
    from.length !== shape.length ||
    sizes.length !== shape.length ||
    !from.every(fits) ||
    sizes.some((n) => !(n >= 0))
  )
    throw new HeschlError('OPTION_INVALID', 'This block is not in the array', {
      where: { file: path },
      expected: `a block of ${shape.join(' x ')}`,
      found: `${sizes.join(' x ')} from ${from.join(', ')}`,
    })
  return { shape: sizes, data: await array.block(from, sizes) }
}

/**
 * An array whose first index varies fastest, as MATLAB's.
 * @param read gives a block of the array whose dimensions are turned round, in C order
 */
export const columnMajor = (
  shape: readonly number[],
  type: NpyType,
  read: (from: readonly number[], sizes: readonly number[]) => Promise<NpyData>,
): StoredArray => ({
  ...{ shape, type },
  block: async (from, sizes) => toCOrder(await read(from.toReversed(), sizes.toReversed()), sizes),
})

/** Stored in a smaller type than they stand for: in their own. */
export function typed(data: NpyData, type: NpyType): NpyData {
  const Wanted = arrays[type]
  return data instanceof Wanted ? data : Wanted.from(data)
}

const arrays = {
  ...{ b1: Uint8Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, f2: Float32Array },
  ...{ i4: Int32Array, u4: Uint32Array, f4: Float32Array, i8: Float64Array, u8: Float64Array, f8: Float64Array },
} as const
