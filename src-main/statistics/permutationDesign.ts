/** What a permutation test rearranges, and how a weighted sum over subjects becomes Student's t. */
import { HeschlError } from '../errors.ts'
import type { Matrix, Matrix64 } from '../linalg/matrix.ts'
import { checkSameVertices, checkShape, forEachColumn } from './columns.ts'
import { relabellings, signFlips } from './rearrangements.ts'
import type { RearrangementOptions, Rearrangements } from './rearrangements.ts'
import { reasonCode } from './result.ts'
import type { Alternative } from './result.ts'
import { ScaledColumns } from './scaledColumns.ts'

export interface Design {
  readonly rearrangements: Rearrangements
  /** Columns of unit norm (two groups: about their mean); 0 where not tested. `less` turns their sign. */
  readonly columns: ScaledColumns
  readonly toStatistic: (sum: number) => number
  /** 1, or -1 where the columns' sign was turned. */
  readonly direction: 1 | -1
  /** Vertices that are tested. */
  readonly tested: Uint32Array
  readonly n: Uint32Array
  readonly reason: Uint8Array
  readonly subjects: number | readonly [number, number]
  readonly name: string
  /** Whether a rearrangement's opposite is one too: of signs, not of groups. */
  readonly paired: boolean
}

type DesignOptions = RearrangementOptions & { readonly alternative: Alternative }

/** t is infinite where all values are the same; so that enhanced maps stay finite, it is held at about 10^6. */
const closest = 1e-12

export function signFlipDesign(values: Matrix, options: DesignOptions): Design {
  checkShape(values)
  const subjects = values.rows
  const rearrangements = signFlips(subjects, options)
  const shift = new Float64Array(values.cols)
  // With columns of unit norm, u = Σ s x: mean u / n, and Σ (s x - mean)² = 1 - u² / n.
  const toStatistic = (sum: number): number =>
    (sum * Math.sqrt((subjects - 1) / subjects)) / Math.sqrt(Math.max(closest, 1 - (sum * sum) / subjects))
  return {
    ...design(values, shift, options, rearrangements, toStatistic),
    subjects,
    name: 'the mean against 0 by sign flips',
    paired: true,
  }
}

export function groupDesign(a: Matrix, b: Matrix, options: DesignOptions): Design {
  checkShape(a)
  checkShape(b)
  checkSameVertices(a, b)
  if (a.rows < 1 || b.rows < 1 || a.rows + b.rows < 3) {
    throw new HeschlError('OPTION_INVALID', 'Two groups have too few subjects', {
      expected: 'at least one in each group, and three in all',
      found: `${a.rows} and ${b.rows}`,
    })
  }
  const [na, nb] = [a.rows, b.rows]
  const n = na + nb
  const first = Array.from({ length: n }, (_, subject) => subject < na)
  const rearrangements = relabellings(first, options)
  const both: Matrix64 = { data: new Float64Array(n * a.cols), rows: n, cols: a.cols }
  both.data.set(a.data)
  both.data.set(b.data, na * a.cols)
  const shift = new Float64Array(a.cols)
  for (let v = 0; v < a.cols; v++) {
    for (let row = 0; row < n; row++) shift[v] += both.data[row * a.cols + v] / n
  }
  // With columns of mean 0 and unit norm, u = Σ over the first group: between-group squares u² (1/na + 1/nb).
  const share = 1 / na + 1 / nb
  const toStatistic = (sum: number): number =>
    (sum * share) / Math.sqrt((Math.max(closest, 1 - sum * sum * share) / (n - 2)) * share)
  const built = design(both, shift, options, rearrangements, toStatistic)
  return { ...built, subjects: [na, nb], name: 'the difference of two groups', paired: false }
}

function design(
  values: Matrix,
  shift: Float64Array,
  { alternative }: DesignOptions,
  rearrangements: Rearrangements,
  toStatistic: (sum: number) => number,
): Omit<Design, 'subjects' | 'name' | 'paired'> {
  const direction = alternative === 'less' ? -1 : 1
  const scale = new Float64Array(values.cols)
  const reason = new Uint8Array(values.cols)
  const n = new Uint32Array(values.cols)
  const tested: number[] = []
  forEachColumn(values, (v, column, count) => {
    n[v] = count
    if (count < values.rows) {
      reason[v] = reasonCode(count === 0 ? 'no value' : 'incomplete')
      return
    }
    let largest = 0
    let equal = true
    for (let i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(column[i] - shift[v]))
      if (column[i] !== column[0]) equal = false
    }
    if (equal) {
      reason[v] = reasonCode(column[0] === 0 ? 'all zero' : 'all equal')
      return
    }
    let squares = 0
    for (let i = 0; i < count; i++) squares += ((column[i] - shift[v]) / largest) ** 2
    scale[v] = direction / (largest * Math.sqrt(squares))
    tested.push(v)
  })
  return {
    ...{ rearrangements, toStatistic, direction, n, reason },
    columns: new ScaledColumns(values, shift, scale),
    tested: Uint32Array.from(tested),
  }
}
