/** `design`: regressors of activations from anywhere, without a study. */
import { basename, dirname, join, resolve } from 'node:path'
import type { HaemodynamicResponse } from '../../study/hrf.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { formatDuration } from '../format.ts'
import type { Output } from '../output.ts'

export interface DesignOptions {
  readonly activations: string
  readonly hop: number
  readonly tr: number
  readonly volumes: number
  readonly hrf: HaemodynamicResponse
  readonly oversampling: number
  readonly start: number
  readonly scale: 'minmax' | 'zscore' | 'none'
  readonly out: string
}

export async function design(options: DesignOptions, output: Output): Promise<number> {
  const { hop, tr, volumes, hrf, oversampling, start, scale } = options
  const activations = resolve(options.activations)
  const out = resolve(options.out)
  checkFiles([activations], [out])
  const chosen = { hrf, hop, tr, volumes, start, oversampling, scale }
  const [report] = await withScratch(dirname(out), false, async (scratch) => {
    const written = join(scratch, 'x.npy')
    const task = { kind: 'designArray', activations, ...chosen, out: written } as const
    const label = `Regressors of ${basename(activations)}`
    const reports = await runArrays({ label: 'Design', out, steps: [{ label, task }] }, output)
    await publish([{ from: written, to: out }])
    return reports
  })
  output.document({ out, activations, options: chosen, ...report })
  const { frames, shape, seconds } = report as unknown as {
    readonly frames: number
    readonly shape: readonly [volumes: number, units: number]
    readonly seconds: number
  }
  output.say(`${out}: ${shape[0]} volumes, ${shape[1]} units, of ${frames} frames, in ${formatDuration(seconds)}`)
  return 0
}
