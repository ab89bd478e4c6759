/** Registers `export`. Its code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { figureNames } from '../contract/findings.ts'
import { mapFormats } from '../formats/mapFormats.ts'
import type { MapFormat } from '../formats/mapFormats.ts'
import { mapKinds } from './derivative/kinds.ts'
import type { ExportOptions, PreferenceOptions } from './commands/export.ts'
import type { FigureExportOptions } from './commands/exportFigure.ts'
import { figureFormats } from './figureFormats.ts'
import { namesOf, wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

export function addExport(add: (name: string, description: string) => Command, run: Runner): void {
  add(
    'export',
    'figures with their data and words; what a fit is made of and predicts, or preferred layers, as NPY files',
  )
    .argument('<study>', 'a study.yaml that has been run')
    .option(
      '--figure <name>',
      `what the scores say, in place of a fit: ${[...figureNames, 'all'].join(', ')}; or a figure that was composed in the window, by its name or file`,
    )
    .option('--with <name=value>', 'an option of the figure; may be given again', gathered, [])
    .addOption(new Option('--width <mm>', 'of the figure').argParser(between(40, 400, 'millimetres')).default(180))
    .addOption(
      new Option('--dpi <number>', 'of its pictures').argParser(between(72, 1200, 'dots an inch')).default(300),
    )
    .addOption(new Option('--theme <name>', 'of its colours').choices(['light', 'dark']).default('light'))
    .addOption(
      new Option('--formats <names>', 'of the figure; its tables and words are always written')
        .argParser((text) => namesOf(text, figureFormats))
        .default([...figureFormats], figureFormats.join(',')),
    )
    .option('--model <id>', 'a model, or a space')
    .option('--layer <name>', 'of the model; a space has but one')
    .option('--subject <id>', 'whose recordings')
    .addOption(
      new Option('--what <names>', 'x: regressors, y: cleaned responses, as folds are given them; predictions; weights')
        .argParser((text) => namesOf(text, ['x', 'y', 'predictions', 'weights']))
        .default(['predictions', 'weights'], 'predictions,weights'),
    )
    .option('--preference', 'in place of a fit: the best layer of each vertex and the layers’ centre of mass')
    .addOption(new Option('--least <score>', 'that the best layer must have on average').argParser(score).default(0))
    .addOption(new Option('--resamples <number>', 'of subjects').argParser(wholeNumber).default(1000))
    .addOption(
      new Option('--interval <kind>', '95 % over subjects').choices(['percentile', 'bca']).default('percentile'),
    )
    .addOption(new Option('--random <seed>', 'of the resamples').argParser(wholeNumber).default(1))
    .option(
      '--maps [kinds]',
      `in place of a fit, what is stored as maps, laid out as a BIDS derivative: some of ${mapKinds.join(',')} (all)`,
    )
    .addOption(
      new Option('--as <formats>', `of the maps: ${mapFormats.join(', ')}`)
        .argParser((text) => namesOf(text, mapFormats))
        .default(['func.gii', 'tsv'], 'func.gii,tsv'),
    )
    .requiredOption('--out <folder>', 'for the files and report.json')
    .addHelpText('after', exportHelp)
    .action(
      (
        study: string,
        options: Json &
          Partial<ExportOptions> &
          PreferenceOptions &
          Partial<Omit<FigureExportOptions, 'figure'>> & {
            readonly figure?: string
            readonly out: string
            readonly preference?: true
            readonly maps?: true | string
            readonly as: readonly MapFormat[]
          },
        command: Command,
      ) =>
        run(options.json === true, async (output) => {
          if (options.figure !== undefined && !isFinding(options.figure)) {
            const { exportPage } = await import('./commands/exportPage.ts')
            for (const own of ['width', 'theme', 'with'])
              if (command.getOptionValueSource(own) === 'cli')
                command.error(`error: option '--${own}' is not of a composed figure, which has its own`)
            const { figure, formats, out } = options as FigureExportOptions & { readonly figure: string }
            const dpi = command.getOptionValueSource('dpi') === 'cli' ? { dpi: options.dpi! } : {}
            return exportPage(study, { figure, formats, out, ...dpi }, output)
          }
          if (options.figure !== undefined) {
            const { exportFigure } = await import('./commands/exportFigure.ts')
            return exportFigure(study, options as FigureExportOptions, output)
          }
          if (options.maps !== undefined) {
            const { exportMaps } = await import('./commands/exportMaps.ts')
            const maps = options.maps === true ? mapKinds : namesOf(options.maps, mapKinds)
            return exportMaps(study, { ...options, maps }, output)
          }
          const { exportFit, exportPreference } = await import('./commands/export.ts')
          if (options.model === undefined) command.error("error: required option '--model <id>' not specified")
          if (options.preference === true) return exportPreference(study, options, output)
          if (options.subject === undefined) command.error("error: required option '--subject <id>' not specified")
          return exportFit(study, options as ExportOptions, output)
        }),
    )
}

const isFinding = (name: string) => name === 'all' || (figureNames as readonly string[]).includes(name)

const exportHelp = `
x.npy [samples, features] and y.npy [samples, targets] are what heschl encode would be given; predictions.npy [samples,
targets] are of every held-out sample, weights.npy [features, targets] the mean over folds. They are computed again.

--maps writes scores of every subject and their mean (a file a model, a map a layer), preferred layers, what the regimes
differ by, and noise ceilings, with JSON files that say what each is of, as nibabel and Connectome Workbench read them.
Of electrodes it writes one table of scores, electrodes.tsv or .parquet (--as): a row an electrode with its coordinates as
in the study's tables, a column a map, and electrodes.json, which says what each column is.

preference.npy [7, vertices]: best layer, its interval's ends, centre of mass, its interval's ends, and the share of
resamples with the same best layer; layers count from 0 in the order of report.json. NaN: no layer scores --least.`

function score(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It is a score, as 0.01.')
}

const between = (low: number, high: number, unit: string) => (text: string) => {
  const value = Number(text)
  if (text.trim() !== '' && value >= low && value <= high) return value
  throw new InvalidArgumentError(`It is ${low} to ${high} ${unit}.`)
}

const gathered = (text: string, before: readonly string[]): readonly string[] => [...before, text]
