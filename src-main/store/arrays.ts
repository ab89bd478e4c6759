/** Typed arrays as bytes in the store: little-endian, whatever the machine. */
export type StoredData = Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array

export interface StoredArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: StoredData
}

export const dtypes = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
} as const

export type Dtype = keyof typeof dtypes

export function dtypeOf(data: StoredData): Dtype {
  for (const name of Object.keys(dtypes) as Dtype[]) if (data instanceof dtypes[name]) return name
  throw new TypeError('an array of an unknown type cannot be stored')
}

/** Bytes of one chunk: far under SQLite's limit, large enough that the per-row cost vanishes. */
export const chunkBytes = 4 << 20
