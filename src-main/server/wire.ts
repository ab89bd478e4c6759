/** Messages as binary WebSocket frames: MessagePack, in which typed arrays travel as their bytes. */
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'

/** Extension types agreed with the window; a Uint8Array is MessagePack's own `bin`. Bytes are little-endian. */
const arrays = [
  [0x10, Float32Array],
  [0x11, Float64Array],
  [0x12, Uint32Array],
  [0x13, Uint16Array],
] as const

const extensionCodec = new ExtensionCodec()
for (const [type, constructor] of arrays) {
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof constructor ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // A copy, because the bytes start anywhere in the frame and a typed array needs its own alignment.
    decode: (bytes) => new constructor(bytes.slice().buffer),
  })
}

/** A call carries one figure's SVG at most; the contract's limit in characters is checked after decoding. */
export const maxMessageBytes = 72 * 1024 * 1024

export function encodeMessage(message: unknown): Uint8Array {
  return encode(message, { extensionCodec, ignoreUndefined: true })
}

/** @throws an error for bytes that are not MessagePack, or that announce more than a window ever sends */
export function decodeMessage(bytes: Uint8Array): unknown {
  return decode(bytes, {
    extensionCodec,
    maxStrLength: maxMessageBytes,
    maxBinLength: 0,
    maxExtLength: 0,
    // A draft's list of subjects; the contract's own limits are checked after decoding.
    maxArrayLength: 10_000,
    maxMapLength: 64,
  })
}
