/** `surface sample`, `surface resample` and `surface mask`. Their code is loaded when they are called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { epiMaskDefaults } from '../surfaces/sampling/epiMask.ts'
import { resampleMethods } from '../surfaces/sampling/spheres.ts'
import { sampleKinds } from '../surfaces/sampling/locations.ts'
import type { MaskOptions } from './commands/surfaceMask.ts'
import type { ResampleOptions, SampleOptions } from './commands/surfaceSample.ts'
import { required, wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

/** @param action makes a command below `surface` */
export function addSampling(action: (name: string, description: string) => Command, run: Runner): void {
  const side = () =>
    new Option('--hemisphere <side>', 'where the names of the surfaces do not say it').choices(['left', 'right'])
  action('sample', 'a volume, or a run of them, at the vertices of one hemisphere')
    .addOption(required('--volume <file>', 'NIfTI, in the space of the surfaces', String))
    .addOption(required('--pial <file>', 'the outer surface: GIFTI or FreeSurfer', String))
    .option('--white <file>', 'the inner surface, of the same vertices')
    .addOption(new Option('--kind <name>', 'where samples are (depth with --white, else line)').choices(sampleKinds))
    .addOption(new Option('--interpolation <name>', 'between voxels').choices(['linear', 'nearest']).default('linear'))
    .addOption(new Option('--radius <mm>', 'of line and ball (3)').argParser(positive))
    .addOption(new Option('--points <count>', 'samples a vertex of depth and line (10)').argParser(points))
    .addOption(
      new Option('--depths <list>', 'in place of --points: 0 is the pial surface, 1 the white').argParser(numbers),
    )
    .option('--mask <file>', 'NIfTI on the same grid: samples outside it are left out')
    .addOption(side())
    .addOption(required('--out <file>', 'a name that ends as heschl convert writes: .func.gii, .mgz, .npy…', String))
    .addHelpText('after', sampleHelp)
    .action((options: Json & SampleOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/surfaceSample.ts')).sampled(options, output),
      ),
    )
  action('resample', 'maps of one hemisphere on another mesh, through spheres that are registered with each other')
    .addOption(required('--map <file>', 'as heschl convert reads: GIFTI, MGH, NPY [maps, vertices]…', String))
    .addOption(required('--from <sphere>', "the sphere of the map's mesh", String))
    .addOption(required('--to <sphere>', 'the sphere of the wanted mesh', String))
    .addOption(new Option('--method <name>', 'of labels nearest').choices(resampleMethods).default('barycentric'))
    .addOption(side())
    .addOption(required('--out <file>', 'a name that ends as heschl convert writes, or in .label.gii', String))
    .addHelpText('after', resampleHelp)
    .action((options: Json & ResampleOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/surfaceSample.ts')).resampled(options, output),
      ),
    )
  const { lower, upper, opening } = epiMaskDefaults
  action('mask', 'where the brain is in runs of fMRI, as nilearn’s compute_epi_mask: a mask that a study can name')
    .argument('<run...>', 'NIfTI as recorded, on one grid; of several, voxels in more than half of their masks')
    .addOption(
      new Option('--lower <share>', 'of voxels that are darker than the cut, at least').argParser(share).default(lower),
    )
    .addOption(new Option('--upper <share>', 'and at most').argParser(share).default(upper))
    .addOption(
      new Option('--opening <steps>', 'of erosion; 0 neither opens nor smooths').argParser(steps).default(opening),
    )
    .option('--exclude-zeros', 'of volumes that were padded with zeros: leave them out of the histogram', false)
    .addOption(required('--out <file>', '.nii or .nii.gz; what it was made from goes beside it, as .json', String))
    .action((runs: readonly string[], options: Json & MaskOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/surfaceMask.ts')).masked(runs, options, output),
      ),
    )
}

const sampleHelp = `
depth: points evenly from the pial to the white surface; line: along the normal, radius outside to radius inside; ball: in a
ball around the vertex; point: the vertex. Their mean is the vertex's value; points outside the volume or mask are left out,
and a vertex without any is NaN. The rules are those of nilearn's vol_to_surf.`

const resampleHelp = `
barycentric weighs the corners of the nearest triangle, as wb_command -metric-resample BARYCENTRIC does. Spheres of fsaverage
are registered with one another; those of fs_LR are not, until they are deformed to fsaverage.`

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 50) return value
  throw new InvalidArgumentError('It is a number of millimetres, above 0 and at most 50.')
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It is a share, from 0 to 1.')
}

function steps(text: string): number {
  const value = wholeNumber(text)
  if (value <= 20) return value
  throw new InvalidArgumentError('It is a whole number from 0 to 20.')
}

function points(text: string): number {
  const value = wholeNumber(text)
  if (value >= 1 && value <= 100) return value
  throw new InvalidArgumentError('It is a whole number from 1 to 100.')
}

function numbers(text: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (values.every((value) => Math.abs(value) <= 5) && values.length <= 100) return values
  throw new InvalidArgumentError('They are at most 100 numbers from -5 to 5, with commas between.')
}
