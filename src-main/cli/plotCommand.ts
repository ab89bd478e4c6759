/** `surface plot`. Its code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { PlotOptions } from './commands/surfacePlot.ts'
import { wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

/** As src-renderer has them, which `--help` does not load. */
const views = ['overview', 'lateral', 'medial', 'dorsal', 'ventral'] as const satisfies readonly PlotOptions['view'][]
const colormaps = [
  'viridis',
  'inferno',
  'magma',
  'cividis',
  'blue-red',
] as const satisfies readonly PlotOptions['colours'][]

/** @param action makes a command below `surface` */
export function addPlot(action: (name: string, description: string) => Command, run: Runner): void {
  action('plot', 'a map on a cortex as SVG, PDF or PNG, without a window')
    .requiredOption('--surface <name or files...>', 'a template, a folder, `schematic`, or the meshes LEFT RIGHT')
    .option('--map <files...>', 'one of both hemispheres, or LEFT RIGHT: GIFTI, CIFTI-2, MGH, FreeSurfer, NPY…', [])
    .option('--electrodes <table>', 'electrodes.tsv: discs on the cortex, with a map below them or without')
    .option('--values <column>', 'of that table: what colours them')
    .addOption(
      new Option('--discs <mm>', 'diameter of electrodes').argParser(between(0.5, 20, 'millimetres')).default(4),
    )
    .requiredOption('--out <file>', 'its end says the format: .svg, .pdf or .png')
    .option('--sulc <files...>', 'sulcal depth of the meshes LEFT RIGHT: the grey below the map')
    .addOption(new Option('--hemisphere <side>', 'of a map of one hemisphere').choices(['left', 'right']))
    .addOption(new Option('--index <number>', 'of several maps in a file').argParser(wholeNumber).default(1))
    .addOption(new Option('--view <name>', 'overview is lateral over medial').choices(views).default('overview'))
    .addOption(new Option('--form <name>', 'of the surface').choices(['inflated', 'folded']).default('inflated'))
    .addOption(new Option('--colours <name>', 'blue-red is diverging').choices(colormaps).default('viridis'))
    .addOption(
      new Option('--limits <low,high>', "of the colours; left out, the map's 2nd and 98th percentile").argParser(
        limits,
      ),
    )
    .addOption(new Option('--centre <value>', 'of a diverging map without --limits').argParser(number).default(0))
    .addOption(
      new Option('--threshold <value>', 'values below are not coloured; automatic: from the scatter below 0').argParser(
        (text) => (text === 'automatic' ? text : number(text)),
      ),
    )
    .option('--label <words>', "below the colour bar, with the unit; left out, the map's own name")
    .option('--title <words>', 'above it', '')
    .addOption(new Option('--width <mm>', 'of the figure').argParser(between(20, 400, 'millimetres')).default(88))
    .addOption(new Option('--height <mm>', 'of the figure').argParser(between(20, 400, 'millimetres')).default(72))
    .addOption(new Option('--dpi <number>', 'of its picture').argParser(between(72, 1200, 'dots an inch')).default(300))
    .addOption(new Option('--theme <name>', 'of its colours').choices(['light', 'dark']).default('light'))
    .action((options: Json & PlotOptions) =>
      run(options.json === true, async (output) => (await import('./commands/surfacePlot.ts')).plot(options, output)),
    )
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It is a number.')
}

function limits(text: string): { readonly low: number; readonly high: number } {
  const [low, high, ...rest] = text.split(',').map(number)
  if (high !== undefined && rest.length === 0 && low < high) return { low, high }
  throw new InvalidArgumentError('It is two numbers, the lower first, as 0,0.3.')
}

const between = (low: number, high: number, unit: string) => (text: string) => {
  const value = Number(text)
  if (text.trim() !== '' && value >= low && value <= high) return value
  throw new InvalidArgumentError(`It is ${low} to ${high} ${unit}.`)
}
