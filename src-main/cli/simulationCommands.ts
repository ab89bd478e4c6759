/** Registers `simulate`. Its code is loaded when it is called. */
import { Option } from 'commander'
import type { Command } from 'commander'
import type { SimulateOptions } from './commands/simulate.ts'
import { wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

export function addSimulationCommands(add: (name: string, description: string) => Command, run: Runner): void {
  add('simulate', 'a new study whose listeners are simulated on the audio and models of this one')
    .argument('<study>', 'a study.yaml; its recordings are not touched')
    .option('--truth <table>', 'what is planted where, tab-separated (a hierarchy from auditory to frontal cortex)')
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
}

const simulateHelp = `
Columns of the table: region, hemisphere, language, model, layer, weight, hrf, delay, signal, signal_sd, weight_sd,
individual, autocorrelation, smoothing. Only region has to be there; docs/simulate.md says what each is. What was used
is written in full as truth.tsv beside the new study. Equal seeds give equal bytes; recordings that are there and were
made from the same inputs are kept. Then: heschl run, and heschl simulate's listeners are analysed as people are.`
