import { FlacBits } from './flacBits.ts'

/** What a frame is held against: the file's STREAMINFO. */
export interface FlacLayout {
  readonly rate: number
  readonly channels: number
  readonly bits: number
}

export interface FlacFrame {
  /** One array a channel: integers, exact. */
  readonly channels: readonly Float64Array[]
  /** The byte after the frame. */
  readonly end: number
}

const rates = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]
const depths = [0, 8, 12, NaN, 16, 20, 24, 32]

/**
 * Decodes the frame at `start` (RFC 9639, section 9). Integers are held in float64, which is exact: the largest sum of
 * a prediction has 32 terms of 33 and 15 bits.
 *
 * @throws RangeError in words what is wrong; BitsEnded when the frame is longer than the bytes
 */
export function decodeFlacFrame(bytes: Uint8Array, start: number, layout: FlacLayout): FlacFrame {
  const bits = new FlacBits(bytes, start)
  if (bits.unsigned(15) !== 0b111111111111100) throw new RangeError('no frame where one should begin')
  bits.unsigned(1)
  const sizeCode = bits.unsigned(4)
  const rateCode = bits.unsigned(4)
  const assignment = bits.unsigned(4)
  const depth = depths[bits.unsigned(3)] || layout.bits
  bits.unsigned(1)
  // The number of the frame or its first sample, coded as in UTF-8: not needed to read frames in order.
  const more = Math.clz32(~(bits.unsigned(8) << 24)) - 1
  for (let i = 0; i < more; i++) bits.unsigned(8)
  const size = blockSize(sizeCode, bits)
  const rate = frameRate(rateCode, bits) || layout.rate
  const headerEnd = bits.align()
  const headerSum = bits.unsigned(8)
  if (crc8(bytes, start, headerEnd) !== headerSum) throw new RangeError('a frame header with a wrong CRC')
  const count = assignment < 8 ? assignment + 1 : 2
  if (assignment > 10 || count !== layout.channels || depth !== layout.bits || rate !== layout.rate)
    throw new RangeError(`a frame of ${count} channels, ${depth} bits, ${rate} Hz`)
  const channels = Array.from({ length: count }, (_, channel) => {
    // A difference of two channels needs one more bit.
    const side = (assignment === 8 || assignment === 10 ? 1 : assignment === 9 ? 0 : -1) === channel
    return subframe(bits, size, depth + (side ? 1 : 0))
  })
  decorrelate(channels, assignment)
  const end = bits.align()
  const sum = bits.unsigned(16)
  if (crc16(bytes, start, end) !== sum) throw new RangeError('a frame with a wrong CRC')
  return { channels, end: end + 2 }
}

function blockSize(code: number, bits: FlacBits): number {
  if (code === 0) throw new RangeError('a reserved block size')
  if (code === 1) return 192
  if (code <= 5) return 144 << code
  if (code === 6) return bits.unsigned(8) + 1
  return code === 7 ? bits.unsigned(16) + 1 : 1 << code
}

function frameRate(code: number, bits: FlacBits): number {
  if (code === 12) return bits.unsigned(8) * 1000
  if (code === 13) return bits.unsigned(16)
  if (code === 14) return bits.unsigned(16) * 10
  if (code === 15) throw new RangeError('a forbidden sample rate')
  return rates[code]
}

function subframe(bits: FlacBits, size: number, depth: number): Float64Array {
  if (bits.unsigned(1) !== 0) throw new RangeError('a subframe that does not begin with 0')
  const type = bits.unsigned(6)
  const wasted = bits.unsigned(1) === 1 ? bits.zeros() + 1 : 0
  const width = depth - wasted
  if (width < 1) throw new RangeError('a subframe without bits')
  const samples = new Float64Array(size)
  if (type === 0) samples.fill(bits.signed(width))
  else if (type === 1) for (let i = 0; i < size; i++) samples[i] = bits.signed(width)
  else if (type >= 8 && type <= 12) predicted(bits, samples, width, fixedPredictors[type - 8])
  else if (type >= 32) predicted(bits, samples, width, undefined, type - 31)
  else throw new RangeError('a reserved kind of subframe')
  if (wasted > 0) for (let i = 0; i < size; i++) samples[i] *= 2 ** wasted
  return samples
}

/** Coefficients of the samples before, the nearest first. */
const fixedPredictors = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

function predicted(
  bits: FlacBits,
  samples: Float64Array,
  width: number,
  fixed: readonly number[] | undefined,
  order = fixed?.length ?? 0,
): void {
  if (order > samples.length) throw new RangeError('a prediction from more samples than there are')
  for (let i = 0; i < order; i++) samples[i] = bits.signed(width)
  let coefficients = fixed ?? []
  let divisor = 1
  if (!fixed) {
    const precision = bits.unsigned(4) + 1
    const shift = bits.signed(5)
    if (precision === 16 || shift < 0) throw new RangeError('forbidden prediction coefficients')
    divisor = 2 ** shift
    coefficients = Array.from({ length: order }, () => bits.signed(precision))
  }
  residual(bits, samples, order)
  const weights = Float64Array.from(coefficients)
  for (let i = order; i < samples.length; i++) {
    let sum = 0
    for (let j = 0; j < order; j++) sum += weights[j] * samples[i - 1 - j]
    samples[i] += Math.floor(sum / divisor)
  }
  const limit = 2 ** (width - 1)
  if (samples.some((sample) => sample < -limit || sample >= limit)) throw new RangeError('samples beyond their bits')
}

/** Rice-coded differences, into samples[order…]. */
function residual(bits: FlacBits, samples: Float64Array, order: number): void {
  const method = bits.unsigned(2)
  if (method > 1) throw new RangeError('a reserved coding of residuals')
  const parameterBits = method === 0 ? 4 : 5
  const escape = 2 ** parameterBits - 1
  const partitions = 1 << bits.unsigned(4)
  const length = samples.length / partitions
  if (!Number.isInteger(length) || length < order) throw new RangeError('partitions that do not divide the block')
  for (let partition = 0, i = order; partition < partitions; partition++) {
    const end = (partition + 1) * length
    const parameter = bits.unsigned(parameterBits)
    if (parameter === escape) {
      const width = bits.unsigned(5)
      while (i < end) samples[i++] = bits.signed(width)
    } else {
      const scale = 2 ** parameter
      while (i < end) {
        const folded = bits.zeros() * scale + bits.unsigned(parameter)
        samples[i++] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
      }
    }
  }
}

/** Left and right from left and side, side and right, or mid and side. */
function decorrelate(channels: readonly Float64Array[], assignment: number): void {
  if (assignment < 8) return
  const [first, second] = channels
  for (let i = 0; i < first.length; i++) {
    if (assignment === 8) second[i] = first[i] - second[i]
    else if (assignment === 9) first[i] += second[i]
    else {
      const side = second[i]
      // The mid lost the lowest bit of the sum, which is that of the difference.
      const sum = first[i] * 2 + Math.abs(side % 2)
      first[i] = (sum + side) / 2
      second[i] = (sum - side) / 2
    }
  }
}

function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = crc8Table[crc ^ bytes[i]]
  return crc
}

function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ crc16Table[(crc >> 8) ^ bytes[i]]
  return crc
}

const crc8Table = crcTable(8, 0x07)
const crc16Table = crcTable(16, 0x8005)

function crcTable(width: number, polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8)
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & (1 << (width - 1)) ? polynomial : 0)
    return crc & (2 ** width - 1)
  })
}
