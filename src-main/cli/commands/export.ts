/** `export`: what a fit of a study is made of and what it predicts, or a model's preferred layers, as NPY files. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import type { Job } from '../../contract/study.ts'
import type { ArrayReport, EngineHandle } from '../../jobs/engineHandle.ts'
import { withEngine } from '../engine.ts'
import { counted, formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

export interface ExportOptions {
  readonly model: string
  readonly layer?: string
  readonly subject: string
  readonly what: readonly ('x' | 'y' | 'predictions' | 'weights')[]
  readonly out: string
}

export interface PreferenceOptions {
  readonly model: string
  readonly least: number
  readonly resamples: number
  readonly interval: 'percentile' | 'bca'
  readonly random: number
  readonly out: string
}

export async function exportPreference(study: string, options: PreferenceOptions, output: Output): Promise<number> {
  const { model, least, resamples, interval: method, random: seed } = options
  const chosen = { level: 0.95, least, resamples, seed, method }
  const report = await exported(study, options.out, ['preference.npy'], output, (engine, path, scratch) =>
    engine.exportPreference({ study: path, model, options: chosen, out: join(scratch, 'preference.npy') }),
  )
  const { layers, counts, scored, vertices, intervals } = report as unknown as {
    readonly layers: readonly string[]
    readonly counts: readonly number[]
    readonly scored: number
    readonly vertices: number
    readonly intervals: string
  }
  const table = formatTable(
    [
      { title: 'Layer', align: 'left' },
      { title: 'Vertices that prefer it', align: 'right' },
    ],
    layers.map((layer, i) => [layer, String(counts[i])]),
  )
  output.say(`${table}\n${resolve(options.out)}: ${scored} of ${vertices} vertices; ${intervals}`)
  return 0
}

/** Files of a study that an engine's job writes, with its report. */
async function exported(
  study: string,
  folder: string,
  names: readonly string[],
  output: Output,
  start: (engine: EngineHandle, path: string, scratch: string) => Promise<Job>,
): Promise<ArrayReport> {
  const path = resolve(study)
  const out = resolve(folder)
  const report = await withScratch(out, true, async (scratch) => {
    const report = await withEngine(async (engine) => {
      const stopped = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
      const job = await watchJob(
        engine,
        () => start(engine, path, scratch),
        { kept: 'Nothing is written.', stopped },
        output,
      )
      return (await engine.arrayReports(job.id))[0]
    })
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    await publish([...names, 'report.json'].map((name) => ({ from: join(scratch, name), to: join(out, name) })))
    return report
  })
  output.document({ out, ...report })
  return report
}

export async function exportFit(study: string, options: ExportOptions, output: Output): Promise<number> {
  const { model, layer = model, subject, what } = options
  const out = resolve(options.out)
  const names = what.map((name) => `${name}.npy`)
  const report = await exported(study, out, names, output, (engine, path, scratch) => {
    const files = Object.fromEntries(what.map((name) => [name, join(scratch, `${name}.npy`)]))
    return engine.exportFit({ study: path, model, layer, subject, files })
  })
  const { samples, targets } = report as unknown as Readonly<Record<'samples' | 'targets', number>>
  output.say(`${out}: ${what.join(', ')} of ${counted(samples, 'sample')} and ${counted(targets, 'target')}`)
  return 0
}
