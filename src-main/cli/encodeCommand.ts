/** `encode` and its options. */
import { readFileSync, statSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { ArrayEncoding, HeldOut } from '../study/arrayEncoding.ts'
import { presetNames, variants } from '../study/encodingSchema.ts'
import type { EncodeOptions } from './commands/encode.ts'
import type { SpaceOptions } from './commands/encodeSpaces.ts'
import { memoryOption } from './memoryOption.ts'
import { namesOf, truth, wholeNumber } from './optionParsers.ts'
import type { Runner } from './output.ts'

export function addEncode(add: (name: string, description: string) => Command, run: Runner): void {
  add('encode', 'cross-validated ridge on arrays, no study needed')
    .requiredOption('--x <file...>', '[samples, features]; the features of several files are put side by side')
    .requiredOption(
      '--y <file>',
      '[samples, targets]; both NPY, NPZ, HDF5 or MATLAB (file.h5:/data), a TSV, CSV or Parquet table, GIFTI, CIFTI-2, MGH, NIfTI',
    )
    .addOption(
      new Option('--preset <name>', 'fills every option below that is not given; `heschl preset` shows them').choices(
        presetNames,
      ),
    )
    .addOption(new Option('--variant <name>', 'of the preset, where released code has a slip').choices(variants))
    .addOption(
      new Option('--runs <lengths>', 'samples of each run: 282,298,…, or a JSON file with a list').argParser(runsOf),
    )
    .addOption(
      new Option(
        '--folds <number>',
        'contiguous and unshuffled; runs: each run in turn; or a JSON file: a list of folds, each {start, end} or rows held out',
      ).argParser(foldsOf),
    )
    .addOption(
      new Option(
        '--gap <samples>',
        'next to the held-out samples on both sides, within a run, that are neither trained on nor scored; 0: none',
      ).argParser(wholeNumber),
    )
    .addOption(new Option('--alphas <list>', 'logspace:1:8:20, or numbers with commas').argParser(alphasOf))
    .addOption(
      new Option(
        '--select <how>',
        'alphas by their error in the training fold: loo, kfold:5 for inner folds, runs for runs held out in turn',
      ).argParser(selectionOf),
    )
    .addOption(new Option('--alpha <whose>', 'one a target, or one for all').choices(['per-target', 'shared']))
    .addOption(
      new Option(
        '--standardize-x <how>',
        'z-scores over a run or by the training fold; centre: its mean alone',
      ).choices([...['per-run', 'training-fold', 'centre', 'none']]),
    )
    .addOption(
      new Option(
        '--standardize-y <how>',
        'per-run, training-fold, none, or robust:1:99, the median and two percentiles of a run',
      ).argParser(standardizeYOf),
    )
    .addOption(
      new Option('--pca-x <number>', 'components of X, fitted in the training fold; none').argParser(componentsOf),
    )
    .addOption(
      new Option('--pca-y <number>', 'components of Y, fitted in the training fold; none').argParser(componentsOf),
    )
    .addOption(
      new Option('--intercept <yes>', 'whether the mean of Y in the training fold is predicted').argParser(truth),
    )
    .addOption(
      new Option('--scores <names>', 'r: Pearson; r-squared: its square; r2: coefficient of determination').argParser(
        (text) => namesOf(text, ['r', 'r2', 'r-squared']),
      ),
    )
    .addOption(
      new Option('--over <what>', 'a score a fold, or one of all held-out predictions').choices([
        'folds',
        'concatenated',
      ]),
    )
    .addOption(
      new Option(
        '--keep <what>',
        "predictions of each held-out sample; weights, their mean over folds; importance of each --x; split, each space's share of the scores",
      )
        .argParser((text) => namesOf(text, ['predictions', 'weights', 'importance', 'split']))
        .default([], 'nothing'),
    )
    .addOption(
      new Option('--solver <name>', 'ridge, or banded: a weight for each space (each --x), chosen in the training fold')
        .choices(['ridge', 'banded-random', 'banded-gradient'])
        .default('ridge'),
    )
    .addOption(
      new Option('--iterations <number>', 'kernel weights that are drawn, or steps of the gradient').argParser(
        wholeNumber,
      ),
    )
    .addOption(new Option('--seed <number>', 'of the kernel weights that are drawn; of --null').argParser(wholeNumber))
    .option('--partition', 'divides the variance explained among the spaces: fits every union of 2 to 4')
    .addOption(
      new Option(
        '--null <number>',
        'permutations of blocks of time: is a target predicted better than by chance',
      ).argParser(wholeNumber),
    )
    .addOption(new Option('--block <samples>', 'of --null; 10 where it is not given').argParser(wholeNumber))
    .addOption(memoryOption())
    .requiredOption('--out <folder>', 'for r.npy, alpha.npy and report.json')
    .addHelpText('after', encodeHelp)
    .action((options: SpaceOptions & { readonly json?: true }) =>
      run(options.json === true, async (output) => {
        const { areSpaces, encodeSpaces } = await import('./commands/encodeSpaces.ts')
        if (areSpaces(options)) return encodeSpaces(options, output)
        const { encode } = await import('./commands/encode.ts')
        return encode(options as EncodeOptions, output)
      }),
    )
}

const encodeHelp = `
Writes r.npy float32 [folds, targets], alpha.npy float64 [folds, targets] and report.json (options, versions, seconds,
memory); where asked for r2.npy float32 [folds, targets], as scikit-learn's r2_score, r-squared.npy, predictions.npy
float32 [samples, targets], weights.npy float32 [features, targets], and importance.npy float32 [spaces, targets]: the
mean absolute weight of the features of each --x, the folds' weights averaged first (Millet et al. 2022). With --over
concatenated scores are [1, targets]; with --pca-y alphas are [folds, components].

--folds, --alphas and --select have to be given unless a --preset has them. Without a preset nothing is scaled: X and Y
are centred on each training fold, alphas are one a target, the score is r. loo is scikit-learn's
RidgeCV(alpha_per_target=True), kfold:5 himalaya's KernelRidgeCV(cv=5) on the centred kernel: its inner folds are
contiguous and not centred again. Targets that are constant or not finite have r NaN.

--solver banded-random tries --iterations kernel weights (Dirichlet, concentrations 0.1 and 1, equal weights first) and
takes a target's best, himalaya's MultipleKernelRidgeCV(solver='random_search'); banded-gradient takes --iterations
gradient steps from equal weights and the best alpha, solver='hyper_gradient'. deltas.npy float64 [folds, spaces, targets]
has log(weight / alpha). --keep split writes r-split.npy and r2-split.npy [folds, spaces, targets], himalaya's
correlation_score_split and r2_score_split. --partition writes unions.npy and partition.npy float32 [sets, targets]: the
mean over folds of r2 (or of r-squared where --scores has that alone) of each union of spaces, and what each set of spaces
explains that no other does; report.json names them in order.

--null N shuffles blocks of --block samples (10) within each fold's held-out samples and runs, N times from --seed (1),
and computes the first of --scores again for every target: p.npy float32 [targets] is the share that scores as high, and
p_max.npy that of the highest score of all targets (family-wise). report.json has the score that exceeds 95 % of the
highest. Predictions (4 bytes a sample and target) are written on the way, and kept where --keep names them.

Targets are read as many at a time as --memory allows. What is finished when it is stopped or killed is kept in
DIR/.heschl-partial, and the same command goes on from there; a changed input or option begins anew.

What a preset does before the regression (response, windows, trimming, cleaning) X and Y are taken to have had; the
report names it.`

function selectionOf(text: string): ArrayEncoding['selection'] {
  if (text === 'loo') return 'leave-one-out'
  if (text === 'runs') return text
  const [, kfold] = /^kfold:(\d{1,6})$/.exec(text) ?? []
  if (kfold !== undefined) return { kfold: Number(kfold) }
  throw new InvalidArgumentError('It is loo, runs, or kfold: with a number of inner folds, as kfold:5.')
}

const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`
/** More cannot be told apart in the result. */
const mostAlphas = 255

function alphasOf(text: string): ArrayEncoding['alphas'] {
  const [, from, to, count] = new RegExp(`^logspace:(${number}):(${number}):(\\d{1,3})$`, 'i').exec(text) ?? []
  if (count !== undefined && Number(count) >= 1 && Number(count) <= mostAlphas)
    return { from: Number(from), to: Number(to), count: Number(count) }
  if (new RegExp(`^${number}(,${number})*$`, 'i').test(text)) return text.split(',').map(Number)
  throw new InvalidArgumentError(
    'They are logspace:from:to:count (powers of ten, at most 255), or numbers with commas.',
  )
}

function standardizeYOf(text: string): ArrayEncoding['standardizeY'] {
  const name = (['per-run', 'training-fold', 'none'] as const).find((one) => one === text)
  if (name !== undefined) return name
  const [, from, to] = /^robust:(\d{1,2}(?:\.\d+)?):(\d{1,2}(?:\.\d+)?)$/.exec(text) ?? []
  if (from !== undefined && Number(from) > 0 && Number(from) < Number(to)) return { robust: [Number(from), Number(to)] }
  throw new InvalidArgumentError('It is per-run, training-fold, none, or robust: with two percentiles, as robust:1:99.')
}

function componentsOf(text: string): number | 'none' {
  if (text === 'none') return text
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number of components, or none.')
}

function runsOf(text: string): readonly number[] {
  const lengths: unknown = /^\d{1,9}(,\d{1,9})*$/.test(text) ? text.split(',').map(Number) : jsonOf(text)
  const isLength = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0
  if (Array.isArray(lengths) && lengths.length > 0 && lengths.every(isLength)) return lengths as number[]
  throw new InvalidArgumentError('They are the samples of each run with commas, or a JSON file with a list of them.')
}

function foldsOf(text: string): ArrayEncoding['folds'] {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (text === 'runs') return text
  const folds = jsonOf(text)
  if (Array.isArray(folds) && folds.length > 0 && folds.every(isHeldOut)) return folds
  throw new InvalidArgumentError(
    'It is a number, runs, or a JSON file: a list of folds, each {"start": 0, "end": 100} or a list of the rows held out.',
  )
}

function isHeldOut(value: unknown): value is HeldOut {
  const isRow = (row: unknown) => Number.isSafeInteger(row) && (row as number) >= 0
  if (Array.isArray(value)) return value.length > 0 && value.every(isRow)
  if (typeof value !== 'object' || value === null) return false
  const { start, end, ...others } = value as Readonly<Record<string, unknown>>
  return isRow(start) && isRow(end) && (start as number) < (end as number) && Object.keys(others).length === 0
}

/** Of ten million rows. */
const mostBytes = 100e6

function jsonOf(file: string): unknown {
  try {
    const { size } = statSync(file)
    if (size > mostBytes) throw new InvalidArgumentError(`${file} has ${size} bytes, at most ${mostBytes} are read.`)
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error
    const { message } = error as Error
    throw new InvalidArgumentError(`It is neither a value of this option nor a JSON file that can be read: ${message}.`)
  }
}
