/** `power`: how many subjects and minutes a contrast needs. */
import { resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import type { PowerArgument, PowerRow } from '../../jobs/engineHandle.ts'
import { withEngine } from '../engine.ts'
import { formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

/** What is asked, as the engine takes it, but for the study's own place; `side` is its alternative. */
export type PowerOptions = Omit<PowerArgument, 'study' | 'alternative'> & {
  readonly side: PowerArgument['alternative']
}

export async function power(study: string, options: PowerOptions, output: Output): Promise<number> {
  const { studies, seed } = options
  if (studies < 100 || studies > 100_000 || seed > 0xffffffff)
    throw new HeschlError('OPTION_INVALID', 'These studies cannot be simulated', {
      expected: '100 to 100000 studies, and a seed below 2^32',
      found: `--studies ${studies} --seed ${seed}`,
      remedy: 'Correct the option',
    })
  const { side: alternative, ...rest } = options
  const report = await withEngine(async (engine) => {
    const stopped = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
    const start = () => engine.power({ ...rest, alternative, study: resolve(study) })
    const job = await watchJob(engine, start, { kept: 'Nothing is written.', stopped }, output)
    return (await engine.arrayReports(job.id))[0]
  })
  const { rows, simulated } = report as unknown as { readonly rows: readonly PowerRow[]; readonly simulated: boolean }
  const assumptions = assumptionsOf(options, rows)
  const summary = summaryOf(options, rows)
  output.document({ ...report, summary, assumptions })
  if (simulated) output.say('Listeners are simulated; nothing here is a result about brains.\n')
  output.say(`${tableOf(rows)}\n\n${summary}\n${assumptions.join('\n')}`)
  return 0
}

const number = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits))
const count = (value: number | null, most: string) => (value === null ? `> ${most}` : String(value))

function tableOf(rows: readonly PowerRow[]): string {
  const right = [
    'Runs',
    'Minutes',
    'Pilot',
    'Mean',
    'SD',
    'd',
    't test',
    'Wilcoxon',
    '95 %',
    'Simulated',
    'Power, 95 %',
  ]
  return formatTable(
    right.map((title) => ({ title, align: 'right' })),
    rows.map((row) => [
      number(row.runs, 0),
      number(row.minutes, 1),
      number(row.subjects, 0),
      number(row.mean, 4),
      number(row.sd, 4),
      row.effect.toFixed(2),
      count(row.needsT, '10000'),
      count(row.needsWilcoxon, '10000'),
      row.interval ? row.interval.map((end) => count(end, '10000')).join(' to ') : '–',
      count(row.simulated?.subjects ?? null, '1000'),
      row.simulated ? `${row.simulated.low.toFixed(2)} to ${row.simulated.high.toFixed(2)}` : '–',
    ]),
  )
}

/** One sentence, of the longest recordings. */
function summaryOf(
  { contrast: [a, b], region, alpha, power: wanted, side }: PowerOptions,
  rows: readonly PowerRow[],
): string {
  const { minutes, simulated, needsWilcoxon, effect } = rows.at(-1)!
  const needed = simulated?.subjects ?? needsWilcoxon
  const where = region === undefined ? '' : ` in ${region}`
  const size = `d = ${effect.toFixed(2)}`
  const long = minutes === null ? '' : ` of ${minutes.toFixed(0)} minutes each`
  const test = `${side} Wilcoxon signed-rank test at ${alpha}`
  return needed === null
    ? `More than 10,000 subjects${long} would be needed to find ${a} against ${b}${where} (${size}) with power ${wanted} (${test}).`
    : `About ${needed} subjects${long} find ${a} against ${b}${where} (${size}) with power ${wanted} (${test}).`
}

function assumptionsOf({ effect, studies, seed, layer }: PowerOptions, rows: readonly PowerRow[]): readonly string[] {
  const simulated = `Simulated: the fewest subjects at which Wilcoxon's test finds it in that share of ${studies} studies (seed ${seed})`
  if (effect !== undefined)
    return [
      `d is assumed: the mean of subjects' differences over their SD.`,
      `${simulated}, subjects drawn from a normal distribution.`,
    ]
  const drawn =
    rows[0].drawn === 'normal'
      ? "subjects drawn from a normal distribution with the pilot's mean and SD"
      : "subjects drawn from the pilot's"
  return [
    `d: mean over SD of subjects' differences of ${layer === undefined ? 'mean scores over layers' : `scores at ${layer}`}, averaged over vertices; minutes are of the first runs, fitted by themselves.`,
    `t test and Wilcoxon: by the noncentral t, and that times π/3; 95 %: over resampled pilots.`,
    `${simulated}, ${drawn}. New subjects are taken to be like the pilot's, stimuli and models to stay as they are.`,
  ]
}
