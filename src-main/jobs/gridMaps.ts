/** Maps for a grid of cortices: scores, differences, shares of the ceiling, preferred layers, p values. */
import { setImmediate as pause } from 'node:timers/promises'
import type { GridMap, MapAnswer, MapCorrection, MapSpec, ScoredPart } from '../contract/maps.ts'
import { HeschlError } from '../errors.ts'
import type { Moments } from '../pipeline/maps/moments.ts'
import { preferredLayer } from '../pipeline/maps/preferred.ts'
import { minusLog10, significance } from '../pipeline/maps/significance.ts'
import type { Significance } from '../pipeline/maps/significance.ts'
import { signedRankSignificance } from '../pipeline/maps/signedRanks.ts'
import { sharesOfCeiling } from '../pipeline/summaries.ts'
import { measures, scoreLabel, subjectsOf } from './results.ts'
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
      if (results.onElectrodes) throw noCortex()
      answers.push({ ok: true, map: await gridMap(results, spec, correction === 'none' ? null : correction) })
    } catch (error) {
      answers.push({ ok: false, error: HeschlError.from(error).serialize() })
    }
  }
  return answers
}

async function gridMap(
  results: Results,
  spec: MapSpec,
  correction: Exclude<MapCorrection, 'none'> | null,
): Promise<GridMap> {
  const { encoding } = results
  const measure = measures[encoding.score.measure].name
  const chosen = results.chosen(spec.of)
  /** What is tested is whether the scores are above 0, unless it is a difference. */
  const tested = async (own: Moments | null) => {
    if (correction === null) return null
    const found = own
      ? significance(own, true, correction)
      : significance((await results.group(chosen.fits)).moments, false, correction)
    return found && split(results, found, chosen)
  }
  switch (spec.kind) {
    case 'score': {
      const { mean } = await results.group(chosen.fits)
      const map = results.asMap(mean, scoreLabel(encoding, subjectsOf(chosen.fits)), chosen)
      return { ...map, significance: await tested(null) }
    }
    case 'difference': {
      const { values, moments, common } = await difference(results, chosen, spec.less, correction !== null)
      const map = results.asMap(values, `Difference of ${measure}${subjectWords(common)}`, chosen)
      return { ...map, subjects: common, significance: await tested(moments) }
    }
    case 'share': {
      const ceiling = results.ceiling()
      if (!ceiling)
        throw new HeschlError('FILE_MISSING', 'The study has no noise ceiling', {
          remedy: 'Name one in the study file (`encoding: {ceiling: …}`) and run it',
        })
      const { mean } = await results.group(chosen.fits)
      const values = sharesOfCeiling(mean, ceiling.map, encoding.score.measure)
      const words = `Share of the noise ceiling${subjectWords(subjectsOf(chosen.fits))}`
      return { ...results.asMap(values, words, chosen), significance: await tested(null) }
    }
    case 'preferred': {
      const means: Float32Array[] = []
      for (const layer of spec.layers)
        means.push((await results.group(results.chosen({ ...spec.of, layer }).fits)).mean)
      const words = `Layer with the largest mean ${measure}${subjectWords(subjectsOf(chosen.fits))}`
      return { ...results.asMap(preferredLayer(means), words, chosen), significance: null }
    }
    case 'p': {
      const found =
        spec.test === 'wilcoxon'
          ? await signedRanks(results, chosen, spec.less, correction)
          : significance(
              spec.less
                ? (await difference(results, chosen, spec.less, true)).moments!
                : (await results.group(chosen.fits)).moments,
              spec.less !== null,
              correction,
            )
      if (!found)
        throw new HeschlError('OPTION_INVALID', 'There is nothing to test', {
          expected: 'scores of at least two subjects that differ somewhere',
          found: `${subjectsOf(chosen.fits)} subject`,
        })
      const name = correction === null ? 'p' : 'adjusted p'
      const map = results.asMap(minusLog10(found.p), `−log10 ${name}, ${found.test}`, chosen)
      return { ...map, significance: split(results, found, chosen) }
    }
  }
}

async function signedRanks(
  results: Results,
  of: Chosen,
  less: ScoredPart | null,
  correction: Exclude<MapCorrection, 'none'> | null,
): Promise<Significance | null> {
  const maps = await results.subjectMaps(of.fits, less && results.chosen(less).fits)
  return signedRankSignificance(maps, less !== null, correction, () => pause())
}

/**
 * The mean difference over subjects who have both. Where at every target either all subjects have a score or none it is
 * the difference of the means, and their maps need not be read again.
 */
async function difference(results: Results, of: Chosen, less: ScoredPart, tested: boolean) {
  const other = results.chosen(less)
  const own = new Set(of.fits.map(({ spec }) => spec.subject))
  const theirs = new Set(other.fits.map(({ spec }) => spec.subject))
  const common = own.intersection(theirs).size
  if (!tested && common === own.size && common === theirs.size) {
    const [a, b] = [await results.group(of.fits), await results.group(other.fits)]
    const whole = [a, b].every(({ moments }) => moments.count.every((count) => count === 0 || count === common))
    if (whole) {
      const values = Float32Array.from(a.moments.mean, (value, v) => value - b.moments.mean[v])
      return { values, moments: null, common }
    }
  }
  const moments = await results.differences(of.fits, other.fits)
  return { values: Float32Array.from(moments.mean), moments, common }
}

function split(
  results: Results,
  { p, test, least }: Significance,
  chosen: Chosen,
): NonNullable<GridMap['significance']> {
  const { left, right } = results.asMap(Float32Array.from(p), '', chosen)
  return { left, right, test, least }
}

const subjectWords = (subjects: number) => (subjects > 1 ? `, mean of ${subjects} subjects` : '')

const noCortex = () =>
  new HeschlError('OPTION_INVALID', 'These maps are of a cortex', {
    expected: 'recordings of the vertices of a surface',
    found: 'recordings of electrodes, which subjects do not share',
    remedy: 'The table of layers has their scores',
  })
