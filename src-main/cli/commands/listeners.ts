/** `listeners`: models' deltas against listeners' answers. */
import { basename, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatScore, formatTable } from '../format.ts'
import type { Output } from '../output.ts'

interface GroupModel {
  readonly listener: string
  readonly model: string
}

export interface ListenersOptions {
  readonly answers: string
  readonly deltas?: readonly string[]
  readonly models?: readonly string[]
  readonly listener?: string
  readonly native?: readonly GroupModel[]
  readonly standardize: boolean
  readonly samples: number
  readonly perTriplet: number
  readonly random: number
}

interface Interval {
  readonly low: number
  readonly high: number
}

interface ModelReport {
  readonly model: string
  readonly rho: number
  readonly contrasts: number
  readonly probit: { readonly logLikelihood: number; readonly delta: { readonly estimate: number } }
  readonly bootstrap?: { readonly rho: Interval; readonly logLikelihood: Interval }
}

export async function listeners(options: ListenersOptions, output: Output): Promise<number> {
  const answers = resolve(options.answers)
  const deltas = (options.deltas ?? []).map((file) => resolve(file))
  checkFiles([answers, ...deltas], [])
  const { models, listener, standardize, samples, perTriplet, random: seed } = options
  if (perTriplet === 0)
    throw new HeschlError('OPTION_INVALID', 'A sample needs answers', { expected: '--per-triplet 1 or more' })
  const task = {
    kind: 'listeners',
    answers,
    deltas,
    ...(models && { models }),
    ...(listener !== undefined && { listener }),
    ...(options.native && { native: twoOf(options.native) }),
    standardize,
    bootstrap: { samples, perTriplet, seed },
  } as const
  const label = `Listeners of ${basename(answers)}`
  const [report] = await runArrays({ label: 'Listeners', out: answers, steps: [{ label, task }] }, output)
  output.document({ answers, ...report })
  const { models: found, ...rest } = report as unknown as {
    readonly models: readonly ModelReport[]
    readonly trials: number
    readonly participants: number
    readonly accuracy: number
    readonly native?: { readonly r: number; readonly contrasts: number; readonly bootstrap?: { readonly r: Interval } }
  }
  const range = (interval: Interval | undefined, digits: number) =>
    interval && !Number.isNaN(interval.low) ? `${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)}` : ''
  const table = formatTable(
    [
      { title: 'Model', align: 'left' },
      { title: 'Spearman', align: 'right' },
      { title: '95 %', align: 'right' },
      { title: 'Log-likelihood', align: 'right' },
      { title: '95 %', align: 'right' },
      { title: 'Probit of delta', align: 'right' },
    ],
    found.map(({ model, rho, probit, bootstrap }) => [
      model,
      formatScore(rho),
      range(bootstrap?.rho, 3),
      probit.logLikelihood.toFixed(1),
      range(bootstrap?.logLikelihood, 1),
      formatScore(probit.delta.estimate),
    ]),
  )
  const who = `${counted(rest.participants, 'listener')}, ${counted(rest.trials, 'trial')}, right in ${(100 * rest.accuracy).toFixed(1)} %`
  const effect = rest.native
    ? `\nNative effect: r = ${formatScore(rest.native.r)} over ${counted(rest.native.contrasts, 'contrast')} ${range(rest.native.bootstrap?.r, 3)}`
    : ''
  output.say(`${table}\n${who}${effect}`.trimEnd())
  return 0
}

function twoOf(groups: readonly GroupModel[]): readonly [GroupModel, GroupModel] {
  const [first, second, ...more] = groups as readonly [GroupModel?, GroupModel?, ...GroupModel[]]
  if (first && second && more.length === 0) return [first, second]
  throw new HeschlError('OPTION_INVALID', 'The native effect is a difference of two groups', {
    expected: '--native FR=model EN=model',
    found: counted(groups.length, 'group'),
  })
}
