/** `export`: what a fit of a study is made of and what it predicts, as NPY files. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { withEngine } from '../engine.ts'
import { counted } from '../format.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

export interface ExportOptions {
  readonly model: string
  readonly layer?: string
  readonly subject: string
  readonly what: readonly ('x' | 'y' | 'predictions' | 'weights')[]
  readonly out: string
}

export async function exportFit(study: string, options: ExportOptions, output: Output): Promise<number> {
  const { model, layer = model, subject, what } = options
  const path = resolve(study)
  const out = resolve(options.out)
  const report = await withScratch(out, true, async (scratch) => {
    const files = Object.fromEntries(what.map((name) => [name, join(scratch, `${name}.npy`)]))
    const report = await withEngine(async (engine) => {
      const stopped = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
      const start = () => engine.exportFit({ study: path, model, layer, subject, files })
      const job = await watchJob(engine, start, { kept: 'Nothing is written.', stopped }, output)
      return (await engine.arrayReports(job.id))[0]
    })
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    const names = [...what.map((name) => `${name}.npy`), 'report.json']
    await publish(names.map((name) => ({ from: join(scratch, name), to: join(out, name) })))
    return report
  })
  output.document({ out, ...report })
  const { samples, targets } = report as unknown as Readonly<Record<'samples' | 'targets', number>>
  output.say(`${out}: ${what.join(', ')} of ${counted(samples, 'sample')} and ${counted(targets, 'target')}`)
  return 0
}
