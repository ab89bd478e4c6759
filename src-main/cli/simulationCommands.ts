/** Registers `simulate` and `power`. Their code is loaded when they are called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { PowerOptions } from './commands/power.ts'
import type { SimulateOptions } from './commands/simulate.ts'
import { required, wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

export function addSimulationCommands(add: (name: string, description: string) => Command, run: Runner): void {
  add('simulate', 'a new study whose listeners are simulated on the audio and models of this one')
    .argument('<study>', 'a study.yaml; its recordings are not touched')
    .option(
      '--truth <table>',
      'what is planted where: tab-separated, or Parquet (a hierarchy from auditory to frontal cortex)',
    )
    .addOption(
      new Option('--subjects <number>', 'listeners of each language (as many as the study has)').argParser(wholeNumber),
    )
    .addOption(new Option('--seed <number>', 'of everything random').argParser(wholeNumber).default(1))
    .option('--noise <file...>', 'a recording to take the noise from: NPY [volumes, vertices], or GIFTI left and right')
    .option('--signal <file...>', 'a map of the share of signal, in place of the table’s: NPY, or GIFTI left and right')
    .option('--out <folder>', 'for the new study (the name of this one, and -simulated)')
    .addHelpText('after', simulateHelp)
    .action((study: string, options: Json & SimulateOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/simulate.ts')).simulate(study, options, output),
      ),
    )
  add('power', 'how many subjects and minutes a contrast needs, with this study as a pilot')
    .argument('<study>', 'a study.yaml that has been run, of people or of simulated listeners')
    .addOption(required('--contrast <A,B>', 'models, spaces or regimes; B may be chance', contrastOf))
    .option('--region <name>', 'of the parcellation (all vertices)')
    .option('--layer <name>', 'of both sides (the mean over layers)')
    .addOption(
      new Option('--effect <d>', 'in place of a pilot: mean of the differences over their SD').argParser(decimal),
    )
    .addOption(new Option('--power <share>', 'of studies that are to find it').argParser(decimal).default(0.8))
    .addOption(new Option('--alpha <level>', 'of the test').argParser(decimal).default(0.05))
    .addOption(new Option('--side <side>', 'greater: A above B').choices(['two-sided', 'greater']).default('two-sided'))
    .addOption(new Option('--studies <number>', 'that are simulated').argParser(wholeNumber).default(1000))
    .addOption(new Option('--seed <number>', 'of the studies').argParser(wholeNumber).default(1))
    .addHelpText('after', powerHelp)
    .action((study: string, options: Json & PowerOptions) =>
      run(options.json === true, async (output) => (await import('./commands/power.ts')).power(study, options, output)),
    )
}

const powerHelp = `
A row for the first run, the first two, and so on, each fitted by itself. d is the mean of subjects' differences over
their SD. The t test's subjects are by the noncentral t, Wilcoxon's those times pi/3, with a 95 % interval over resampled
pilots; the last columns are by simulated studies. Without recordings yet: heschl simulate, heschl run, heschl power.`

function decimal(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It is a number.')
}

function contrastOf(text: string): PowerOptions['contrast'] {
  const [first, second, ...more] = text.split(',').map((name) => name.trim())
  if (first && second && more.length === 0) return [first, second]
  throw new InvalidArgumentError('It is two names: native,non-native.')
}

const simulateHelp = `
Columns of the table: region, hemisphere, language, model, layer, weight, hrf, delay, signal, signal_sd, weight_sd,
individual, autocorrelation, smoothing. Only region has to be there; docs/simulate.md says what each is. What was used
is written in full as truth.tsv and truth.parquet beside the new study. Equal seeds give equal bytes; recordings that are
there and were made from the same inputs are kept. Then heschl run analyses the new study as it would one of people.`
