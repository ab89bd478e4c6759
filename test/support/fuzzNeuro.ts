/** The readers of neuroimaging's formats for the fuzz tests, with the files of test/reference/formats to begin from. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { niftiPieces } from '../../src-main/formats/niftiWrite.ts'
import type { FuzzReader } from './fuzzReaders.ts'

const reference = fileURLToPath(new URL('../reference/formats/', import.meta.url))
const file = (name: string) => readFileSync(join(reference, name))
const MiB = 1024 * 1024

/** @param most seeds' bytes: large ones take time and show nothing that small ones do not */
const files =
  (pattern: RegExp, most = 4000) =>
  () =>
    readdirSync(reference)
      .filter((name) => pattern.test(name))
      .map(file)
      .filter(({ length }) => length <= most)

/** Deflate makes at most 1,032 bytes of one, each of which may be a float32 in the result. */
const unpacked = 4 * 1032

const sound = (shape: readonly number[], length: number) => {
  if (shape.reduce((product, n) => product * n, 1) !== length) throw new Error('another shape')
}

const nifti = (name: string, pattern: RegExp, perByte: number): FuzzReader => ({
  seeds: files(pattern),
  name,
  async read() {
    const { niftiFrames, readNiftiValues, readNiftiVolumes } = await import('../../src-main/formats/nifti.ts')
    return async (path) => {
      const { header, data } = await readNiftiVolumes(path)
      sound(header.shape, data.length)
      const { values, frames } = niftiFrames(header)
      const first = await readNiftiValues(path, { from: 0, to: values }, 0, 1)
      if (first.cols !== values || frames < 1) throw new Error('another shape')
    }
  },
  beyond: 2 * MiB,
  perByte,
})

const mgh = (name: string, pattern: RegExp, perByte: number): FuzzReader => ({
  seeds: files(pattern),
  name,
  async read() {
    const { readMghFrames } = await import('../../src-main/formats/mgh.ts')
    return async (path) => {
      const { header, data } = await readMghFrames(path)
      sound(header.shape, data.length)
    }
  },
  beyond: 2 * MiB,
  perByte,
})

const surface = (name: string, pattern: RegExp, read: FuzzReader['read']): FuzzReader => ({
  seeds: files(pattern),
  name,
  read,
  beyond: MiB,
  perByte: 32,
})

/** What may go wrong with one array of a file does not keep the others from being read. */
async function eachArray<Place>(places: Iterable<Place>, read: (place: Place) => Promise<void>): Promise<void> {
  let sound = 0
  let refused: Error | undefined
  for (const place of places) {
    try {
      await read(place)
      sound++
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'HeschlError') throw error
      refused = error
    }
  }
  if (sound === 0 && refused !== undefined) throw refused
}

const others = (folder: string, pattern: RegExp, most: number) => () =>
  readdirSync(join(reference, '..', folder))
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(join(reference, '..', folder, name)))
    .filter(({ length }) => length <= most)

/** A ball of a few voxels, plain and gzipped. */
const volume = (): Buffer[] => {
  const data = Uint8Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 2)))
  const affine = Float64Array.of(2, 0, 0, -4, 0, 2, 0, -3, 0, 0, 2, -3, 0, 0, 0, 1)
  const plain = Buffer.concat([...niftiPieces({ shape: [5, 4, 3], data, affine })])
  return [plain, gzipSync(plain)]
}

export const neuroReaders = {
  voxels: {
    seeds: volume,
    name: 'mask.nii',
    prepare: (folder) => writeFileSync(join(folder, 'names.tsv'), 'index\tname\n1\tone\n2\ttwo\n'),
    async read() {
      const { loadVoxels } = await import('../../src-main/surfaces/voxels.ts')
      return async (path, folder) => {
        const { left, voxels } = await loadVoxels(path, { volume: path, names: join(folder, 'names.tsv') })
        sound([voxels!.indices.length], left.labels.length)
      }
    },
    beyond: 2 * MiB,
    perByte: 3 * unpacked,
  },
  volumeRun: {
    seeds: volume,
    name: 'run.nii',
    async read() {
      const { icosphere } = await import('../../src-main/surfaces/icosphere.ts')
      const { samplingDefaults } = await import('../../src-main/surfaces/sampling/locations.ts')
      const { VolumeSampler } = await import('../../src-main/surfaces/sampling/sampler.ts')
      const { sampleRun, volumeShape } = await import('../../src-main/surfaces/sampling/volumeRun.ts')
      const { points, triangles } = icosphere(0)
      const outer = { points: Float32Array.from(points, (x) => 3 * x), triangles }
      return async (path) => {
        const { volumes, grid } = await volumeShape(path)
        const sampler = new VolumeSampler([{ outer }], { grid, file: path }, { ...samplingDefaults, kind: 'line' })
        const { data } = await sampleRun(path, volumes, sampler, { from: 0, to: 12 })
        sound([volumes, 12], data.length)
      }
    },
    beyond: 4 * MiB,
    // A run of volumes of one voxel has twelve values of each.
    perByte: 12 * unpacked,
  },
  hdf5: {
    seeds: others('hdf5', /\.h5$/, 10_000),
    name: 'arrays.h5',
    async read() {
      const { withHdf5 } = await import('../../src-main/formats/hdf5/file.ts')
      return (path) =>
        withHdf5(path, async (file) =>
          eachArray((await file.list()).values(), async ({ object, dataSet: { shape, type }, dataSet }) => {
            await file.attributes(object)
            const whole = shape.map(() => 0)
            sound([...shape, type.bytes], (await dataSet.read(whole, shape)).length)
          }),
        )
    },
    beyond: 2 * MiB,
    perByte: 1032,
  },
  mat: {
    seeds: others('mat', /(plain|big|packed)\.mat$/, 4000),
    name: 'arrays.mat',
    async read() {
      const { withFile } = await import('../../src-main/formats/fileBytes.ts')
      const { findMatrix, mat5Array, openMat5 } = await import('../../src-main/formats/mat/mat5.ts')
      return (path) =>
        withFile(path, async (file) => {
          const bytes = await openMat5(file)
          await eachArray(['s.deep.y', 't(2).b'], async (name) => {
            const { shape, block } = await mat5Array(await findMatrix(bytes, name), name)
            const { length } = await block(
              shape.map(() => 0),
              shape,
            )
            sound(shape, length)
          })
        })
    },
    beyond: 2 * MiB,
    perByte: unpacked * 2,
  },
  mat73: {
    seeds: others('mat', /73\.mat$/, 30_000),
    name: 'arrays.mat',
    async read() {
      const { withHdf5 } = await import('../../src-main/formats/hdf5/file.ts')
      const { findMat73, mat73Array } = await import('../../src-main/formats/mat/mat73.ts')
      return (path) =>
        withHdf5(path, (file) =>
          eachArray(['s.deep.y', 't(2).b'], async (name) => {
            const { shape, block } = await mat73Array(file, await findMat73(file, name), name)
            const { length } = await block(
              shape.map(() => 0),
              shape,
            )
            sound(shape, length)
          }),
        )
    },
    beyond: 2 * MiB,
    perByte: unpacked * 2,
  },
  nifti: nifti('volume.nii', /^[fiu]\d.*\.nii$/, 8),
  niftiGz: nifti('volume.nii.gz', /-gz\.nii\.gz$/, unpacked),
  niftiPair: {
    ...nifti('volume.hdr', /^pair\.hdr$/, 8),
    prepare: (scratch: string) => writeFileSync(join(scratch, 'volume.img'), file('pair.img')),
  },
  mgh: mgh('volume.mgh', /\.mgh$/, 8),
  mgz: mgh('volume.mgz', /\.mgz$/, unpacked),
  cifti: {
    seeds: files(/\.(dtseries|dscalar|dlabel)\.nii$/),
    name: 'grayordinates.nii',
    async read() {
      const { readCiftiHeader, readCiftiValues } = await import('../../src-main/formats/cifti.ts')
      return async (path) => {
        const { points, grayordinates } = await readCiftiHeader(path)
        const { rows, cols } = await readCiftiValues(path)
        if (rows !== points || cols !== grayordinates) throw new Error('another shape')
      }
    },
    beyond: MiB,
    perByte: 16,
  },
  freesurferSurface: surface('lh.pial', /^lh\.(triangles|quads|newquads)$/, async () => {
    const { readFreesurferSurface } = await import('../../src-main/formats/freesurferSurface.ts')
    return async (path) => {
      const { points, triangles } = await readFreesurferSurface(path)
      if (triangles.some((corner) => corner < 0 || corner >= points.length / 3)) throw new Error('no vertex')
    }
  }),
  freesurferPatch: {
    seeds: others('surfaces/patch', /\.flat$/, 4000),
    name: 'lh.patch.flat',
    async read() {
      const { readFreesurferPatch } = await import('../../src-main/formats/freesurferPatch.ts')
      return async (path) => {
        const { vertices, points } = await readFreesurferPatch(path)
        if (new Set(vertices).size * 3 !== points.length) throw new Error('another length')
      }
    },
    beyond: MiB,
    perByte: 32,
  },
  freesurferCurv: surface('lh.curv', /^lh\.(old)?curv$/, async () => {
    const { readFreesurferMorph } = await import('../../src-main/formats/freesurferMorph.ts')
    return readFreesurferMorph
  }),
  freesurferWeights: surface('lh.w', /\.w$/, async () => {
    const { readFreesurferWeights } = await import('../../src-main/formats/freesurferMorph.ts')
    return async (path) => {
      const { vertices, values } = await readFreesurferWeights(path)
      if (vertices.length !== values.length) throw new Error('another length')
    }
  }),
  annot: surface('lh.annot', /\.annot$/, async () => {
    const { readAnnot } = await import('../../src-main/formats/freesurferAnnot.ts')
    return async (path) => {
      const { labels, entries } = await readAnnot(path)
      if (labels.some((label) => label !== -1 && !entries.has(label))) throw new Error('no region')
    }
  }),
  freesurferLabel: surface('lh.label', /\.label$/, async () => {
    const { readFreesurferLabel } = await import('../../src-main/formats/freesurferLabel.ts')
    return async (path) => {
      const { vertices, values } = await readFreesurferLabel(path)
      if (vertices.length !== values.length || values.some(Number.isNaN)) throw new Error('not numbers')
    }
  }),
  matrix: {
    seeds: others('matrices', /\.(tsv|csv|mgz|npz)$|^y\.nii\.gz$/, 4000),
    name: 'matrix',
    async read() {
      const { matrixColumns, matrixHeader, matrixRows } = await import('../../src-main/formats/matrixFile.ts')
      return async (path) => {
        const [rows = 0, cols = 1] = (await matrixHeader(path)).shape
        sound([rows, Math.min(1, cols)], (await matrixColumns(path, 0, Math.min(1, cols))).data.length)
        await matrixRows(path, 0, Math.min(1, rows))
      }
    },
    beyond: 2 * MiB,
    // Of volumes of one voxel each is read again for its one row
    perByte: 2 * unpacked,
  },
  parquet: {
    seeds: others('parquet', /^(?!constant).*\.parquet$/, 4000),
    name: 'table.parquet',
    async read() {
      const { readParquetTable } = await import('../../src-main/formats/parquet/parquet.ts')
      return async (path) => {
        const { columns, rows } = await readParquetTable(path)
        for (const { values } of rows) sound([columns.length], values.length)
      }
    },
    // What is read of any file, however small: one value may stand for many (formats/parquet/parquet.ts)
    beyond: 33 * MiB,
    perByte: unpacked * 2,
  },
  parquetMatrix: {
    seeds: others('parquet', /^(single|numbers).*\.parquet$/, 4000),
    name: 'matrix.parquet',
    async read() {
      const { readArray } = await import('../../src-main/formats/arrayFile.ts')
      return async (path) => {
        const { shape, data } = await readArray(path)
        sound(shape, data.length)
      }
    },
    beyond: 33 * MiB,
    perByte: unpacked * 2,
  },
  npz: {
    seeds: files(/\.npz$/),
    name: 'arrays.npz',
    async read() {
      const { readNpz, readNpzHeaders } = await import('../../src-main/formats/npz.ts')
      return async (path) => {
        for (const name of (await readNpzHeaders(path)).keys()) {
          const { shape, data } = await readNpz(path, name)
          sound(shape, data.length)
        }
      }
    },
    beyond: MiB,
    perByte: 1032 * 8,
  },
  labels: {
    seeds: () => [...files(/\.annot$/)(), readFileSync(join(reference, '..', 'gifti', 'label.gii'))],
    name: 'lh.labels',
    async read() {
      const { readLabelFile } = await import('../../src-main/surfaces/labelFile.ts')
      return async (path) => {
        const { table } = await readLabelFile(path)
        if (!table.every(({ key }) => Number.isInteger(key))) throw new Error('no keys')
      }
    },
    beyond: 8 * MiB,
    perByte: 1024,
  },
  /** `heschl surface info`: whatever it is. */
  info: {
    seeds: () => [
      ...files(/\.(nii|mgh|npz|annot|w|gz)$/, 1000)(),
      ...others('parquet', /^v\d+\.parquet$/, 1500)(),
      ...others('matrices', /\.(tsv|csv)$/, 4000)(),
    ],
    name: 'anything',
    async read() {
      const { describeFile } = await import('../../src-main/surfaces/fileInfo.ts')
      return async (path) => {
        if (Object.keys((await describeFile(path)).facts).length === 0) throw new Error('no facts')
      }
    },
    beyond: 8 * MiB,
    perByte: unpacked,
  },
  sniff: {
    seeds: files(/\.(nii|mgh|npz|annot|w|gz)$/, 1000),
    name: 'anything',
    async read() {
      const { sniffFormat } = await import('../../src-main/formats/sniff.ts')
      return sniffFormat
    },
    beyond: 2 * MiB,
    perByte: 8,
  },
} as const satisfies Record<string, FuzzReader>
