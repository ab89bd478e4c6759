import { nuisanceBasis, removeNuisance } from '../cleaning/nuisance.ts'
import { robustScaleColumns } from '../cleaning/robustScale.ts'
import { HeschlError } from '../errors.ts'
import { readTable } from '../formats/tableFile.ts'
import { parseTsv } from '../formats/tsv.ts'
import type { Matrix32, Matrix64 } from '../linalg/matrix.ts'
import { zeros64 } from '../linalg/matrix.ts'
import { standardizeColumns } from '../scoring/index.ts'
import type { ResolvedEncoding } from '../study/encoding.ts'

/** What is done to a recording before anything is fitted to it. */
export type Cleaning = Pick<ResolvedEncoding, 'trim' | 'detrend' | 'highPass' | 'confounds' | 'standardizeY'>

/** The options of an encoding model that concern the recording alone; part of content keys. */
export function cleaningOf(encoding: ResolvedEncoding): Cleaning {
  const { trim, detrend, highPass, confounds, standardizeY } = encoding
  return { trim, detrend, highPass, confounds, standardizeY }
}

interface RunFiles {
  /** Seconds between volumes. */
  readonly tr: number
  /** A table of a row a volume. */
  readonly confounds?: string
}

/** Fewest volumes of a run that are of any use. */
const fewestVolumes = 3

/**
 * A run without the volumes at its ends: a view.
 * @throws HeschlError OPTION_INVALID where fewer than 3 volumes would be left
 */
export function trimRows(run: Matrix32, { start, end }: Cleaning['trim']): Matrix32 {
  const rows = run.rows - start - end
  if (rows < fewestVolumes) {
    throw new HeschlError('OPTION_INVALID', 'Trimming leaves nothing of a run', {
      expected: `at least ${fewestVolumes} volumes`,
      found: `${run.rows} volumes, less ${start} and ${end}`,
      remedy: 'Lower `encoding.trim`, or leave the run out',
    })
  }
  return { data: run.data.subarray(start * run.cols, (start + rows) * run.cols), rows, cols: run.cols }
}

/**
 * Trims, clears of trend, drifts and confounds, and scales one run, in this order.
 * @param y [volumes, targets], as it was recorded; written over
 * @returns [volumes left, targets]
 * @throws HeschlError as `trimRows`, `readConfounds` and `nuisanceBasis`
 */
export async function cleanRun(y: Matrix32, recording: RunFiles, options: Cleaning): Promise<Matrix32> {
  const run = await clearRun(y, recording, options)
  const { standardizeY } = options
  // By the training fold's mean and SD: once there is a training fold.
  if (standardizeY === 'none' || standardizeY === 'training-fold') return run
  if (standardizeY === 'per-run') return standardizeColumns(run)
  const [from, to] = standardizeY.robust
  return robustScaleColumns(run, { from, to })
}

/** As `cleanRun`, without the scaling. */
export async function clearRun(
  y: Matrix32,
  { tr, confounds: file }: RunFiles,
  { trim, detrend, highPass, confounds }: Cleaning,
): Promise<Matrix32> {
  const run = trimRows(y, trim)
  if (detrend === 0 && highPass === null && confounds.length === 0) return run
  const table = confounds.length > 0 && file !== undefined ? await readConfounds(file, confounds) : undefined
  if (table && table.rows !== y.rows) {
    throw new HeschlError('SHAPE_MISMATCH', 'The confounds have another number of volumes than the run', {
      where: { file: file! },
      expected: `${y.rows} rows`,
      found: `${table.rows}`,
      remedy: 'Name the table that belongs to this run',
    })
  }
  const rows = table && { ...table, data: table.data.subarray(trim.start * table.cols), rows: run.rows }
  const kept = rows && { ...rows, data: rows.data.subarray(0, run.rows * rows.cols) }
  const options = {
    tr,
    trend: detrend,
    ...(highPass === null ? {} : { highPass }),
    ...(kept ? { confounds: kept } : {}),
  }
  try {
    removeNuisance(run, nuisanceBasis(run.rows, options))
  } catch (error) {
    const { code, summary, parts } = HeschlError.from(error)
    throw new HeschlError(code, summary, { ...parts, ...(file === undefined ? {} : { where: { file } }) })
  }
  return run
}

/**
 * Columns of a table of confounds, as fMRIPrep writes it: [volumes, columns]. `n/a` is NaN.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID (a column that is not there, with the line for a
 *   value that is no number)
 */
async function readConfounds(file: string, names: readonly string[]): Promise<Matrix64> {
  const { columns, rows } = await readTable(file, parseTsv)
  const places = names.map((name) => {
    const at = columns.indexOf(name)
    if (at >= 0) return at
    throw new HeschlError('FORMAT_INVALID', `The confounds have no column "${name}"`, {
      where: { file, line: 1 },
      expected: name,
      found: columns.join(', ').slice(0, 500),
      remedy: 'Correct `encoding.confounds`, or the recording’s `confounds`',
    })
  })
  const table = zeros64(rows.length, names.length)
  for (const [v, { line, values }] of rows.entries()) {
    for (const [c, at] of places.entries()) {
      const text = values[at].trim()
      const value = text === 'n/a' ? NaN : Number(text)
      if (text === '' || (Number.isNaN(value) && text !== 'n/a')) {
        throw new HeschlError('FORMAT_INVALID', `A value of the confound "${names[c]}" is no number`, {
          where: { file, line },
          expected: 'a number',
          found: text === '' ? 'nothing' : `"${text.slice(0, 80)}"`,
          remedy: 'Correct the table',
        })
      }
      table.data[v * names.length + c] = value
    }
  }
  return table
}
