/** What a place's inspection holds, as tables. Pure. */
import type { Inspection, PointScores } from '../contract/inspect.ts'
import { tsvText } from '../formats/tsv.ts'

type Cell = string | number | null

interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly text: string
}

const table = (name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Table => ({
  ...{ name, columns, rows },
  text: tsvText([columns, ...rows]),
})

/**
 * `layers`: the mean over subjects of every layer with its interval; `subjects`: each one's; `timecourse`: a row a sample;
 * `folds`; `moments`; and `weights` where they were asked for. Seconds are of the stimulus's audio.
 */
export function inspectionTables(scores: PointScores, found: Inspection): readonly Table[] {
  return [layers(scores), subjects(scores), timecourse(found), folds(found), moments(found), ...weights(found)]
}

const layers = ({ rows, measure }: PointScores) =>
  table(
    'layers',
    ['model', 'regime', 'language', 'layer', 'subjects', 'score', 'mean', 'low95', 'high95'],
    rows.map((row) => [
      ...[row.model, row.regime, row.language, row.layer],
      row.values.filter((value) => !Number.isNaN(value)).length,
      ...[measure.symbol, row.mean, row.low, row.high],
    ]),
  )

const subjects = ({ rows }: PointScores) =>
  table(
    'subjects',
    ['model', 'layer', 'subject', 'score'],
    rows.flatMap((row) => row.subjects.map((subject, i) => [row.model, row.layer, subject, row.values[i]])),
  )

function timecourse({ runs, measured, predicted, contribution, drop, fold }: Inspection) {
  let start = 0
  const rows = runs.flatMap(({ samples, stimulus, first, tr }, run) => {
    const own = Array.from({ length: samples }, (_, i): readonly Cell[] => {
      const at = start + i
      const seconds = Math.round(1e6 * (first + i * tr)) / 1e6
      return [
        ...[run + 1, stimulus, seconds, measured[at], predicted[at]],
        ...[fold[at] < 0 ? null : fold[at] + 1, contribution[at], drop[at]],
      ]
    })
    start += samples
    return own
  })
  const columns = ['run', 'stimulus', 'seconds', 'measured', 'predicted', 'fold', 'contribution', 'loss_without_window']
  return table('timecourse', columns, rows)
}

const folds = (found: Inspection) =>
  table(
    'folds',
    ['fold', 'samples', 'score', 'alpha'],
    found.folds.map(({ samples, score, alpha }, i) => [i + 1, samples, score, alpha]),
  )

const moments = (found: Inspection) =>
  table(
    'moments',
    [
      'kind',
      'run',
      'stimulus',
      'recorded_from',
      'recorded_to',
      'heard_from',
      'heard_to',
      'loss',
      'contribution',
      'words',
    ],
    found.moments.map(({ kind, run, recorded, heard, drop, contribution, words }) => [
      ...[kind, run + 1, found.runs[run].stimulus, ...recorded, ...heard, drop, contribution, words],
    ]),
  )

function weights({ weights: found }: Inspection): readonly Table[] {
  if (found === null) return []
  let at = 0
  const rows = found.groups.flatMap(({ label, units }) =>
    Array.from({ length: units }, (_, unit): readonly Cell[] => {
      const row = [label, unit, found.names[unit] ?? '', found.weights[at], found.spreads[at]]
      at++
      return row
    }),
  )
  return [table('weights', ['regressors', 'unit', 'name', 'weight', 'sd'], rows)]
}
