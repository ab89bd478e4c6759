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
  readonly select: 'loo'
  readonly scores: 'r'
  readonly out: string
}

/** The report comes last: where it is, the arrays are those it tells of. */
const files = ['r.npy', 'alpha.npy', 'report.json'] as const

export async function encode(options: EncodeOptions, output: Output): Promise<number> {
  const { folds, alphas, select, scores } = options
  const x = options.x.map((file) => resolve(file))
  const y = resolve(options.y)
  const out = resolve(options.out)
  checkFiles(
    [...x, y],
    files.map((file) => join(out, file)),
  )
  const report = await withScratch(out, true, async (scratch) => {
    const [r, alpha, written] = files.map((file) => join(scratch, file))
    const task = { kind: 'encodeArrays', x, y, folds, alphas, r, alpha } as const
    const label = `Ridge of ${basename(y)}`
    const [found] = await runArrays({ label: 'Encode', out, steps: [{ label, task }] }, output)
    const report = { options: { folds, alphas, select, scores: [scores] }, ...found }
    await writeFile(written, `${JSON.stringify(report, null, 2)}\n`)
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
