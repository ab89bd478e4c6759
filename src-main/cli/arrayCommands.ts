/** The commands on files that belong to no study. Each command's code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { ExtractOptions } from './commands/extract.ts'
import type { Runner } from './output.ts'

interface Json {
  readonly json?: true
}

export function addArrayCommands(add: (name: string, description: string) => Command, run: Runner): void {
  add('extract', 'activations of a speech model, no study needed')
    .requiredOption('--model <folder>', 'a Hugging Face folder; with --seed the name of an architecture')
    .addOption(new Option('--seed <number>', 'random weights of an architecture').argParser(wholeNumber))
    .requiredOption('--audio <file...>', 'WAV, FLAC, MP3 or Ogg, any rate')
    .addOption(
      new Option('--layers <names>', 'all, lpp, or names with commas: conv0,transf3')
        .argParser(layerNames)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--window <W/S>', 'seconds of window and stride, 10/5 in the papers; none: one pass')
        .argParser(windowOf)
        .makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'the safetensors file; with several --audio a folder')
    .addHelpText('after', extractHelp)
    .action((options: Json & ExtractOptions) =>
      run(options.json === true, async (output) => (await import('./commands/extract.ts')).extract(options, output)),
    )
}

const extractHelp = `
Writes float32 [frames, units] tensors named conv0…, projection, embedding, transf0…, and transfN.norm where a norm
follows the last block. Frames that two windows share are averaged.`

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

function layerNames(text: string): 'all' | 'lpp' | readonly string[] {
  if (text === 'all' || text === 'lpp') return text
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function windowOf(text: string): ExtractOptions['window'] {
  if (text === 'none') return text
  const [, window, stride] = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (window !== undefined && stride !== undefined)
    return { windowSeconds: Number(window), strideSeconds: Number(stride) }
  throw new InvalidArgumentError('It is window/stride in seconds, as 10/5, or none.')
}
