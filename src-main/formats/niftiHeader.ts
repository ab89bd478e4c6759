/**
 * The header of NIfTI-1 and NIfTI-2 (https://nifti.nimh.nih.gov): where the numbers are, what they mean and where in
 * space. What a header says is checked here; whether the file has so many bytes is checked by who reads them.
 */
import { HeschlError } from '../errors.ts'
import type { NumberLayout } from './npy.ts'
import { affineOf } from './niftiSpace.ts'

export interface NiftiHeader extends NumberLayout {
  readonly version: 1 | 2
  /** Header and numbers in one file (`n+1`, `n+2`), or in two (`ni1`, `ni2`: .hdr and .img). */
  readonly single: boolean
  /** Of 1 to 7 dimensions, first index fastest in the file: x, y, z, time… */
  readonly shape: readonly number[]
  /** Where the numbers begin, bytes. */
  readonly dataStart: number
  /** A number is `slope · stored + intercept`; 1 and 0 where the file gives none. */
  readonly slope: number
  readonly intercept: number
  /** 4 x 4, row-major: voxel (i, j, k, 1) to millimetres. */
  readonly affine: Float64Array
  /** Size of a voxel, and seconds from one volume to the next where there are several (0: unknown). */
  readonly voxel: readonly [number, number, number]
  readonly tr: number
  readonly intent: number
  readonly intentName: string
  /** What the affine leads to: 1 scanner, 2 aligned, 3 Talairach, 4 MNI, 0 unknown. */
  readonly space: number
}

/** Bytes that hold either header and the four that say whether extensions follow. */
export const headerBytes = 544

/** Codes of types, with their bytes. */
export const niftiTypes: ReadonlyMap<number, readonly [NumberLayout['type'], number]> = new Map([
  [2, ['u1', 1]],
  [4, ['i2', 2]],
  [8, ['i4', 4]],
  [16, ['f4', 4]],
  [64, ['f8', 8]],
  [256, ['i1', 1]],
  [512, ['u2', 2]],
  [768, ['u4', 4]],
  [1024, ['i8', 8]],
  [1280, ['u8', 8]],
])

/** Types that NIfTI knows and that hold no real number a voxel, or none that JavaScript can hold. */
const refused = new Map([
  [1, 'bits'],
  [32, 'complex64'],
  [128, 'RGB colours'],
  [1536, 'float128'],
  [1792, 'complex128'],
  [2048, 'complex256'],
  [2304, 'RGBA colours'],
])

/** Which of the two formats, and in which byte order; undefined where it is neither. */
export function niftiVersion(bytes: Uint8Array): { readonly version: 1 | 2; readonly bigEndian: boolean } | undefined {
  if (bytes.length < 348) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const bigEndian of [false, true]) {
    const size = view.getInt32(0, !bigEndian)
    if (size === 348 && /^n[i+]1$/.test(text(bytes, 344, 4))) return { version: 1, bigEndian }
    if (size === 540 && bytes.length >= 540 && /^n[i+]2$/.test(text(bytes, 4, 4))) return { version: 2, bigEndian }
  }
  return undefined
}

/** The intent's code, of bytes that have a version. */
export function niftiIntent(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { version, bigEndian } = niftiVersion(bytes)!
  return version === 1 ? view.getInt16(68, !bigEndian) : view.getInt32(504, !bigEndian)
}

/**
 * @param bytes the file's first 348 (540 of NIfTI-2) or more
 * @throws HeschlError FORMAT_INVALID
 */
export function parseNiftiHeader(bytes: Uint8Array, path: string): NiftiHeader {
  const found = niftiVersion(bytes)
  if (!found) throw invalid(path, 'the first bytes of a NIfTI-1 or NIfTI-2 file', 'others')
  const { version, bigEndian } = found
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = !bigEndian
  const float = (at1: number, at2: number) =>
    version === 1 ? view.getFloat32(at1, little) : view.getFloat64(at2, little)
  const integer = (at1: number, at2: number) =>
    version === 1 ? view.getInt16(at1, little) : Number(view.getBigInt64(at2, little))
  const code = version === 1 ? view.getInt16(70, little) : view.getInt16(12, little)
  const type = niftiTypes.get(code)
  if (!type) throw unsupported(path, code)
  const dims = Array.from({ length: 8 }, (_, i) => integer(40 + 2 * i, 16 + 8 * i))
  const shape = shapeOf(dims, version === 1 ? view.getInt32(144, little) : 0, path)
  const single = text(bytes, version === 1 ? 344 : 4, 2) === 'n+'
  const sizes = Array.from({ length: 8 }, (_, i) => float(76 + 4 * i, 104 + 8 * i))
  const units = version === 1 ? bytes[123] : view.getInt32(500, little)
  const sform = version === 1 ? view.getInt16(254, little) : view.getInt32(348, little)
  const qform = version === 1 ? view.getInt16(252, little) : view.getInt32(344, little)
  const { slope, intercept } = scalingOf(float(112, 176), float(116, 184), path)
  return {
    version,
    bigEndian,
    single,
    shape,
    type: type[0],
    itemBytes: type[1],
    dataStart: startOf(version === 1 ? view.getFloat32(108, little) : integer(0, 168), version, single, path),
    slope,
    intercept,
    affine: affineOf({
      sform,
      qform,
      rows: Array.from({ length: 12 }, (_, i) => float(280 + 4 * i, 400 + 8 * i)),
      quaternion: Array.from({ length: 3 }, (_, i) => float(256 + 4 * i, 352 + 8 * i)),
      offset: Array.from({ length: 3 }, (_, i) => float(268 + 4 * i, 376 + 8 * i)),
      sizes,
      shape,
    }),
    voxel: [Math.abs(sizes[1]), Math.abs(sizes[2]), Math.abs(sizes[3])],
    tr: secondsOf(sizes[4], units & 0x38),
    intent: niftiIntent(bytes),
    intentName: text(bytes, version === 1 ? 328 : 508, 16),
    space: sform > 0 ? sform : Math.max(0, qform),
  }
}

/** Latin-1 up to the first zero. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const part = Buffer.from(bytes.subarray(at, at + length))
  const end = part.indexOf(0)
  return part.toString('latin1', 0, end < 0 ? part.length : end)
}

function shapeOf(dims: readonly number[], vertices: number, path: string): number[] {
  const [rank] = dims
  const shape = dims.slice(1, 1 + Math.max(0, Math.min(7, rank)))
  // FreeSurfer's way of more than 32,767 vertices in NIfTI-1: a first dimension of -1, their number in `glmin`.
  if (shape[0] === -1 && shape[1] === 1 && shape[2] === 1) shape[0] = vertices
  const count = shape.reduce((product, n) => product * n, 1)
  if (rank < 1 || rank > 7 || shape.some((n) => n < 1) || !(count * 8 <= Number.MAX_SAFE_INTEGER))
    throw invalid(path, '1 to 7 dimensions of 1 or more', `${rank} dimensions: ${shape.join(' x ')}`)
  return shape
}

function startOf(offset: number, version: 1 | 2, single: boolean, path: string): number {
  const least = single ? (version === 1 ? 352 : 544) : 0
  // Some writers leave it out
  const start = offset === 0 ? least : offset
  if (Number.isSafeInteger(start) && start >= least) return start
  throw invalid(path, `numbers that begin at byte ${least} or later`, `byte ${offset}`)
}

/** As nibabel has it: a slope of 0 or none is no scaling. */
function scalingOf(slope: number, intercept: number, path: string): { slope: number; intercept: number } {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 }
  if (!Number.isFinite(intercept)) throw invalid(path, 'a finite `scl_inter`', `${intercept}`)
  return { slope, intercept }
}

function secondsOf(size: number, unit: number): number {
  const divisor = unit === 16 ? 1e3 : unit === 24 ? 1e6 : 1
  return Number.isFinite(size) && size > 0 ? size / divisor : 0
}

function unsupported(path: string, code: number): HeschlError {
  const known = refused.get(code)
  return new HeschlError('FORMAT_INVALID', 'This NIfTI file holds no real numbers that Heschl can read', {
    where: { file: path },
    expected: 'integers of 8 to 64 bits, float32 or float64',
    found: known ?? `a data type that NIfTI does not know (${code})`,
    remedy: known ? 'Write its real part, magnitude or brightness as float32' : 'Write the file again: it is damaged',
  })
}

const invalid = (path: string, expected: string, found: string) =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound NIfTI file', {
    where: { file: path },
    expected,
    found,
    remedy: 'Write the file again, or fetch it again',
  })
