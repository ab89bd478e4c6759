/** Wilcoxon's signed-rank test over subjects at every target, a few targets at a time. */
import { adjust, corrections, describe, wilcoxon } from '../../statistics/index.ts'
import type { Significance, Tested } from './significance.ts'

/** Targets between two turns of others. */
const block = 512

/**
 * @param maps a subject's scores each, or its differences [n_targets]; what is not finite is left out
 * @param pause lets others have their turn
 * @returns null where no target can be tested
 */
export async function signedRankSignificance(
  maps: readonly (Float32Array | Float64Array)[],
  { paired, correction, from }: Tested,
  pause: () => Promise<void>,
): Promise<Significance | null> {
  const [rows, targets] = [maps.length, maps[0]?.length ?? 0]
  const alternative = paired ? 'two-sided' : 'greater'
  const p = new Float64Array(targets).fill(NaN)
  const how = new Set<string>()
  let [most, tests, least] = [0, 0, Infinity]
  for (let from = 0; from < targets; from += block) {
    const cols = Math.min(block, targets - from)
    const data = new Float64Array(rows * cols)
    maps.forEach((map, s) => data.set(map.subarray(from, from + cols), s * cols))
    const found = wilcoxon({ rows, cols, data }, { alternative, zeros: 'wilcox', method: 'auto', continuity: false })
    p.set(found.p, from)
    most = Math.max(most, ...found.n)
    for (const value of found.p) if (!Number.isNaN(value)) tests++
    // Of a block whose targets have both, the numbers of targets: of all of them it is said in general.
    for (const words of found.test.parameters)
      how.add(words.startsWith('exact at') ? 'exact up to 50 subjects, normal approximation above' : words)
    await pause()
  }
  if (tests === 0) return null
  const adjusted = correction === null ? p : adjust(p, correction)
  for (const value of adjusted) if (value < least) least = value
  const words = correction === null ? null : `${corrections[correction]} over ${tests.toLocaleString('en')} vertices`
  const test = describe({
    ...{
      name: 'Wilcoxon signed-rank test',
      alternative,
      n: most,
      correction: words,
      parameters: [...how, ...(from === '' ? [] : [from.replace(/^, /, '')])],
    },
    ...(most <= 50 && { smallestP: (paired ? 2 : 1) / 2 ** most }),
  })
  return { p: adjusted, test, least }
}
