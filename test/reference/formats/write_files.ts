/** Files as Heschl writes them, for `check_written.py` and the tests: `node write_files.ts FOLDER`. */
import { join } from 'node:path'
import { writeCifti } from '../../../src-main/formats/ciftiWrite.ts'
import { writeMaps } from '../../../src-main/formats/writeMaps.ts'
import { writeMgh } from '../../../src-main/formats/mghWrite.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'

/** Fixed numbers, with those that are hard to keep. */
const numbers = (count: number) => {
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1) * 10 ** ((i % 7) - 3))
  values.set([NaN, Infinity, 1e-42].slice(0, count), 0)
  return values
}

export async function writeFiles(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name)
  const affine = Float64Array.from([-2, 0, 0, 90, 0, 2.5, 0, -126, 0, 0, 3, -72, 0, 0, 0, 1])
  await writeNifti(at('volume.nii'), { shape: [3, 2, 2, 2], data: numbers(24), affine, tr: 1.5, space: 4 })
  await writeNifti(at('volume.nii.gz'), { shape: [3, 2, 2, 2], data: numbers(24), affine, tr: 1.5, space: 4 })
  await writeNifti(at('integers.nii'), { shape: [6], data: Int16Array.of(-32_768, -1, 0, 1, 2, 32_767), affine })
  await writeNifti(at('wide.nii'), { shape: [40_000], data: numbers(40_000), affine })
  await writeMgh(at('volume.mgz'), { shape: [3, 2, 2, 2], data: numbers(24), affine })
  const maps = { names: ['r', 'layer <6>'], left: 10, right: 11, values: numbers(42) }
  for (const format of ['func.gii', 'shape.gii', 'dscalar.nii', 'mgh', 'nii', 'npy', 'npz', 'tsv', 'parquet'] as const)
    await writeMaps(at('maps'), maps, format)
  const best = Float32Array.from({ length: 21 }, (_, i) => (i % 4 === 3 ? NaN : i % 4))
  const classes = ['conv4', 'transf0 & "1"', 'transf9']
  await writeMaps(at('best'), { names: ['best layer'], left: 10, right: 11, values: best, classes }, 'label.gii')
  const models = [
    { structure: 'CORTEX_LEFT', offset: 0, count: 3, vertexCount: 10, vertices: Int32Array.of(1, 2, 9) },
    { structure: 'THALAMUS_RIGHT', offset: 3, count: 2, voxels: Int32Array.of(1, 2, 3, 0, 1, 0) },
  ]
  const rgba = [1, 0.5, 0.25, 1] as const
  const labels = [
    { key: 0, name: '???', rgba: [0, 0, 0, 0] as const },
    { key: 4, name: 'A & "B"', rgba },
  ]
  const along = { kind: 'labels' as const, count: 1, maps: [{ name: 'parts', labels }] }
  const keys = { data: Float32Array.of(0, 4, 4, 0, 4), rows: 1, cols: 5 }
  await writeCifti(at('parts.dlabel.nii'), { along, models, volume: { shape: [4, 5, 4], affine } }, keys)
}

const [folder] = import.meta.main ? process.argv.slice(2) : []
if (folder !== undefined) await writeFiles(folder)
