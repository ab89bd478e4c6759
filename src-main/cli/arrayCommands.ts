/** The commands on files that belong to no study. Each command's code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { hrfNames } from '../study/hrf.ts'
import type { HaemodynamicResponse } from '../study/hrf.ts'
import type { DesignOptions } from './commands/design.ts'
import type { ExtractOptions } from './commands/extract.ts'
import type { ExtractWordsOptions } from './commands/extractWords.ts'
import { addEncode } from './encodeCommand.ts'
import { layerNames, required, seconds, truth, wholeNumber, windowOf } from './optionParsers.ts'
import type { Runner } from './output.ts'
import { providerOption } from './providerOption.ts'

interface Json {
  readonly json?: true
}

export function addArrayCommands(add: (name: string, description: string) => Command, run: Runner): void {
  add('extract', 'activations of a model, no study needed')
    .requiredOption('--model <path>', 'a Hugging Face folder, or an ONNX file; with --seed the name of an architecture')
    .addOption(new Option('--seed <number>', 'random weights of an architecture').argParser(wholeNumber))
    .option('--tokenizer <folder>', 'with --seed and --words: tokenizer.json, or vocab.json and merges.txt')
    .option('--audio <file...>', 'WAV, FLAC, MP3 or Ogg, any rate')
    .option(
      '--words <file...>',
      'instead of --audio, for a model that reads: a table (onset, duration, text) or a TextGrid',
    )
    .addOption(new Option('--layers <names>', 'all, lpp, or names with commas: conv0,transf3').argParser(layerNames))
    .option('--taps <name...>', 'of an ONNX file: values that are its layers, by name or with * for any characters')
    .addOption(new Option('--normalize <yes>', 'of an ONNX file: zero mean, unit variance a window').argParser(truth))
    .option('--input <name>', 'of an ONNX file: the input for audio, where several could be it')
    .option('--accept-clipping', 'take audio whose peaks are cut off as it is')
    .option('--list-taps', 'what an ONNX file computes on the way, and nothing else')
    .addOption(
      new Option(
        '--window <W/S>',
        'seconds of window and stride, 10/5 in the papers; causal:10/0.5, context and step; none: one pass',
      ).argParser(windowOf),
    )
    .addOption(
      new Option('--norm <over>', 'norms over time are of each window, as in the papers, or of the whole recording')
        .choices(['window', 'recording'])
        .default('window'),
    )
    .addOption(
      new Option('--context <words>', 'with --words: how many words before each are read; full: as many as fit')
        .argParser((text) => (text === 'full' ? text : wholeNumber(text)))
        .default('full'),
    )
    .addOption(
      new Option('--tokens <how>', 'with --words: a word of several tokens is their mean, or the last')
        .choices(['mean', 'last'])
        .default('mean'),
    )
    .option('--out <file>', 'the safetensors file; with several --audio or --words a folder')
    .addOption(providerOption())
    .addHelpText('after', extractHelp)
    .action((options: Json & ExtractOptions & ExtractWordsOptions & { readonly listTaps?: true }, command: Command) => {
      if (options.listTaps === true)
        return run(options.json === true, async (output) =>
          (await import('./commands/taps.ts')).listTaps(options, output),
        )
      if ((options.words as readonly string[] | undefined) !== undefined) {
        needs(command, 'layers', 'out')
        refuses(command, '--words', 'audio', 'taps', 'normalize', 'input', 'window')
        return run(options.json === true, async (output) =>
          (await import('./commands/extractWords.ts')).extractWords(options, output),
        )
      }
      needs(command, 'audio', 'window', 'out')
      refuses(command, '--audio', 'tokenizer')
      return run(options.json === true, async (output) =>
        (await import('./commands/extract.ts')).extract(options, output),
      )
    })
  add('design', 'the regressors that activations predict, no study needed')
    .requiredOption(
      '--activations <file>',
      '[frames, units], of any numeric type: NPY, NPZ, HDF5 or MATLAB (file.h5:/data), a TSV, CSV or Parquet table',
    )
    .addOption(required('--hop <seconds>', 'from one frame to the next; 0.02 for the blocks of wav2vec 2.0', seconds))
    .addOption(required('--tr <seconds>', 'between volumes', seconds))
    .addOption(required('--volumes <number>', 'of the run', wholeNumber))
    .addOption(required('--hrf <name>', `haemodynamic response: ${hrfNames.join(', ')}, or fir:1,2,3,4 (TRs)`, hrfOf))
    .addOption(required('--oversampling <number>', 'steps a TR of the grid that is convolved; 16 or 50', wholeNumber))
    .addOption(
      new Option('--start <seconds>', 'from the first volume to the first frame').argParser(seconds).default(0),
    )
    .addOption(
      new Option('--scale <how>', 'each unit over the run, before the response: minmax to 0–1, or zscore')
        .choices(['none', 'minmax', 'zscore'])
        .default('none'),
    )
    .requiredOption('--out <file>', 'the NPY file')
    .addHelpText('after', designHelp)
    .action((options: Json & DesignOptions) =>
      run(options.json === true, async (output) => (await import('./commands/design.ts')).design(options, output)),
    )
  addEncode(add, run)
}

const extractHelp = `
Writes float32 [frames, units] tensors named conv0…, projection, embedding, transf0…, and transfN.norm where a norm
follows the last block. Frames that two windows share are averaged. The layers of an ONNX file are the values that
--taps names, under their own names.

With --words: float32 [words, units] a layer, and float64 onset and offset [words] in seconds. The words are joined by
spaces; each is read with what stands before it.`

const designHelp = `
Writes float32 [volumes, units]; where the response has several parts (derivatives, delays), all units under the first,
then all under the second, and so on. With --scale none it is nilearn's compute_regressor of each unit, with onsets at
start + frame * hop, durations of one hop and volume v at v * tr.`

function hrfOf(text: string): HaemodynamicResponse {
  const name = hrfNames.find((known) => known === text)
  if (name) return name
  if (/^fir:\d{1,3}(,\d{1,3})*$/.test(text)) return { fir: text.slice(4).split(',').map(Number) }
  throw new InvalidArgumentError(`It is one of ${hrfNames.join(', ')}, or fir: with delays in TRs, as fir:1,2,3,4.`)
}

/** For options that are needed unless another is given; in commander's own words. */
function needs(command: Command, ...names: readonly string[]): void {
  const missing = command.options.find((option) => names.includes(option.attributeName()) && isMissing(command, option))
  if (missing) command.error(`error: required option '${missing.flags}' not specified`)
}

/** For options that make no sense beside another. */
function refuses(command: Command, beside: string, ...names: readonly string[]): void {
  const given = command.options.find((option) => names.includes(option.attributeName()) && !isMissing(command, option))
  if (given) command.error(`error: option '${given.flags}' cannot be used with option '${beside}'`)
}

const isMissing = (command: Command, option: Option) => command.getOptionValue(option.attributeName()) === undefined
