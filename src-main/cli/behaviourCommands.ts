/** The commands on ABX experiments. Each command's code is loaded when it is called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { AbxOptions } from './commands/abx.ts'
import type { ListenersOptions } from './commands/listeners.ts'
import { layerNames, required, truth, wholeNumber, windowOf } from './optionParsers.ts'
import type { Runner } from './output.ts'
import { providerOption } from './providerOption.ts'

interface Json {
  readonly json?: true
}

export function addBehaviourCommands(add: (name: string, description: string) => Command, run: Runner): void {
  add('abx', 'which of two phones a model takes a third to be, no study needed')
    .requiredOption('--model <path>', 'a Hugging Face folder; with --seed the name of an architecture')
    .addOption(new Option('--seed <number>', 'random weights of an architecture').argParser(wholeNumber))
    .addOption(required('--layers <names>', 'all, lpp, or names with commas: transf4', layerNames))
    .requiredOption('--triplets <file>', 'a table of triplets, with tabs or commas')
    .addOption(
      new Option('--items <file...>', 'tables of stimuli; where each language has its own: EN=a.csv FR=b.csv')
        .argParser(tables)
        .makeOptionMandatory(),
    )
    .requiredOption('--audio <folder>', 'of the recordings that the stimuli are cut from')
    .option('--accept-clipping', 'take audio whose peaks are cut off as it is')
    .addOption(
      new Option('--hears <what>', 'the model hears every item alone, as in the papers, or in its recording')
        .choices(['item', 'recording'])
        .default('item'),
    )
    .addOption(
      new Option('--window <W/S>', 'seconds of window and stride in a recording, or none: one pass')
        .argParser(windowOf)
        .default({ windowSeconds: 10, strideSeconds: 5 }, '10/5'),
    )
    .addOption(
      new Option('--distance <name>', 'between frames; kl: symmetrised, of probabilities')
        .choices(['cosine', 'angular', 'euclidean', 'kl'])
        .default('cosine'),
    )
    .addOption(
      new Option('--dtw <variant>', 'as-published: paths that cannot move along the last row or column')
        .choices(['standard', 'as-published'])
        .default('standard'),
    )
    .requiredOption('--out <file>', 'the table of distances, tab-separated')
    .addOption(providerOption())
    .addHelpText('after', abxHelp)
    .action((options: Json & AbxOptions) =>
      run(options.json === true, async (output) => (await import('./commands/abx.ts')).abx(options, output)),
    )
  add('listeners', 'how well models tell what listeners answered in an ABX experiment')
    .requiredOption('--answers <file>', 'a table of a row a trial, with tabs or commas; other numbers in it are deltas')
    .option('--deltas <file...>', 'tables that heschl abx wrote')
    .option('--models <name...>', 'columns of deltas (all)')
    .option('--listener <group>', 'one group of listeners, as the table names it (all)')
    .addOption(
      new Option(
        '--native <group=model...>',
        'the native effect of two groups, each with a model: FR=a EN=b',
      ).argParser(pairs),
    )
    .addOption(
      new Option(
        '--standardize <yes>',
        'delta and number of trials before the probit regression, as in 2022 (not 2020)',
      )
        .argParser(truth)
        .default(true),
    )
    .addOption(new Option('--samples <number>', 'of answers, for intervals').argParser(wholeNumber).default(0))
    .addOption(new Option('--per-triplet <number>', 'answers of a sample').argParser(wholeNumber).default(5))
    .addOption(new Option('--random <seed>', 'of the samples').argParser(wholeNumber).default(1))
    .addHelpText('after', listenersHelp)
    .action((options: Json & ListenersOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/listeners.ts')).listeners(options, output),
      ),
    )
}

const abxHelp = `
A triplet has a target, another and X, which is of the target's phone. d is the cost of the warped path between the
frames of two items over the frames of the longer; delta = d(other, X) - d(target, X), and the model is right where it
is above 0. The tables are those of Perceptimatic. With --json: accuracy by language, phone and contrast.`

const listenersHelp = `
rho: Spearman's, of mean answer and mean delta over contrasts (over triplets, contexts, and both orders before).
Probit: answer ~ TGT_first + participant + dataset + nb_stimuli + delta. Native effect: Pearson's r over contrasts of
the difference between groups of listeners and of the difference between models, deltas in SDs.`

type Table = AbxOptions['items'][number]

function tables(text: string, before: readonly Table[] | undefined): readonly Table[] {
  const [, language = '', file] = /^(?:([A-Za-z-]{1,20})=)?(.+)$/.exec(text) ?? []
  return [...(before ?? []), { language, file }]
}

type Pair = NonNullable<ListenersOptions['native']>[number]

function pairs(text: string, before: readonly Pair[] | undefined): readonly Pair[] {
  const [, listener, model] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (model === undefined) throw new InvalidArgumentError('It is a group of listeners and a model: FR=model.')
  return [...(before ?? []), { listener, model }]
}
