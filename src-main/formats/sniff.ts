/** What a file is, from its content: its name says nothing here. */
import { withBytes } from './gzipped.ts'
import type { ByteSource } from './gzipped.ts'
import { isCiftiIntent } from './cifti.ts'
import { findSuperblock } from './hdf5/objects.ts'
import { patchMagic } from './freesurferPatch.ts'
import { matOrder } from './mat/elements.ts'
import { looksLikeMgh } from './mgh.ts'
import { looksLikeParquet } from './parquet/footer.ts'
import { niftiIntent, niftiVersion } from './niftiHeader.ts'

export type NeuroFormat =
  | 'nifti'
  | 'cifti'
  | 'gifti'
  | 'mgh'
  | 'npy'
  | 'npz'
  | 'hdf5'
  | 'mat'
  | 'parquet'
  | 'freesurfer-surface'
  | 'freesurfer-patch'
  | 'freesurfer-curv'
  | 'freesurfer-annot'
  | 'freesurfer-label'
  | 'freesurfer-weights'

/** Names for people, in messages. */
export const formatNames: Readonly<Record<NeuroFormat, string>> = {
  nifti: 'NIfTI',
  cifti: 'CIFTI-2',
  gifti: 'GIFTI',
  mgh: 'FreeSurfer MGH',
  npy: 'NumPy NPY',
  npz: 'NumPy NPZ',
  hdf5: 'HDF5',
  mat: 'MATLAB 5',
  parquet: 'Parquet',
  'freesurfer-surface': 'a FreeSurfer surface',
  'freesurfer-patch': 'a FreeSurfer patch',
  'freesurfer-curv': 'a FreeSurfer curvature file',
  'freesurfer-annot': 'a FreeSurfer annotation',
  'freesurfer-label': 'a FreeSurfer label',
  'freesurfer-weights': 'FreeSurfer weights',
}

/** GIFTI's root may stand behind a declaration, a document type and a comment. */
const firstBytes = 4096

/**
 * The format of a file, gzipped or not; undefined where it is none of them. Old curvature files and weights have no
 * first bytes of their own: their sizes give them away.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID for gzip data that cannot be unpacked
 */
export async function sniffFormat(path: string): Promise<NeuroFormat | undefined> {
  return withBytes(path, async (source) => {
    const start = Buffer.from((await source.first(firstBytes)).buffer)
    return byMagic(start) ?? (source.gzipped ? undefined : ((await behindBlock(source)) ?? bySize(start, source)))
  })
}

function byMagic(start: Buffer): NeuroFormat | undefined {
  if (niftiVersion(start)) return isCiftiIntent(niftiIntent(start)) ? 'cifti' : 'nifti'
  const text = start.toString('latin1')
  if (text.startsWith('\x93NUMPY')) return 'npy'
  if ([0, 512, 1024, 2048].some((at) => text.startsWith('\x89HDF\r\n\x1a\n', at))) return 'hdf5'
  if (matOrder(start)) return 'mat'
  if (looksLikeParquet(start)) return 'parquet'
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'npz'
  if (/^(\xef\xbb\xbf)?\s*</.test(text) && /<GIFTI[\s>]/.test(text)) return 'gifti'
  if (text.startsWith('#') && /^#[^\n]*\n\s*\d+\s*\n/.test(text)) return 'freesurfer-label'
  if (looksLikeMgh(start)) return 'mgh'
  return undefined
}

/** HDF5 behind a user's block of 4096 bytes or more. */
async function behindBlock({ path, most: size, read }: ByteSource): Promise<'hdf5' | undefined> {
  return (await findSuperblock({ path, size, read })) === undefined ? undefined : 'hdf5'
}

function bySize(start: Buffer, { most: size }: ByteSource): NeuroFormat | undefined {
  if (start.length < 16) return undefined
  const first = start.readUIntBE(0, 3)
  // Curvature and quadrangles both begin with -1 in three bytes: of curvature the size follows from the vertices
  if (first === 0xffffff && size === 15 + 4 * start.readInt32BE(3)) return 'freesurfer-curv'
  if (start.readInt32BE(0) === patchMagic && size === 8 + 16 * start.readInt32BE(4)) return 'freesurfer-patch'
  if (first === 0xffffff || first === 0xfffffe || first === 0xfffffd) return 'freesurfer-surface'
  const vertices = start.readInt32BE(0)
  if (vertices > 0 && 4 + 8 * vertices + 8 <= size && start.readInt32BE(4) === 0) return 'freesurfer-annot'
  if (first > 0 && size === 6 + 2 * first) return 'freesurfer-curv'
  if (start.readInt16BE(0) === 0 && size === 5 + 7 * start.readUIntBE(2, 3)) return 'freesurfer-weights'
  return undefined
}
