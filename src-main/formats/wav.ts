import { HeschlError } from '../errors.ts'
import type { FileBytes } from './fileBytes.ts'

export interface WavHeader {
  readonly kind: 'integer' | 'float'
  readonly bits: number
  readonly channels: number
  readonly rate: number
  /** Samples per channel. */
  readonly length: number
  /** Where the samples begin, bytes. */
  readonly dataStart: number
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number
}

const formatInteger = 1
const formatFloat = 3
const formatExtensible = 0xfffe
/** The last 14 bytes of the GUIDs of WAVE_FORMAT_EXTENSIBLE, after the two that hold the format. */
const guidTail = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
/** A size that programs write which cannot go back to the header, such as ffmpeg into a pipe. */
const sizeUnknown = 0xffffffff
const mostChannels = 64
const mostChunks = 10_000

/**
 * Reads and checks the header of a WAV file: RIFF or RF64, integer PCM of 8, 16, 24 or 32 bits, float of 32 or 64,
 * plain or extensible. Parsed here and not by a library because the decoders on npm believe the header (a rate of 0, a
 * data chunk larger than the file, a block size of 0) and scale positive samples by another number than negative ones.
 * Source: Multimedia Programming Interface and Data Specifications 1.0 (1991); EBU Tech 3306 for RF64.
 *
 * @throws HeschlError AUDIO_INVALID
 */
export async function parseWavHeader(file: FileBytes): Promise<WavHeader> {
  const start = await bytesAt(file, 0, 12)
  const riff = start && name(start, 0)
  if (!start || (riff !== 'RIFF' && riff !== 'RF64') || name(start, 8) !== 'WAVE')
    throw invalid(file, 'a RIFF or RF64 WAVE file', 'something else')
  let format: Omit<WavHeader, 'length' | 'dataStart'> | undefined
  let dataSize64: number | undefined
  for (let position = 12, chunks = 0; chunks < mostChunks; chunks++) {
    const chunk = await bytesAt(file, position, 8)
    if (!chunk) throw invalid(file, 'a data chunk', `the end of the file, at ${file.size} bytes`)
    const size = chunk.getUint32(4, true)
    const body = position + 8
    const id = name(chunk, 0)
    if (id === 'ds64') {
      const sizes = size >= 16 ? await bytesAt(file, body, 16) : undefined
      if (!sizes) throw invalid(file, 'a ds64 chunk of 16 bytes or more', `${size} bytes`)
      dataSize64 = Number(sizes.getBigUint64(8, true))
    } else if (id === 'fmt ') {
      format = await parseFormat(file, body, size)
    } else if (id === 'data') {
      if (!format) throw invalid(file, 'a format chunk before the data', 'none')
      const stated = riff === 'RF64' && size === sizeUnknown ? dataSize64 : size
      return withData(file, format, body, stated ?? sizeUnknown)
    }
    position = body + size + (size % 2)
  }
  throw invalid(file, `a data chunk among the first ${mostChunks} chunks`, 'none')
}

function withData(file: FileBytes, format: Omit<WavHeader, 'length' | 'dataStart'>, dataStart: number, stated: number) {
  const left = file.size - dataStart
  if (stated !== sizeUnknown && stated > left)
    throw invalid(
      file,
      `${stated.toLocaleString('en')} bytes of samples, by its header`,
      `${left.toLocaleString('en')} bytes: the file is truncated`,
    )
  const length = Math.floor(Math.min(stated, left) / format.frameBytes)
  if (length === 0) throw invalid(file, 'samples', 'none: the recording is empty')
  return { ...format, length, dataStart }
}

async function parseFormat(
  file: FileBytes,
  body: number,
  size: number,
): Promise<Omit<WavHeader, 'length' | 'dataStart'>> {
  const view = size >= 16 ? await bytesAt(file, body, 16) : undefined
  if (!view) throw invalid(file, 'a format chunk of 16 bytes or more', `${size} bytes`)
  let tag = view.getUint16(0, true)
  const channels = view.getUint16(2, true)
  const rate = view.getUint32(4, true)
  const frameBytes = view.getUint16(12, true)
  const bits = view.getUint16(14, true)
  if (tag === formatExtensible) {
    const extension = size >= 40 ? await bytesAt(file, body + 24, 16) : undefined
    if (!extension || guidTail.some((byte, i) => extension.getUint8(i + 2) !== byte))
      throw invalid(file, 'a known sub-format of an extensible WAV file', 'another')
    tag = extension.getUint16(0, true)
  }
  const kind = tag === formatInteger ? 'integer' : tag === formatFloat ? 'float' : undefined
  const known = kind === 'integer' ? [8, 16, 24, 32] : [32, 64]
  if (!kind || !known.includes(bits))
    throw invalid(file, 'integer samples of 8, 16, 24 or 32 bits, or float of 32 or 64', `format ${tag}, ${bits} bits`)
  if (rate === 0) throw invalid(file, 'a sample rate above 0', '0 Hz')
  if (channels === 0 || channels > mostChannels)
    throw invalid(file, `1 to ${mostChannels} channels`, `${channels} channels`)
  if (frameBytes !== (channels * bits) / 8)
    throw invalid(file, `${(channels * bits) / 8} bytes a frame (${channels} × ${bits} bits)`, `${frameBytes}`)
  return { kind, bits, channels, rate, frameBytes }
}

/**
 * The samples' values from −1 to 1, interleaved as in the file: integers are divided by 2^(bits − 1), as libsndfile
 * does.
 *
 * @param bytes whole frames
 */
export function decodeWavSamples({ kind, bits }: WavHeader, bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = bits / 8
  const values = new Float64Array(bytes.length / width)
  const read = readers[`${kind}${bits}`]
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * width)
  return values
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  integer8: (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  integer16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  integer24: (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23,
  integer32: (view, at) => view.getInt32(at, true) / 2 ** 31,
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
}

async function bytesAt(file: FileBytes, position: number, length: number): Promise<DataView | undefined> {
  if (position + length > file.size) return undefined
  const bytes = new Uint8Array(length)
  await file.read(position, bytes)
  return new DataView(bytes.buffer)
}

function name(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)))
}

function invalid(file: FileBytes, expected: string, found: string): HeschlError {
  return new HeschlError('AUDIO_INVALID', 'This WAV file cannot be used', {
    where: { file: file.path },
    expected,
    found,
    remedy: 'Copy the file again, or convert it: ffmpeg -i FILE -c:a pcm_s16le NEW.wav',
  })
}
