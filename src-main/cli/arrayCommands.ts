/** The commands on files that belong to no study. Each command's code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { hrfNames } from '../study/hrf.ts'
import type { HaemodynamicResponse } from '../study/hrf.ts'
import type { DesignOptions } from './commands/design.ts'
import type { EncodeOptions } from './commands/encode.ts'
import type { ExtractOptions } from './commands/extract.ts'
import type { ExtractWordsOptions } from './commands/extractWords.ts'
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
    .requiredOption('--activations <file>', 'NPY [frames, units], of any numeric type')
    .addOption(required('--hop <seconds>', 'from one frame to the next; 0.02 for the blocks of wav2vec 2.0', seconds))
    .addOption(required('--tr <seconds>', 'between volumes', seconds))
    .addOption(required('--volumes <number>', 'of the run', wholeNumber))
    .addOption(required('--hrf <name>', `haemodynamic response: ${hrfNames.join(', ')}, or fir:1,2,3,4 (TRs)`, hrfOf))
    .addOption(required('--oversampling <number>', 'steps a TR of the grid that is convolved; 16 or 50', wholeNumber))
    .addOption(
      new Option('--start <seconds>', 'from the first volume to the first frame').argParser(seconds).default(0),
    )
    .addOption(
      new Option('--scale <how>', 'each unit before the response: minmax to 0–1 over the run, as `heschl run`')
        .choices(['none', 'minmax'])
        .default('none'),
    )
    .requiredOption('--out <file>', 'the NPY file')
    .addHelpText('after', designHelp)
    .action((options: Json & DesignOptions) =>
      run(options.json === true, async (output) => (await import('./commands/design.ts')).design(options, output)),
    )
  add('encode', 'cross-validated ridge on arrays, no study needed')
    .requiredOption('--x <file...>', 'NPY [samples, features]; the features of several files are put side by side')
    .requiredOption('--y <file>', 'NPY [samples, targets]')
    .addOption(required('--folds <number>', 'contiguous and unshuffled; 10 in the papers', wholeNumber))
    .addOption(required('--alphas <list>', 'logspace:1:8:20, or numbers with commas', alphasOf))
    .addOption(
      required(
        '--select <how>',
        'an alpha a target by its error in the training fold: loo, or kfold:5 for inner folds',
        selectionOf,
      ),
    )
    .addOption(
      new Option('--scores <names>', 'r: Pearson; r2: coefficient of determination; each a fold and a target')
        .argParser((text) => namesOf(text, ['r', 'r2']))
        .default(['r'], 'r'),
    )
    .addOption(
      new Option('--keep <what>', 'predictions, of each held-out sample')
        .argParser((text) => namesOf(text, ['predictions']))
        .default([], 'nothing'),
    )
    .addOption(notYet('--preset <name>', 'There are no presets: name every option.'))
    .requiredOption('--out <folder>', 'for r.npy, alpha.npy and report.json')
    .addHelpText('after', encodeHelp)
    .action((options: Json & EncodeOptions) =>
      run(options.json === true, async (output) => (await import('./commands/encode.ts')).encode(options, output)),
    )
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

const encodeHelp = `
Writes r.npy float32 [folds, targets], alpha.npy float64 [folds, targets] and report.json (options, versions, seconds,
memory); where asked for r2.npy float32 [folds, targets], as scikit-learn's r2_score, and predictions.npy float32
[samples, targets]. X and Y are centred on each training fold; scale them before, if they are to be scaled. loo is
scikit-learn's RidgeCV(alpha_per_target=True), kfold:5 himalaya's KernelRidgeCV(cv=5) on the centred kernel: its inner
folds are contiguous and not centred again. Targets that are constant or not finite have r NaN.`

function selectionOf(text: string): EncodeOptions['select'] {
  if (text === 'loo') return text
  const [, kfold] = /^kfold:(\d{1,6})$/.exec(text) ?? []
  if (kfold !== undefined) return { kfold: Number(kfold) }
  throw new InvalidArgumentError('It is loo, or kfold: with a number of inner folds, as kfold:5.')
}

/** Some of a list, with commas. */
function namesOf<Name extends string>(text: string, known: readonly Name[]): readonly Name[] {
  return text.split(',').map((part) => {
    const name = known.find((one) => one === part.trim())
    if (name !== undefined) return name
    throw new InvalidArgumentError(`What there is: ${known.join(', ')}.`)
  })
}

function notYet(flags: string, words: string): Option {
  const refuse = () => {
    throw new InvalidArgumentError(words)
  }
  return new Option(flags).argParser(refuse).hideHelp()
}

const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`
/** More cannot be told apart in the result. */
const mostAlphas = 255

function alphasOf(text: string): EncodeOptions['alphas'] {
  const [, from, to, count] = new RegExp(`^logspace:(${number}):(${number}):(\\d{1,3})$`, 'i').exec(text) ?? []
  if (count !== undefined && Number(count) >= 1 && Number(count) <= mostAlphas)
    return { from: Number(from), to: Number(to), count: Number(count) }
  if (new RegExp(`^${number}(,${number})*$`, 'i').test(text)) return text.split(',').map(Number)
  throw new InvalidArgumentError(
    'They are logspace:from:to:count (powers of ten, at most 255), or numbers with commas.',
  )
}

function required<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser(parse).makeOptionMandatory()
}

/** What is too large or too small is told where it is used, with the reason. */
function seconds(text: string): number {
  if (/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number of seconds.')
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

function hrfOf(text: string): HaemodynamicResponse {
  const name = hrfNames.find((known) => known === text)
  if (name) return name
  if (/^fir:\d{1,3}(,\d{1,3})*$/.test(text)) return { fir: text.slice(4).split(',').map(Number) }
  throw new InvalidArgumentError(`It is one of ${hrfNames.join(', ')}, or fir: with delays in TRs, as fir:1,2,3,4.`)
}

function truth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('It is true or false.')
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

function layerNames(text: string): 'all' | 'lpp' | readonly string[] {
  if (text === 'all' || text === 'lpp') return text
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function windowOf(text: string): ExtractOptions['window'] {
  if (text === 'none') return { whole: true }
  const [, causal, window, stride] = /^(causal:)?(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (window !== undefined && stride !== undefined) {
    const [first, second] = [Number(window), Number(stride)]
    return causal === undefined
      ? { windowSeconds: first, strideSeconds: second }
      : { contextSeconds: first, stepSeconds: second }
  }
  throw new InvalidArgumentError('It is window/stride in seconds, as 10/5, causal:context/step, or none.')
}
