/** Registers `inspect` and `quality`. Their code is loaded when they are called. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { InspectedPlace } from '../contract/inspect.ts'
import type { InspectOptions } from './commands/inspect.ts'
import { seconds } from './optionParsers.ts'
import type { Runner } from './output.ts'

interface Places {
  readonly json?: true
  readonly vertex?: InspectedPlace
  readonly region?: string
  readonly hemisphere?: 'left' | 'right'
  readonly electrode?: string
}

export function addInspect(add: (name: string, description: string) => Command, run: Runner): void {
  add('inspect', 'why a place scores as it does: scores by layer, measured against predicted, what carries the score')
    .argument('<study>', 'a study.yaml that has been run')
    .addOption(new Option('--vertex <hemisphere:number>', 'as left:1234').argParser(vertexOf))
    .option('--region <name>', 'of the parcellation: the mean over its vertices')
    .addOption(new Option('--hemisphere <side>', 'of the region; both where it is left out').choices(['left', 'right']))
    .option('--electrode <name>', 'of a study of electrodes')
    .option('--subject <id>', 'whose recordings; the first with scores where it is left out')
    .option('--model <id>', 'a model, or a space; the one that scores best there where it is left out')
    .option('--layer <name>', 'of the model; the one that scores best there where it is left out')
    .addOption(
      new Option('--window <seconds>', 'that is left out to see what the score owes to it')
        .argParser(seconds)
        .default(10),
    )
    .option('--weights', 'also the weights of the units')
    .option('--out <folder>', 'for tables (TSV) and report.json')
    .action((study: string, options: Places & Omit<InspectOptions, 'place'>, command: Command) =>
      run(options.json === true, async (output) => {
        const place = placeOf(options)
        if (!place) command.error('error: one of --vertex, --region and --electrode is needed')
        return (await import('./commands/inspect.ts')).inspect(study, { ...options, place }, output)
      }),
    )
}

export function addQuality(add: (name: string, description: string) => Command, run: Runner): void {
  add('quality', 'how good recordings and stimuli are, and what will be dropped of them; looks at what it has not seen')
    .argument('<study>', 'a study.yaml')
    .option('--out <folder>', 'for tables (TSV)')
    .action((study: string, options: { readonly json?: true; readonly out?: string }) =>
      run(options.json === true, async (output) =>
        (await import('./commands/quality.ts')).quality(study, options.out, output),
      ),
    )
}

function placeOf({ vertex, region, hemisphere, electrode }: Places): InspectedPlace | undefined {
  if (vertex) return vertex
  if (region !== undefined) return { region, ...(hemisphere && { hemisphere }) }
  return electrode === undefined ? undefined : { electrode }
}

function vertexOf(text: string): InspectedPlace {
  const [, hemisphere, vertex] = /^(left|right):(\d{1,7})$/.exec(text) ?? []
  if (vertex === undefined) throw new InvalidArgumentError('It is a hemisphere and a number, as left:1234.')
  return { hemisphere: hemisphere as 'left' | 'right', vertex: Number(vertex) }
}
