/** `surface mask`: where the brain is in runs of fMRI, as a mask that a study can name. */
import { basename, dirname, relative } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { writeNifti } from '../../formats/niftiWrite.ts'
import { commonMask, epiMask, meanVolume } from '../../surfaces/sampling/epiMask.ts'
import type { EpiMaskOptions } from '../../surfaces/sampling/epiMask.ts'
import { maskOn } from '../../surfaces/sampling/volumeRun.ts'
import type { VoxelGrid } from '../../surfaces/sampling/grid.ts'
import { version } from '../installation.ts'
import { counted } from '../format.ts'
import type { Output } from '../output.ts'
import { ownWork } from '../ownWork.ts'

export interface MaskOptions extends EpiMaskOptions {
  readonly out: string
}

const ending = /\.nii(\.gz)?$/i

/** Writes the mask, and beside it in JSON what it was made from and how. */
export async function masked(
  files: readonly string[],
  { out, lower, upper, opening, excludeZeros }: MaskOptions,
  output: Output,
): Promise<number> {
  if (!ending.test(out))
    throw new HeschlError('OPTION_INVALID', 'A mask is written as NIfTI', {
      expected: '--out with a name that ends in .nii or .nii.gz',
      found: out,
    })
  if (!(lower < upper))
    throw new HeschlError('OPTION_INVALID', 'The shares of a histogram are in the wrong order', {
      expected: '--lower below --upper',
      found: `${lower} and ${upper}`,
    })
  const options = { lower, upper, opening, excludeZeros }
  const work = ownWork(output, 'Masking')
  try {
    const masks: Uint8Array<ArrayBuffer>[] = []
    const sources: { readonly file: string; readonly threshold: number; readonly voxels: number }[] = []
    let first: VoxelGrid | undefined
    for (const [i, file] of files.entries()) {
      const { grid, mean } = await meanVolume(file, (done, of) =>
        work.tell(`Reading ${basename(file)}`, (i + done / of) / files.length),
      )
      first ??= grid
      maskOn({ grid: first, indices: new Int32Array() }, files[0], grid, file)
      const { mask, threshold } = epiMask(mean, grid.shape, options)
      masks.push(mask)
      sources.push({ file: relative(dirname(out), file), threshold, voxels: count(mask) })
    }
    const { shape, affine } = first!
    const mask = commonMask(masks, shape)
    await writeNifti(out, { shape, data: mask, affine })
    const voxels = count(mask)
    const about = {
      Type: 'Brain',
      Description:
        files.length === 1
          ? 'Mask of a run, as nilearn’s compute_epi_mask'
          : 'Voxels in more than half of the masks of several runs, as nilearn’s compute_multi_epi_mask',
      Sources: sources.map((source) => source.file),
      GeneratedBy: [{ Name: 'Heschl', Version: version }],
      Options: options,
      Runs: sources,
      Voxels: voxels,
    }
    await writeFileAtomic(out.replace(ending, '.json'), `${JSON.stringify(about, null, 2)}\n`)
    work.end()
    output.document({ out, voxels, of: mask.length, runs: sources, ...options })
    output.say(`${out}: ${counted(voxels, 'voxel')} of ${mask.length.toLocaleString('en')}`)
    return 0
  } finally {
    work.end()
  }
}

const count = (mask: Uint8Array) => mask.reduce((sum, inside) => sum + inside, 0)
