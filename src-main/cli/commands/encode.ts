/** `encode`: cross-validated ridge on arrays, without a study. */
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatScore } from '../format.ts'
import type { Output } from '../output.ts'

export interface EncodeOptions {
  readonly x: readonly string[]
  readonly y: string
  readonly folds: number
  readonly alphas: { readonly from: number; readonly to: number; readonly count: number } | readonly number[]
  readonly select: 'loo' | { readonly kfold: number }
  readonly scores: readonly ('r' | 'r2')[]
  readonly keep: readonly 'predictions'[]
  readonly out: string
}

export async function encode(options: EncodeOptions, output: Output): Promise<number> {
  const { folds, alphas, select, scores, keep } = options
  const wanted = { r2: scores.includes('r2'), predictions: keep.includes('predictions') }
  // The report comes last: where it is, the arrays are those it tells of.
  const files = ['r.npy', 'alpha.npy', ...Object.entries(wanted).flatMap(([name, is]) => (is ? [`${name}.npy`] : []))]
  files.push('report.json')
  const x = options.x.map((file) => resolve(file))
  const y = resolve(options.y)
  const out = resolve(options.out)
  checkFiles(
    [...x, y],
    files.map((file) => join(out, file)),
  )
  const report = await withScratch(out, true, async (scratch) => {
    const at = (name: string) => join(scratch, `${name}.npy`)
    const selection = select === 'loo' ? ('leave-one-out' as const) : select
    const task = {
      ...({ kind: 'encodeArrays', x, y, folds, alphas, selection, r: at('r'), alpha: at('alpha') } as const),
      ...(wanted.r2 && { r2: at('r2') }),
      ...(wanted.predictions && { predictions: at('predictions') }),
    }
    const label = `Ridge of ${basename(y)}`
    const [found] = await runArrays({ label: 'Encode', out, steps: [{ label, task }] }, output)
    const report = { options: { folds, alphas, select: selectText(select), scores, keep }, ...found }
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    await publish(files.map((file) => ({ from: join(scratch, file), to: join(out, file) })))
    return report
  })
  output.document({ out, ...report })
  const { targets, unscoredTargets, meanR } = report as unknown as Readonly<
    Record<'targets' | 'unscoredTargets' | 'meanR', number>
  >
  const without = unscoredTargets > 0 ? `, ${unscoredTargets} of them constant or not finite` : ''
  output.say(
    `${out}: mean r ${formatScore(meanR)} over ${counted(folds, 'fold')} and ${counted(targets, 'target')}${without}`,
  )
  return 0
}

const selectText = (select: EncodeOptions['select']): string => (select === 'loo' ? select : `kfold:${select.kfold}`)
