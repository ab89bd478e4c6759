/** What is compared with what, within subjects. */
import type { Matrix, Matrix64 } from '../../../linalg/matrix.ts'
import type { Alternative } from '../../../statistics/result.ts'
import { nestedRoles } from '../roles.ts'

/** In place of a role: the self-supervised models of a supervised one's language. */
export const counterpart = 'self-supervised'

export interface Contrast {
  readonly name: string
  readonly higher: string
  /** null is chance (findings/chance.ts). */
  readonly lower: string | null
  readonly alternative: Alternative
}

/**
 * The nested chain from chance up, over the regimes that there are: a regime that a study lacks is passed over, and its
 * neighbours are compared with each other.
 */
export function nestedContrasts(roles: ReadonlySet<string>): readonly Contrast[] {
  const chain = nestedRoles.filter((role) => roles.has(role))
  return chain.map((higher, i) => {
    const lower = i === 0 ? null : chain[i - 1]
    return { name: `${higher} > ${lower ?? 'chance'}`, higher, lower, alternative: 'greater' }
  })
}

export const supervisedContrast: Contrast = {
  name: `supervised vs ${counterpart}`,
  higher: 'supervised',
  lower: counterpart,
  alternative: 'two-sided',
}

/**
 * Differences of those subjects of a group who have both scores anywhere.
 * @param lower null: chance
 * @param rows subjects of the group
 * @returns [subjects, vertices] or [subjects, regions], and which rows they are of
 */
export function differencesOf(
  higher: Matrix,
  lower: Matrix | null,
  rows: readonly number[],
): { readonly differences: Matrix64; readonly kept: readonly number[] } {
  const { cols } = higher
  const has = ({ data }: Matrix, row: number) => {
    for (let v = row * cols; v < (row + 1) * cols; v++) if (Number.isFinite(data[v])) return true
    return false
  }
  const kept = rows.filter((row) => has(higher, row) && (lower === null || has(lower, row)))
  const data = new Float64Array(kept.length * cols)
  for (const [i, row] of kept.entries()) {
    for (let v = 0; v < cols; v++) {
      data[i * cols + v] = higher.data[row * cols + v] - (lower === null ? 0 : lower.data[row * cols + v])
    }
  }
  return { differences: { data, rows: kept.length, cols }, kept }
}
