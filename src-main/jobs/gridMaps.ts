/** Maps for a grid of cortices: scores, differences, shares of the ceiling, preferred layers, p values. */
import { setImmediate as pause } from 'node:timers/promises'
import type { GridMap, MapAnswer, MapCorrection, MapSpec, ScoredPart } from '../contract/maps.ts'
import { HeschlError } from '../errors.ts'
import { preferredLayer } from '../pipeline/maps/preferred.ts'
import { minusLog10, significance } from '../pipeline/maps/significance.ts'
import type { Significance, Tested } from '../pipeline/maps/significance.ts'
import { signedRankSignificance } from '../pipeline/maps/signedRanks.ts'
import { sharesOfCeiling } from '../pipeline/summaries.ts'
import { measures, subjectsOf } from './results.ts'
import type { Chosen, Results } from './results.ts'

/** In the order of `specs`; a map that cannot be given says why, and leaves the others alone. */
export async function gridMaps(
  results: Results,
  specs: readonly MapSpec[],
  correction: MapCorrection,
): Promise<readonly MapAnswer[]> {
  const answers: MapAnswer[] = []
  for (const spec of specs) {
    try {
      answers.push({ ok: true, map: await gridMap(results, spec, correction === 'none' ? null : correction) })
    } catch (error) {
      answers.push({ ok: false, error: HeschlError.from(error).serialize() })
    }
  }
  return answers
}

async function gridMap(results: Results, spec: MapSpec, correction: Tested['correction']): Promise<GridMap> {
  const { encoding } = results
  const measure = measures[encoding.score.measure].name
  const chosen = results.chosen(spec.of)
  /** What is tested is whether the scores are above chance, unless it is a difference. */
  const tested = async (less: ScoredPart | null) => {
    if (correction === null) return null
    const found = await student(results, chosen, less, correction)
    return found && split(results, found)
  }
  switch (spec.kind) {
    case 'score': {
      const { mean } = await results.group(chosen.fits)
      const map = results.asMap(mean, results.scoreLabel(chosen.fits), chosen)
      return { ...map, significance: await tested(null) }
    }
    case 'difference': {
      const { values, common } = await difference(results, chosen, spec.less)
      const map = results.asMap(values, `Difference of ${measure}${subjectWords(results, common)}`, chosen)
      return { ...map, subjects: common, significance: await tested(spec.less) }
    }
    case 'share': {
      const ceiling = results.ceiling()
      if (!ceiling)
        throw new HeschlError('FILE_MISSING', 'The study has no noise ceiling', {
          remedy: 'Name one in the study file (`encoding: {ceiling: …}`) and run it',
        })
      const { mean } = await results.group(chosen.fits)
      const values = sharesOfCeiling(mean, ceiling.map, encoding.score.measure)
      const words = `Share of the noise ceiling${subjectWords(results, subjectsOf(chosen.fits))}`
      return { ...results.asMap(values, words, chosen), significance: await tested(null) }
    }
    case 'preferred': {
      const means: Float32Array[] = []
      for (const layer of spec.layers)
        means.push((await results.group(results.chosen({ ...spec.of, layer }).fits)).mean)
      const words = `Layer with the largest mean ${measure}${subjectWords(results, subjectsOf(chosen.fits))}`
      return { ...results.asMap(preferredLayer(means), words, chosen), significance: null }
    }
    case 'p': {
      // Subjects do not share electrodes: at each there is one score.
      const found = results.ofElectrodes
        ? null
        : await (spec.test === 'wilcoxon' ? signedRanks : student)(results, chosen, spec.less, correction)
      if (!found)
        throw new HeschlError('OPTION_INVALID', 'There is nothing to test', {
          expected: 'scores of at least two subjects that differ somewhere',
          found: results.ofElectrodes ? 'electrodes, each of one subject' : `${subjectsOf(chosen.fits)} subject`,
        })
      const name = correction === null ? 'p' : 'adjusted p'
      const map = results.asMap(minusLog10(found.p), `−log10 ${name}, ${found.test}`, chosen)
      return { ...map, significance: split(results, found) }
    }
  }
}

/** Over subjects, at every target. */
type Test = (
  results: Results,
  of: Chosen,
  less: ScoredPart | null,
  correction: Tested['correction'],
) => Promise<Significance | null>

const student: Test = async (results, of, less, correction) =>
  significance(
    await results.tested(of.fits, less && results.chosen(less).fits),
    testedAs(results, less !== null, correction),
  )

const signedRanks: Test = async (results, of, less, correction) =>
  signedRankSignificance(
    await results.testedMaps(of.fits, less && results.chosen(less).fits),
    testedAs(results, less !== null, correction),
    () => pause(),
  )

function testedAs({ chance }: Results, paired: boolean, correction: Tested['correction']): Tested {
  return { paired, correction, from: chance.less + (paired ? '' : chance.caution) }
}

/**
 * The mean difference over subjects who have both. Where at every target either all subjects have a score or none it is
 * the difference of the means, and their maps need not be read again.
 */
async function difference(results: Results, of: Chosen, less: ScoredPart) {
  const other = results.chosen(less)
  const own = new Set(of.fits.map(({ spec }) => spec.subject))
  const theirs = new Set(other.fits.map(({ spec }) => spec.subject))
  const common = own.intersection(theirs).size
  if (common === own.size && common === theirs.size) {
    const [a, b] = [await results.group(of.fits), await results.group(other.fits)]
    const whole = [a, b].every(({ moments }) => moments.count.every((count) => count === 0 || count === common))
    if (whole) {
      const values = Float32Array.from(a.moments.mean, (value, v) => value - b.moments.mean[v])
      return { values, common }
    }
  }
  const { mean } = await results.differences(of.fits, other.fits)
  return { values: Float32Array.from(mean), common }
}

function split(results: Results, { p, test, least }: Significance): NonNullable<GridMap['significance']> {
  return { ...results.split(Float32Array.from(p)), test, least }
}

const subjectWords = ({ ofElectrodes }: Results, subjects: number) =>
  subjects > 1 ? `${ofElectrodes ? '; electrodes' : ', mean'} of ${subjects} subjects` : ''
