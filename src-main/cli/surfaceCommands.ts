/** The commands on templates and files of surfaces. Each command's code is loaded when it is called. */
import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import type { ConvertOptions } from '../formats/convert/write.ts'
import { wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'
import { addPlot } from './plotCommand.ts'
import { addSampling } from './samplingCommands.ts'

interface Json {
  readonly json?: true
}

export function addSurfaceCommands(
  program: Command,
  add: (name: string, description: string) => Command,
  run: Runner,
): void {
  add('template', 'cortices that studies name: fsaverage3 to fsaverage7, fs_LR')
    .addArgument(new Argument('<action>', 'what to do').choices(['list', 'add']))
    .argument('[name]', 'of the template: fsaverage5, fs_LR_32k…')
    .argument('[folder]', "FreeSurfer's subjects folder, nilearn's package folder, or a folder of GIFTI files")
    .addHelpText(
      'after',
      `
heschl template add fsaverage5 $FREESURFER_HOME/subjects
copies the surfaces, checked, into the user's data folder (HESCHL_DATA_DIR names another); surface: fsaverage5 in a
study then finds them. Nothing is fetched from anywhere.`,
    )
    .action((action: 'list' | 'add', name: string | undefined, folder: string | undefined, options: Json) =>
      run(options.json === true, async (output) => {
        const commands = await import('./commands/surface.ts')
        return action === 'list' ? commands.listed(output) : commands.added(name, folder, output)
      }),
    )
  const surface = program
    .command('surface')
    .description('files of surfaces, maps and volumes: what they hold, volumes at vertices, maps on another mesh')
  const action = (name: string, description: string) =>
    surface.command(name).description(description).option('--json', 'one JSON document on stdout')
  action('info', 'what files hold')
    .argument(
      '<file...>',
      'volumes, surfaces, maps, arrays, tables, TextGrids (docs/formats.md); the content tells which',
    )
    .action((files: readonly string[], options: Json) =>
      run(options.json === true, async (output) => (await import('./commands/surface.ts')).info(files, output)),
    )
  addSampling(action, run)
  addPlot(action, run)
  add('convert', 'numbers from one format to another, unchanged: arrays, maps, volumes')
    .argument('<file...>', 'one file, or the left and the right cortex; and, last, what is written')
    .addOption(new Option('--hemisphere <side>', 'of one file of one cortex').choices(['left', 'right']))
    .addOption(
      new Option('--left <vertices>', 'of one file of both cortices: how many come first').argParser(wholeNumber),
    )
    .option('--round', 'where the format has float32 alone: round what it cannot hold', false)
    .addHelpText('after', convertHelp)
    .action((files: readonly string[], options: ConvertOptions & Json) =>
      run(options.json === true, async (output) =>
        (await import('./commands/convert.ts')).convert(files, options, output),
      ),
    )
}

const convertHelp = `
Reads NPY, NPZ, HDF5, MATLAB (file.h5:/group/data, file.mat:runs{2}.data), Parquet, NIfTI, MGH, GIFTI, CIFTI-2: the content tells
which. Writes by the ending: .npy .npz .nii .nii.gz .mgh .mgz .func.gii .shape.gii .dscalar.nii .tsv .parquet. On a
surface an array is [maps, vertices]; of both cortices GIFTI, MGH and NIfTI have a file each, NAME_hemi-L and NAME_hemi-R.`
