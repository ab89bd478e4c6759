/** The window's half of the wire, written from the protocol and not from our encoder, to check the one by the other. */
import { ExtensionCodec } from '@msgpack/msgpack'

export const windowCodec = new ExtensionCodec()

const read = (width: number, get: (view: DataView, at: number) => number) => (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / width }, (_, index) => get(view, index * width))
}

const none = (): null => null
const types = [
  { type: 0x10, decode: (bytes: Uint8Array) => new Float32Array(read(4, (v, at) => v.getFloat32(at, true))(bytes)) },
  { type: 0x11, decode: (bytes: Uint8Array) => new Float64Array(read(8, (v, at) => v.getFloat64(at, true))(bytes)) },
  { type: 0x12, decode: (bytes: Uint8Array) => new Uint32Array(read(4, (v, at) => v.getUint32(at, true))(bytes)) },
  { type: 0x13, decode: (bytes: Uint8Array) => new Uint16Array(read(2, (v, at) => v.getUint16(at, true))(bytes)) },
]
for (const { type, decode } of types) windowCodec.register({ type, encode: none, decode })
