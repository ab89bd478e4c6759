/** Messages as binary WebSocket frames: MessagePack, in which typed arrays travel as their little-endian bytes. */
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'

/** Extension types agreed with the host; a Uint8Array is MessagePack's own `bin`. */
const arrays = [
  [0x10, Float32Array],
  [0x11, Float64Array],
  [0x12, Uint32Array],
  [0x13, Uint16Array],
] as const

const extensionCodec = new ExtensionCodec()
for (const [type, constructor] of arrays)
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof constructor ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // A copy, because the bytes start anywhere in the frame and a typed array needs its own alignment.
    decode: (bytes) => new constructor(bytes.slice().buffer),
  })

export const encodeMessage = (message: unknown): Uint8Array<ArrayBuffer> =>
  encode(message, { extensionCodec, ignoreUndefined: true })

/** @throws an error for bytes that are not MessagePack */
export const decodeMessage = (bytes: ArrayBuffer): unknown => decode(bytes, { extensionCodec })
