/** Half-precision weights as float32, exactly: every float16 and bfloat16 is a float32. */
import type { Dtype } from '../formats/safetensors.ts'

type FloatDtype = 'F32' | 'F16' | 'BF16'

export const isFloat = (dtype: Dtype): dtype is FloatDtype => dtype === 'F32' || dtype === 'F16' || dtype === 'BF16'

/**
 * @param raw little-endian bytes, aligned at 8
 * @param count number of elements
 */
export function decodeFloats(raw: Uint8Array<ArrayBuffer>, dtype: Dtype, count: number): Float32Array {
  if (dtype === 'F32') return new Float32Array(raw.buffer, 0, count)
  if (dtype === 'F16') return Float32Array.from(new Float16Array(raw.buffer, 0, count))
  const bits = Uint32Array.from(new Uint16Array(raw.buffer, 0, count), (half) => half << 16)
  return new Float32Array(bits.buffer)
}
