/** What is coloured in a grid of maps, as numbers and in words. */
import { isDiverging, type ColormapName } from '../colormaps/tables.ts'
import { formatLimit, formatShare } from './format.ts'

export type Correction = 'benjamini-hochberg' | 'benjamini-yekutieli'

export type Gate =
  | { readonly kind: 'none' }
  /** `automatic`: as far above 0 as the 2nd percentile of all maps together is below. */
  | { readonly kind: 'value'; readonly at: number | 'automatic' }
  /** Coloured are the values above this percentile of all maps together; of a diverging map, of their distances to 0. */
  | { readonly kind: 'percentile'; readonly at: number }
  | { readonly kind: 'fdr'; readonly level: number; readonly correction: Correction }

/**
 * The value that a percentile stands for, by linear interpolation between order statistics (numpy's default).
 * @param maps each [vertices]; what is not finite is left out
 * @param absolute of the values' sizes
 * @returns NaN where there is no value
 */
export function percentileOf(maps: readonly Float32Array[], percent: number, absolute: boolean): number {
  let count = 0
  for (const map of maps) for (const value of map) if (Number.isFinite(value)) count++
  if (count === 0) return NaN
  const values = new Float32Array(count)
  let at = 0
  for (const map of maps)
    for (const value of map) if (Number.isFinite(value)) values[at++] = absolute ? Math.abs(value) : value
  values.sort()
  const place = (Math.min(100, Math.max(0, percent)) / 100) * (count - 1)
  const below = values[Math.floor(place)]
  return below + (values[Math.min(count - 1, Math.floor(place) + 1)] - below) * (place - Math.floor(place))
}

interface Told {
  readonly gate: Gate
  /** What the gate came to; null where there is none. */
  readonly threshold: number | null
  readonly colormap: ColormapName
  readonly fade: boolean
  /** How many maps share the scale. */
  readonly maps: number
  /** The test of the maps, where all have the same; its smallest adjusted p. */
  readonly test: { readonly words: string; readonly least: number } | null
}

/** What the maps of a scale were tested by; null where none was. */
export function testOf(
  maps: readonly { readonly significance: { readonly test: string; readonly least: number } | null }[],
): Told['test'] {
  const tests = maps.flatMap(({ significance }) => (significance ? [significance] : []))
  if (tests.length === 0) return null
  return {
    words: [...new Set(tests.map(({ test }) => test))].join('; '),
    least: Math.min(...tests.map(({ least }) => least)),
  }
}

/** The meaning of a threshold, for under the colour bar. @param electrodes whether values are of electrodes */
export function gateWords(told: Told, electrodes = false): string {
  const words = wordsOf(told)
  return electrodes ? words.replaceAll('vertices', 'electrodes').replaceAll('vertex', 'electrode') : words
}

function wordsOf({ gate, threshold, colormap, fade, maps, test }: Told): string {
  const rest = fade ? 'fainter the further below' : 'the rest is not coloured'
  const bound = threshold === null ? '' : formatLimit(threshold)
  const reached = isDiverging(colormap) ? `at least ${bound} from 0` : `at least ${bound}`
  switch (gate.kind) {
    case 'none':
      return 'every vertex with a value is coloured'
    case 'value': {
      if (threshold === null) return 'every vertex with a value is coloured'
      if (gate.at !== 'automatic') return `coloured: ${reached}; ${rest}`
      const why = 'as far above 0 as the scatter of what cannot be predicted is below'
      return `coloured: ${reached} (${why}); ${rest}. A way of looking, not a test`
    }
    case 'percentile': {
      const top = formatLimit(100 - gate.at)
      const of = maps > 1 ? `all vertices of these ${maps} maps` : 'the vertices of this map'
      return `coloured: the ${isDiverging(colormap) ? 'largest' : 'highest'} ${top} % of ${of} (${reached}); ${rest}. A way of looking, not a test`
    }
    case 'fdr': {
      if (!test) return 'not tested: this needs scores of at least two subjects'
      const share = formatShare(gate.level)
      const none =
        test.least > gate.level ? ` Nothing passes: the smallest adjusted p is ${formatLimit(test.least)}.` : ''
      return (
        `coloured: false discovery rate ${share}: of what is fully coloured in a map, at most ${share} is expected to be chance; ` +
        `${rest}.${none} ${test.words}`
      )
    }
  }
}
