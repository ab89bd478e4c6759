/** `encode` of several feature spaces that are told apart: `--solver banded-…`, `--partition`. */
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import type { SetSolver } from '../../study/sets.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatScore } from '../format.ts'
import type { Output } from '../output.ts'
import { chooseEncoding, foldCount, selectText, type EncodeOptions } from './encode.ts'

export interface SpaceOptions extends Omit<EncodeOptions, 'keep'> {
  readonly keep: readonly ('predictions' | 'weights' | 'importance' | 'split')[]
  readonly solver: SetSolver['solver']
  readonly iterations?: number
  readonly seed?: number
  readonly partition?: true
}

/** Whether the spaces are told apart; where not, they are put side by side (`encode.ts`). */
export const areSpaces = ({ solver, partition, keep, iterations, seed, null: permutations }: SpaceOptions): boolean =>
  solver !== 'ridge' ||
  partition === true ||
  keep.includes('split') ||
  iterations !== undefined ||
  // A seed may also be that of --null.
  (seed !== undefined && permutations === undefined)

export async function encodeSpaces(options: SpaceOptions, output: Output): Promise<number> {
  const how = solverOf(options)
  if (options.null !== undefined)
    throw new HeschlError('OPTION_INVALID', '--null tests one ridge of all --x together', {
      remedy: 'Leave out --null, or --solver, --partition and --keep split',
    })
  const { encoding, scores, preset } = chooseEncoding(options)
  const { keep } = options
  const split = keep.includes('split')
  const named = {
    r: true,
    alpha: true,
    r2: scores.includes('r2'),
    'r-squared': scores.includes('r-squared'),
    deltas: how.solver !== 'ridge',
    'r-split': split,
    'r2-split': split,
    partition: options.partition === true,
    unions: options.partition === true,
  }
  const files = Object.entries(named).flatMap(([name, is]) => (is ? [`${name}.npy`] : []))
  // The report comes last: where it is, the arrays are those it tells of.
  files.push('report.json')
  const x = options.x.map((file) => resolve(file))
  const y = resolve(options.y)
  const out = resolve(options.out)
  checkFiles(
    [...x, y],
    files.map((file) => join(out, file)),
  )
  const measure = scores.includes('r-squared') && !scores.includes('r2') ? ('r-squared' as const) : ('r2' as const)
  const report = await withScratch(out, true, async (scratch) => {
    const at = (name: keyof typeof named) => join(scratch, `${name}.npy`)
    const task = {
      ...({ kind: 'encodeSpaces', x, y, options: encoding, how, r: at('r'), alpha: at('alpha') } as const),
      ...(named.r2 && { r2: at('r2') }),
      ...(named['r-squared'] && { rSquared: at('r-squared') }),
      ...(named.deltas && { deltas: at('deltas') }),
      ...(split && { split: { r: at('r-split'), r2: at('r2-split') } }),
      ...(named.partition && { partition: { measure, parts: at('partition'), unions: at('unions') } }),
      ...(options.memory !== undefined && { memory: options.memory }),
    }
    const label = `${how.solver === 'ridge' ? 'Ridge' : 'Banded ridge'} of ${basename(y)}`
    const [found] = await runArrays({ label: 'Encode', out, steps: [{ label, task }] }, output)
    const { selection, ...rest } = encoding
    const said = { ...rest, select: selectText(selection), scores, keep, ...how }
    const report = { ...(preset && { preset }), options: said, ...found }
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    await publish(files.map((file) => ({ from: join(scratch, file), to: join(out, file) })))
    return report
  })
  output.document({ out, ...report })
  say(out, report, foldCount(encoding), output)
  return 0
}

interface Found {
  readonly targets: number
  readonly unscoredTargets: number
  readonly meanR: number
  readonly partition?: { readonly parts: readonly { readonly name: string; readonly mean: number }[] }
}

function say(out: string, report: unknown, folds: number, output: Output): void {
  const { targets, unscoredTargets, meanR, partition } = report as Found
  const without = unscoredTargets > 0 ? `, ${unscoredTargets} of them constant or not finite` : ''
  output.say(
    `${out}: mean r ${formatScore(meanR)} over ${counted(folds, 'fold')} and ${counted(targets, 'target')}${without}`,
  )
  for (const { name, mean } of partition?.parts ?? []) output.say(`  ${name}: ${formatScore(mean)}`)
}

/** @throws HeschlError OPTION_INVALID where something is missing, too much, or cannot be had */
function solverOf({ solver, iterations, seed, partition, x, keep }: SpaceOptions): SetSolver {
  const refuse = (message: string, expected: string, found: string, remedy: string) =>
    new HeschlError('OPTION_INVALID', message, { expected, found, remedy })
  if (x.length < 2 || (partition === true && x.length > 4)) {
    const expected = partition === true ? '2 to 4 files of --x' : 'at least 2 files of --x'
    throw refuse('Feature spaces are told apart by their files', expected, String(x.length), 'Give a file a space')
  }
  const kept = keep.find((what) => what !== 'split')
  if (kept !== undefined)
    throw refuse(`The ${kept} of several feature spaces are not kept`, '--keep split', `--keep ${kept}`, 'Leave it out')
  if (solver === 'ridge') {
    if (iterations !== undefined || seed !== undefined) throw unusedOf('ridge', iterations === undefined)
    return { solver }
  }
  if (iterations === undefined) {
    const remedy =
      solver === 'banded-random' ? 'Give as many kernel weights as are to be tried, as 100' : 'Give steps, as 10'
    throw refuse(`--solver ${solver} needs --iterations`, 'a number', 'none', remedy)
  }
  if (solver === 'banded-gradient') {
    if (seed !== undefined) throw unusedOf(solver, true)
    return { solver, iterations }
  }
  if (seed === undefined)
    throw refuse(
      '--solver banded-random needs --seed',
      'a number',
      'none',
      'Give any, as 0: it makes the draw repeatable',
    )
  return { solver, iterations, seed }
}

const unusedOf = (solver: string, seed: boolean) =>
  new HeschlError('OPTION_INVALID', `--${seed ? 'seed' : 'iterations'} is not used by --solver ${solver}`, {
    remedy: 'Leave it out, or choose another --solver',
  })
