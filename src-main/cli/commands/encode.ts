/** `encode`: cross-validated ridge on arrays, without a study. */
import { rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { arrayEncoding } from '../../study/arrayEncoding.ts'
import type { ArrayEncoding, GivenArrayEncoding, Measure } from '../../study/arrayEncoding.ts'
import type { PresetName, Variant } from '../../study/encodingSchema.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatScore } from '../format.ts'
import type { Output } from '../output.ts'
import { checkNull, nullNames, nullTask, withNull } from './encodeNull.ts'
import type { NullOptions } from './encodeNull.ts'

export interface EncodeOptions extends Partial<Omit<ArrayEncoding, 'selection' | 'runs'>>, NullOptions {
  readonly x: readonly string[]
  readonly y: string
  readonly preset?: PresetName
  readonly variant?: Variant
  readonly runs?: readonly number[]
  readonly select?: ArrayEncoding['selection']
  readonly scores?: readonly Measure[]
  readonly keep: readonly ('predictions' | 'weights' | 'importance')[]
  /** Bytes. */
  readonly memory?: number
  readonly out: string
}

export async function encode(options: EncodeOptions, output: Output): Promise<number> {
  const { keep } = options
  checkNull(options)
  const chosen = chooseEncoding(options)
  const { encoding, scores, preset } = chosen
  const wanted = (['r2', 'r-squared'] as const).filter((measure) => scores.includes(measure))
  // The report comes last: where it is, the arrays are those it tells of.
  const files = [
    ...['r', 'alpha', ...wanted, ...keep, ...nullNames(options)].map((name) => `${name}.npy`),
    'report.json',
  ]
  const x = options.x.map((file) => resolve(file))
  const y = resolve(options.y)
  const out = resolve(options.out)
  checkFiles(
    [...x, y],
    files.map((file) => join(out, file)),
  )
  const partial = join(out, '.heschl-partial')
  const report = await withScratch(out, true, async (scratch) => {
    const at = (name: string) => join(scratch, `${name}.npy`)
    const test = nullTask(options, y, chosen, at)
    const task = {
      ...({ kind: 'encodeArrays', x, y, options: encoding, r: at('r'), alpha: at('alpha') } as const),
      ...(wanted.includes('r2') && { r2: at('r2') }),
      ...(wanted.includes('r-squared') && { rSquared: at('r-squared') }),
      ...((keep.includes('predictions') || test) && { predictions: at('predictions') }),
      ...((keep.includes('weights') || keep.includes('importance')) && { weights: at('weights') }),
      ...(options.memory !== undefined && { memory: options.memory }),
      partial,
    }
    const label = `Ridge of ${basename(y)}`
    const weighed = { kind: 'importance', x, weights: at('weights'), out: at('importance') } as const
    const steps = [
      ...withNull({ label, task }, test),
      ...(keep.includes('importance') ? [{ label: 'Importance of each --x', task: weighed }] : []),
    ]
    const reports = await runArrays({ label: 'Encode', out, steps }, output, partial)
    const [found, tested] = test ? reports.slice(1) : [reports[0]]
    const { selection: select, ...rest } = encoding
    const said = { ...rest, select: selectText(select), scores, keep }
    const report = { ...(preset && { preset }), options: said, ...found, ...(tested && { null: tested }) }
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    await publish(files.map((file) => ({ from: join(scratch, file), to: join(out, file) })))
    await rm(partial, { recursive: true, force: true })
    return report
  })
  output.document({ out, ...report })
  const { targets, unscoredTargets, meanR } = report as unknown as Readonly<
    Record<'targets' | 'unscoredTargets' | 'meanR', number>
  >
  const folds = foldCount(encoding)
  const without = unscoredTargets > 0 ? `, ${unscoredTargets} of them constant or not finite` : ''
  output.say(
    `${out}: mean r ${formatScore(meanR)} over ${counted(folds, 'fold')} and ${counted(targets, 'target')}${without}`,
  )
  return 0
}

/**
 * The encoding model that is asked for, and what a report says of its preset.
 * @throws HeschlError OPTION_INVALID
 */
export function chooseEncoding(options: Omit<EncodeOptions, 'keep'>) {
  const { preset: name, variant = 'as-published' } = options
  if (name === undefined && options.variant !== undefined)
    throw new HeschlError('OPTION_INVALID', "option '--variant' is of a --preset", { remedy: 'Give --preset too' })
  const { assumed, ...chosen } = arrayEncoding(givenOf(options), name && { name, variant })
  return { ...chosen, ...(name && { preset: { name, variant, assumed } }) }
}

export function foldCount({ folds, runs }: ArrayEncoding): number {
  if (typeof folds === 'number') return folds
  return folds === 'runs' ? runs!.length : folds.length
}

/** The options of the encoding model that were given. */
function givenOf(options: Omit<EncodeOptions, 'keep'>): GivenArrayEncoding {
  const { runs, folds, gap, alphas, select, alpha, standardizeX, standardizeY, pcaX, pcaY, intercept, scores, over } =
    options
  const given = {
    runs,
    folds,
    gap,
    alphas,
    selection: select,
    alpha,
    standardizeX,
    standardizeY,
    pcaX,
    pcaY,
    intercept,
  }
  return Object.fromEntries(Object.entries({ ...given, scores, over }).filter(([, value]) => value !== undefined))
}

export const selectText = (select: ArrayEncoding['selection']): string =>
  typeof select === 'object' ? `kfold:${select.kfold}` : select === 'leave-one-out' ? 'loo' : select
