/** `inspect`: what a window shows of a place, as tables. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { InspectedPlace, Inspection, InspectionProgress, PointScore, PointScores } from '../../contract/inspect.ts'
import type { Job } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import type { EngineHandle } from '../../jobs/engineHandle.ts'
import { withEngine } from '../engine.ts'
import { formatScore, formatTable } from '../format.ts'
import { inspectionTables } from '../inspectionTables.ts'
import { onInterrupt } from '../interrupts.ts'
import type { Output } from '../output.ts'
import { createProgress } from '../progress.ts'

export interface InspectOptions {
  readonly place: InspectedPlace
  readonly subject?: string
  readonly model?: string
  readonly layer?: string
  readonly window: number
  readonly weights?: true
  readonly out?: string
}

const lane = 'heschl inspect'

export async function inspect(file: string, options: InspectOptions, output: Output): Promise<number> {
  const study = resolve(file)
  const { scores, found } = await withEngine((engine) => ask(engine, study, options, output))
  const tables = inspectionTables(scores, found)
  const report = { study, ...summaryOf(scores, found) }
  if (options.out !== undefined) await write(resolve(options.out), tables, report)
  output.document({
    ...report,
    tables: Object.fromEntries(tables.map(({ name, columns, rows }) => [name, objects(columns, rows)])),
  })
  output.say(textOf(scores, found, options.out === undefined ? undefined : resolve(options.out)))
  return 0
}

async function ask(engine: EngineHandle, study: string, options: InspectOptions, output: Output) {
  const { place, window } = options
  await engine.call('openStudy', { path: study })
  const scores = await engine.call('pointScores', { study, place })
  const chosen = choose(scores, options)
  const progress = createProgress(output.stderr)
  const stops = [
    engine.on('inspecting', (told) => progress.show(asJob(told))),
    onInterrupt(() => void engine.call('stopInspecting', { lane })),
  ]
  try {
    const points = [{ place, ...chosen }]
    const [found] = await engine.call('inspect', { study, lane, points, window, weights: options.weights === true })
    return { scores, found }
  } finally {
    progress.end()
    for (const stop of stops) stop()
  }
}

/** What was not named: the layer with the best mean score there, and the first subject who has a score in it. */
function choose({ rows, place }: PointScores, { subject, model, layer }: InspectOptions) {
  const fitting = rows.filter(
    (row) => (model === undefined || row.model === model) && (layer === undefined || row.layer === layer),
  )
  const own = (row: PointScore) => (subject === undefined ? row.mean : row.values[row.subjects.indexOf(subject)])
  const best = fitting
    .filter((row) => Number.isFinite(own(row)))
    .toSorted((a, b) => own(b) - own(a))
    .at(0)
  if (best)
    return {
      ...{ model: best.model, layer: best.layer },
      subject: subject ?? best.subjects.find((_, i) => Number.isFinite(best.values[i]))!,
    }
  if (model !== undefined && subject !== undefined) return { model, layer: layer ?? model, subject }
  throw new HeschlError('FILE_MISSING', 'There are no scores at this place', {
    expected:
      rows.length === 0
        ? 'a study that has been run'
        : `one of ${[...new Set(rows.map((row) => row.model))].join(', ')}`,
    found: `${place.label}${model === undefined ? '' : `, ${model}`}${subject === undefined ? '' : `, ${subject}`}`,
    remedy: 'Run the study first, or name a model, layer and subject that have scores there',
  })
}

const asJob = ({ study, step, fraction, secondsLeft }: InspectionProgress): Job => ({
  ...{ id: lane, study, label: 'Inspecting', state: 'running', step, fraction, secondsLeft },
  ...{ asked: 0, began: 0, ended: null, place: null, stepsDone: 0, stepsTotal: 1, stepsCached: 0 },
  ...{ secondsElapsed: 0, rate: '', memoryBytes: 0, error: null },
})

function summaryOf(
  { measure, ceiling }: PointScores,
  { point, place, part, stored, score, scored, delay, unit }: Inspection,
) {
  return { place, point, part, measure, stored, score, scored, ceiling, delay, unit }
}

const objects = (columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]) =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])))

async function write(out: string, tables: ReturnType<typeof inspectionTables>, report: unknown): Promise<void> {
  await withScratch(out, true, async (scratch) => {
    for (const { name, text } of tables) await writeFile(join(scratch, `${name}.tsv`), text)
    await writeFile(join(scratch, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
    const names = [...tables.map(({ name }) => `${name}.tsv`), 'report.json']
    await publish(names.map((name) => ({ from: join(scratch, name), to: join(out, name) })))
  })
}

function textOf(scores: PointScores, found: Inspection, out: string | undefined): string {
  const { point, place, part, measure, moments, folds, delay } = found
  const of = [point.model, part, point.layer, point.subject].filter(Boolean).join(', ')
  const layers = formatTable(
    [
      { title: 'Model', align: 'left' },
      { title: 'Layer', align: 'left' },
      { title: measure.symbol, align: 'right' },
      { title: '95 %', align: 'left' },
    ],
    scores.rows.map(({ model, layer, mean, low, high }) => [
      ...[model, layer, formatScore(mean)],
      Number.isFinite(low) ? `${formatScore(low)} to ${formatScore(high)}` : '',
    ]),
  )
  const told = formatTable(
    [
      { title: 'Moment', align: 'left' },
      { title: 'Stimulus', align: 'left' },
      { title: 'Heard at (s)', align: 'right' },
      { title: `Loss of ${measure.symbol} without it`, align: 'right' },
      { title: 'Words', align: 'left' },
    ],
    moments.map(({ kind, run, heard, drop, words }) => [
      ...[kind, found.runs[run].stimulus, `${heard[0].toFixed(1)}–${heard[1].toFixed(1)}`, drop.toFixed(4), words],
    ]),
  )
  const alphas = [...new Set(folds.map(({ alpha }) => (alpha === null ? 'several' : alpha.toPrecision(3))))].join(', ')
  const lines = [
    `${place.label}: ${of}`,
    `${measure.name} ${formatScore(found.stored)} over ${folds.length} folds, alpha ${alphas}${
      scores.ceiling ? `, noise ceiling ${formatScore(scores.ceiling.r)} (${scores.ceiling.kind})` : ''
    }`,
    `Heard ${delay.seconds.toFixed(1)} s before it is recorded: ${delay.words}`,
    ...['', layers, '', told],
  ]
  return [...lines, ...(out === undefined ? [] : ['', `Tables: ${out}`])].join('\n')
}
